export { LaunchError } from './launch.js';
export { UnsupportedError } from './platform.js';
export { type Exit, type NativeRun, type RunOptions, runProgram, type Standard } from './run.js';
export type { RecordOptions } from './record/recording.js';
export { LinuxSyscalls } from './syscalls/linux-syscalls.js';
export { describeCall, type DescribedCall } from './describe.js';
export type { AnsweredCall } from './supervisor.js';
