/**
 * `@iommufd/tape/browser`: the part of `@iommufd/tape` that does not need Node. A web page reads, prints and replays tapes with it.
 * The main entry point exports the same names, and functions that read files.
 */
export {
  explain,
  type Difference,
  type FieldDifference,
  type Finding,
  type Outcome,
} from './replay/difference.js';
export { prepare, type PreparedTape } from './replay/prepare.js';
export { SteppedReplay } from './replay/replay.js';
export { boot, type Boot, type Machine } from './tapes/machine.js';
export { type Hardware, type MachineDevice, makeHardware, makeKernel } from './tapes/hardware.js';
export { type DeviceOutcome, type DeviceStep, DeviceSteps } from './tapes/device-steps.js';
export { type MachineOptions, parseTapes, type Step, type Tape } from './tapes/tape.js';
export { isCallLine, parseTraceLines, type ProcessLine, type TraceLine } from './text/lines.js';
export { resultText } from './print/fields.js';
export {
  type Consequence,
  type GuestStep,
  type GuestTape,
  isGuestTape,
  type MemoryWords,
  parseGuestTape,
} from './guest/guest-tape.js';
export { CallTracer, type Memory, memoryAfter, type TracerOptions } from './print/trace.js';
export type { TracedCall, TracedLoss } from './print/traced-call.js';
export type { TracedMemory } from './print/traced-memory.js';
