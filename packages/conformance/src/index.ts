export { type AbiFacts, iommufdFacts, smmuv3Facts } from './abi.js';
export {
  type DifferentTape,
  type FileReport,
  rate,
  type Report,
  runFiles,
  type RunOptions,
  TapeFileError,
} from './conformance.js';
export { type Difference, type FieldDifference, type Outcome } from './difference.js';
export { boot, type Machine } from './machine.js';
export { type Replay, replay } from './replay.js';
export { parseTapes, readTapes, type Step, type Tape, TAPES } from './tape.js';
export { trace, type TracedCall } from './trace.js';
