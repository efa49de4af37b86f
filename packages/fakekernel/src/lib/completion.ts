/** Work that completes later, and callbacks for its completion. */
export class Completion {
  isDone = false;
  /** Work of the kernel that continues when it is done. A snapshot contains it. */
  private readonly continuations: (() => void)[] = [];
  /** Callbacks of callers outside the kernel. A snapshot leaves them out. */
  private readonly waiting: (() => void)[] = [];

  /** A completion of work that is done already. */
  static done(): Completion {
    const completion = new Completion();
    completion.finish();
    return completion;
  }

  /** The result of a write that waits for it: 0, or undefined while it is not done. */
  get status(): number | undefined {
    return this.isDone ? 0 : undefined;
  }

  /** For callers outside the kernel: calls `work` when it is done, or at once if it is already done. */
  whenDone(work: () => void): void {
    if (this.isDone) work();
    else this.waiting.push(work);
  }

  /** Continues work of the kernel when it is done, or at once if it is already done. @param work created by a `restorable()` */
  andThen(work: () => void): void {
    if (this.isDone) work();
    else this.continuations.push(work);
  }

  /** Marks it as done, continues the kernel's work, and calls the callbacks. */
  finish(): void {
    this.isDone = true;
    for (const work of this.continuations.splice(0)) work();
    for (const work of this.waiting.splice(0)) work();
  }
}
