export { type AbiFacts, iommufdFacts, smmuv3Facts } from './abi.js';
export { parseTapes, readTapes, type Step, type Tape, TAPES } from './tape.js';
export { trace, type TracedCall } from './trace.js';
