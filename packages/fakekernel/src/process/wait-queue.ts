/** The waiters of a file: `wait_queue_head_t`. A woken waiter checks the file again itself. */
export class WaitQueue {
  private readonly waiters = new Set<() => void>();

  /** Calls `notice` at each wake-up until the function that it returns is called. */
  add(notice: () => void): () => void {
    this.waiters.add(notice);
    return () => this.waiters.delete(notice);
  }

  wake(): void {
    if (this.waiters.size === 0) return;
    // A waiter that is woken may leave, and a new one come: the new one is not woken for what was before.
    for (const notice of [...this.waiters]) notice();
  }
}
