import type { FaultSettings } from './fault-injection.js';
import type { FailurePlan } from './failure-points.js';
import type { File } from './file.js';
import type { LockedPages } from './locked-pages.js';
import type { Task } from './task.js';
import type { TaskWork } from './task-work.js';

/** The kernel as a process sees it. */
export interface ProcessKernel {
  /** Work deferred to the return of the current system call. */
  readonly taskWork: TaskWork;
  /** Does anonymous memory get transparent huge pages? */
  readonly transparentHugePages: boolean;
  /** What fails in its system calls: fault injection. */
  readonly failures: FailurePlan | undefined;
  /** What programs have set of fault injection. */
  readonly faults: FaultSettings;
  /** The name of an ioctl, for fault injection. */
  nameOfIoctl(request: number): string;
  /** The locked pages of a user, whose processes count them together. */
  userOf(uid: number): LockedPages;
  /** Opens a device node. @throws ENOENT */
  openNode(path: string): File;
  /** Called when a process has exited. */
  reap(process: Task): void;
}
