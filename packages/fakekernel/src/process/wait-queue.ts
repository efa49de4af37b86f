/** Those who wait until a file has something: they are told, and look again themselves. */
export class WaitQueue {
  private readonly waiters = new Set<() => void>();

  /** Calls `notice` at each wake-up until the function that it returns is called. */
  add(notice: () => void): () => void {
    this.waiters.add(notice);
    return () => this.waiters.delete(notice);
  }

  wake(): void {
    if (this.waiters.size === 0) return;
    // Whoever is told may leave, and somebody else come: those are not told of what was before.
    for (const notice of [...this.waiters]) notice();
  }
}
