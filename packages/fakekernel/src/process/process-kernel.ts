import type { FaultSettings } from './fault-injection.js';
import type { FailurePlan } from './failure-points.js';
import type { File } from './file.js';
import type { LockedPages } from './locked-pages.js';
import type { Task } from './task.js';
import type { TaskWork } from './task-work.js';

/** The kernel as a process sees it. */
export interface ProcessKernel {
  /** Work that is deferred until the current system call returns. */
  readonly taskWork: TaskWork;
  /** True if anonymous memory uses transparent huge pages. */
  readonly transparentHugePages: boolean;
  /** One beyond the last address of user space. */
  readonly taskSize: number;
  /** The plan of failures in its system calls: fault injection. */
  readonly failures: FailurePlan | undefined;
  /** The settings of fault injection that programs have written. */
  readonly faults: FaultSettings;
  /** The name of an ioctl, for fault injection. */
  nameOfIoctl(request: number): string;
  /** The locked pages of a user, counted over all of its processes. */
  userOf(uid: number): LockedPages;
  /** Opens a device node. @throws ENOENT */
  openNode(path: string): File;
  /** Called when a process has exited. */
  reap(process: Task): void;
}
