/**
 * Work that is deferred until a system call returns: `task_work_add()`. If the last reference to a file is put in the middle of
 * an ioctl (`fput()`), the file is released here, because the release may change objects that the ioctl is using.
 */
export class TaskWork {
  private readonly works: (() => void)[] = [];
  /** Number of running system calls: a device can make one system call lead to another. */
  running = 0;

  /** True if no work is pending and no system call is running. */
  get isEmpty(): boolean {
    return this.works.length === 0 && this.running === 0;
  }

  add(work: () => void): void {
    this.works.push(work);
  }

  /** Runs all pending work, including the work that it adds. */
  run(): void {
    while (this.works.length > 0) this.works.shift()?.();
  }
}
