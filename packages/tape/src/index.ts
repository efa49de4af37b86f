export {
  type DifferentTape,
  type FileReport,
  rate,
  type Report,
  runFiles,
  type RunOptions,
  TapeFileError,
} from './replay/files.js';
export { type Difference, explain, type FieldDifference, type Outcome } from './replay/difference.js';
export { prepare } from './replay/prepare.js';
export { play, type Replay, replay } from './replay/replay.js';
export { EduDevice, engineWrites } from './tapes/edu.js';
export { boot, type Boot, bootSmmuv3, type Machine, QEMU_SMMUV3 } from './tapes/machine.js';
export { parseTapes, readTapes, type Step, type Tape } from './tapes/tape.js';
export { trace, type TracedCall } from './print/trace.js';
