/** Page request group indexes have 9 bits (PCI Express 10.4.1). */
const INDEXES = 512;

/** The page request group indexes of a device: how many groups it may wait for at once. */
export class GroupIndexes {
  private readonly taken = new Set<number>();
  private readonly waiting: ((index: number) => void)[] = [];

  /** The lowest index that is free; undefined if none is. */
  take(): number | undefined {
    for (let index = 0; index < INDEXES; index++) {
      if (this.taken.has(index)) continue;
      this.taken.add(index);
      return index;
    }
    return undefined;
  }

  /** The next index that is given back, for those who wait in their order. */
  async wait(): Promise<number> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  giveBack(index: number): void {
    const next = this.waiting.shift();
    // It passes directly to the next one, so that no other request takes it.
    if (next === undefined) this.taken.delete(index);
    else next(index);
  }
}
