export { type AbiFacts, iommufdFacts, smmuv3Facts } from './abi/facts.js';
export {
  type DifferentTape,
  type FileReport,
  rate,
  type Report,
  runFiles,
  type RunOptions,
  TapeFileError,
} from './replay/conformance.js';
export { type Difference, type FieldDifference, type Outcome } from './replay/difference.js';
export { boot, type Machine } from './tapes/machine.js';
export { type Replay, replay } from './replay/replay.js';
export { parseTapes, readTapes, type Step, type Tape, TAPES, VERSION_TAPES } from './tapes/tape.js';
export { trace, type TracedCall } from './print/trace.js';
