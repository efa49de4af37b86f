/** Number of page request group indexes, which have 9 bits (PCI Express 10.4.1). */
const INDEXES = 512;

/** Waits for the response to the group with an index. */
export class IndexWaiter<A> {
  constructor(
    readonly index: number,
    /** Undefined in a restored kernel: the access belongs to the original kernel, and the index is only released. */
    readonly answer: ((answer: A) => void) | undefined,
  ) {}
}

/** The page request group indexes of a device, which limit the number of outstanding groups. */
export class GroupIndexes {
  private readonly taken = new Set<number>();
  private readonly waiting: ((index: number) => void)[] = [];

  /** Allocates the lowest free index. @returns undefined if all are in use */
  take(): number | undefined {
    for (let index = 0; index < INDEXES; index++) {
      if (this.taken.has(index)) continue;
      this.taken.add(index);
      return index;
    }
    return undefined;
  }

  /** Calls `then` with an index as soon as one is free. Waiting calls are served in order. */
  wait(then: (index: number) => void): void {
    this.waiting.push(then);
  }

  giveBack(index: number): void {
    const next = this.waiting.shift();
    // The index is passed directly to the next waiter, so that no other request can allocate it.
    if (next === undefined) this.taken.delete(index);
    else next(index);
  }
}
