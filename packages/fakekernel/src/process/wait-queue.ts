/** The waiters of a file: `wait_queue_head_t`. A woken waiter checks the file again itself. */
export class WaitQueue {
  private readonly waiters = new Set<() => void>();

  /** Calls `notice` at each wake-up, until the returned function is called. */
  add(notice: () => void): () => void {
    this.waiters.add(notice);
    return () => this.waiters.delete(notice);
  }

  wake(): void {
    if (this.waiters.size === 0) return;
    // A woken waiter may remove itself, and new waiters may be added. This wake-up does not call the new ones.
    for (const notice of [...this.waiters]) notice();
  }
}
