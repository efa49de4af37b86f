/** Page request group indexes have 9 bits (PCI Express 10.4.1). */
const INDEXES = 512;

/** Waits for the answer to the group of an index. */
export class IndexWaiter<A> {
  constructor(
    readonly index: number,
    /** Undefined in a kernel that was restored: who waited did so in another, and the index is only given back. */
    readonly answer: ((answer: A) => void) | undefined,
  ) {}
}

/** The page request group indexes of a device, which limit the number of outstanding groups. */
export class GroupIndexes {
  private readonly taken = new Set<number>();
  private readonly waiting: ((index: number) => void)[] = [];

  /** Takes the lowest free index. @returns undefined if all are taken */
  take(): number | undefined {
    for (let index = 0; index < INDEXES; index++) {
      if (this.taken.has(index)) continue;
      this.taken.add(index);
      return index;
    }
    return undefined;
  }

  /** Calls a function with an index when there is one; those that wait are served in order. */
  wait(then: (index: number) => void): void {
    this.waiting.push(then);
  }

  giveBack(index: number): void {
    const next = this.waiting.shift();
    // Passed directly to the next waiter, so that no other request can take it.
    if (next === undefined) this.taken.delete(index);
    else next(index);
  }
}
