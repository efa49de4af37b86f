export { expectToBe, expectToEqual } from './expect.js';
export { StepCounter } from './steps.js';
