import { RangeMap } from './range-map.js';

/** A count for every point of a line, zero by default: for example how often each page is pinned. */
export class RangeCounter {
  private readonly counts = new RangeMap<number>();

  at(point: number): number {
    return this.counts.at(BigInt(point))?.value ?? 0;
  }

  /** The runs of points in a range whose count is not zero. */
  within(first: number, count: number): { readonly first: number; readonly count: number }[] {
    const end = first + count;
    return [...this.counts.range(BigInt(first), BigInt(end) - 1n)].map(({ start, last }) => {
      const from = Math.max(first, Number(start));
      return { first: from, count: Math.min(end, Number(last) + 1) - from };
    });
  }

  /** Adds `delta` to `count` points from `first` on. */
  add(first: number, count: number, delta: number): void {
    const end = BigInt(first + count) - 1n;
    let cursor = BigInt(first);
    for (const entry of [...this.counts.range(cursor, end)]) {
      const { start, last, value } = entry;
      if (start > cursor) this.counts.insert(cursor, start - 1n, delta);
      const from = start > cursor ? start : cursor;
      const to = last < end ? last : end;
      cursor = to + 1n;
      if (start === from && last === to && value + delta !== 0) {
        entry.value = value + delta;
        continue;
      }
      this.counts.remove(start);
      if (start < from) this.counts.insert(start, from - 1n, value);
      if (value + delta !== 0) this.counts.insert(from, to, value + delta);
      if (last > to) this.counts.insert(to + 1n, last, value);
    }
    if (cursor <= end) this.counts.insert(cursor, end, delta);
  }
}
