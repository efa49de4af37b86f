/** Work that completes later, and callbacks for its completion. */
export class Completion {
  isDone = false;
  /** Called when it is done. */
  private readonly waiting: (() => void)[] = [];

  /** The result of a write that waits for it: 0, or undefined while it is not done. */
  get status(): number | undefined {
    return this.isDone ? 0 : undefined;
  }

  /** Calls `work` when it is done, or at once if it is already done. */
  whenDone(work: () => void): void {
    if (this.isDone) work();
    else this.waiting.push(work);
  }

  /** Marks it as done, and calls the callbacks. */
  finish(): void {
    this.isDone = true;
    for (const work of this.waiting.splice(0)) work();
  }
}
