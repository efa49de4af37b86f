export { firstDifference, pattern } from './bytes.js';
export { thrownBy } from './errors.js';
export { isPending, turn } from './promises.js';
export { Random } from './random.js';
export { StepCounter } from './steps.js';
export { interruptedSyscalls } from './syscalls/interrupted.js';
export { listedSyscalls } from './syscalls/listed.js';
export { type Before, type SyscallName, wrapSyscalls } from './syscalls/wrap.js';
