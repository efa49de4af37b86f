import type { File } from './file.js';
import type { LockedPages } from './locked-pages.js';
import type { Task } from './task.js';
import type { TaskWork } from './task-work.js';

/** What a process asks of the kernel that it runs on. */
export interface ProcessKernel {
  /** What is left to do when the system call that is being made returns. */
  readonly taskWork: TaskWork;
  /** Is anonymous memory that fits given huge pages at once? */
  readonly transparentHugePages: boolean;
  /** The locked pages of a user, whose processes count them together. */
  userOf(uid: number): LockedPages;
  /** Opens a device node. @throws ENOENT */
  openNode(path: string): File;
  /** A process has ended. */
  reap(process: Task): void;
}
