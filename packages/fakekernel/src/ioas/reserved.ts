/** The owner of the ranges that IOMMU_TEST_OP_ADD_RESERVED reserves until the IOAS is destroyed. */
export const TEST_OWNER = 'test';

/**
 * IOVA ranges that cannot be mapped, each with its owner: a domain (outside its aperture), a device (its reserved regions),
 * or a test. `reserved_itree` of Linux's `struct io_pagetable`.
 */
export class ReservedRanges {
  /** Sorted by start. Ranges may overlap. */
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

  /** The unreserved ranges between two IOVAs, in order. */
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
