/** Work that waits for something, and those that wait for it. */
export class Completion {
  isDone = false;
  /** What is called when it is done. */
  private readonly waiting: (() => void)[] = [];

  /** As the result of a write that waits for it: undefined while it is not done. */
  get status(): number | undefined {
    return this.isDone ? 0 : undefined;
  }

  /** Calls `work` when it is done, at once if it is. */
  whenDone(work: () => void): void {
    if (this.isDone) work();
    else this.waiting.push(work);
  }

  /** It is done. */
  finish(): void {
    this.isDone = true;
    for (const work of this.waiting.splice(0)) work();
  }
}
