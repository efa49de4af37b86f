export { StepCounter } from './steps.js';
