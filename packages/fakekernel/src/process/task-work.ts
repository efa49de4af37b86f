/**
 * What is put off to the moment at which a system call returns: `task_work_add()`. The last reference to a file that
 * goes in the middle of an ioctl (`fput()`) is released here, because its release may work on what the ioctl is
 * working on.
 */
export class TaskWork {
  private readonly works: (() => void)[] = [];
  /** System calls that are being made: one may lead to another, by a device. */
  running = 0;

  /** Is nothing left to do? Between system calls it is so. */
  get isEmpty(): boolean {
    return this.works.length === 0 && this.running === 0;
  }

  add(work: () => void): void {
    this.works.push(work);
  }

  /** Does what is there, and what comes of it. */
  run(): void {
    while (this.works.length > 0) this.works.shift()?.();
  }
}
