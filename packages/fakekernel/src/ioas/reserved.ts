/** The owner of ranges that tests reserve: they go with the IOAS. */
export const TEST_OWNER = Symbol('test');

/** IOVAs that cannot be mapped, and who says so: a domain's aperture, a device's interrupts, a test. */
export class ReservedRanges {
  /** They may overlap, and there are few of them. */
  private ranges: { readonly start: bigint; readonly last: bigint; readonly owner: unknown }[] = [];

  add(start: bigint, last: bigint, owner: unknown): void {
    this.ranges.push({ start, last, owner });
    this.ranges.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  }

  removeOwner(owner: unknown): void {
    this.ranges = this.ranges.filter((range) => range.owner !== owner);
  }

  intersects(start: bigint, last: bigint): boolean {
    return this.ranges.some((range) => range.start <= last && range.last >= start);
  }

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  /** What is not reserved between two IOVAs, in order. */
  *holes(from: bigint, to: bigint): Generator<{ readonly start: bigint; readonly last: bigint }> {
    let cursor = from;
    for (const { start, last } of this.ranges) {
      if (last < cursor) continue;
      if (start > to) break;
      if (start > cursor) yield { start: cursor, last: start - 1n };
      cursor = last + 1n;
    }
    if (cursor <= to) yield { start: cursor, last: to };
  }
}
