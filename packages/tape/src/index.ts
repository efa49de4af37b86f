export {
  type DifferentTape,
  type FileReport,
  type OtherFile,
  rate,
  type Report,
  runFiles,
  type RunOptions,
  TapeFileError,
} from './replay/files.js';
export {
  type Difference,
  explain,
  type FieldDifference,
  type Finding,
  type Outcome,
} from './replay/difference.js';
export { type OrderTapeOptions, tapeOfOrder, tapeText } from './orders/order-tape.js';
export { prepare, type PreparedTape } from './replay/prepare.js';
export {
  type Attempt,
  play,
  playAll,
  type PlayOptions,
  type Replay,
  replay,
  SteppedReplay,
} from './replay/replay.js';
export { engineWrites } from './tapes/edu.js';
export { Clock } from './machines/clock.js';
export { machineFilesOf } from './tapes/machine-files.js';
export {
  boot,
  type Boot,
  bootSmmuv3,
  kernelOf,
  type Machine,
  machineOf,
  QEMU_SMMUV3,
  type TapeProcess,
} from './tapes/machine.js';
export { type Hardware, type MachineDevice, makeHardware, makeKernel } from './tapes/hardware.js';
export { type DeviceAccess, type DeviceOutcome, type DeviceStep, DeviceSteps } from './tapes/device-steps.js';
export { pickPrivileges, PRIVILEGE_NAMES } from './tapes/privileges.js';
export { type MachineOptions, parseTapes, type Step, type Tape } from './tapes/tape.js';
export { readTapes } from './text/tape-file.js';
export {
  isCallLine,
  parseTrace,
  parseTraceLines,
  type ProcessLine,
  tracedLine,
  type TraceLine,
} from './text/lines.js';
export { processText, type ProcessEvent } from './text/process-lines.js';
export { isTraceText, tapeOfTrace } from './text/text-tape.js';
export { parseRecordings } from './text/recordings.js';
export {
  type Consequence,
  type GuestStep,
  type GuestTape,
  isGuestTape,
  type MemoryWords,
  parseGuestTape,
} from './guest/guest-tape.js';
export { eventfdsIn, mayHaveEventfds } from './calls/eventfds.js';
export {
  knownBytes,
  lengthBehind,
  type NumberField,
  numbersOf,
  type Pointer,
  pointersOf,
  rolesIn,
  type Values,
  valuesOf,
} from './calls/pointers.js';
export { fields, givenFields, resultText, returnedFields, type Words } from './print/fields.js';
export { CallTracer, type Memory, memoryAfter, trace, type TracerOptions } from './print/trace.js';
export type { TracedCall, TracedLoss } from './print/traced-call.js';
export type { TracedMemory } from './print/traced-memory.js';
export type { MachineFiles } from './tapes/machine.js';
