import { RangeMap } from './range-map.js';

/** A number for every point of a line, zero where nothing was added: how often each page is pinned. */
export class RangeCounter {
  private readonly counts = new RangeMap<number>();

  at(point: number): number {
    return this.counts.at(BigInt(point))?.value ?? 0;
  }

  /** Is every number zero? */
  get isZero(): boolean {
    return this.counts.size === 0;
  }

  /** Adds `delta` to `count` points from `first` on. */
  add(first: number, count: number, delta: number): void {
    const end = BigInt(first + count) - 1n;
    let cursor = BigInt(first);
    for (const { start, last, value } of [...this.counts.range(cursor, end)]) {
      if (start > cursor) this.counts.insert(cursor, start - 1n, delta);
      const from = start > cursor ? start : cursor;
      const to = last < end ? last : end;
      this.counts.remove(start);
      if (start < from) this.counts.insert(start, from - 1n, value);
      if (value + delta !== 0) this.counts.insert(from, to, value + delta);
      if (last > to) this.counts.insert(to + 1n, last, value);
      cursor = to + 1n;
    }
    if (cursor <= end) this.counts.insert(cursor, end, delta);
  }

  /** The points of a range that are zero, in runs. */
  zeros(first: number, count: number): { readonly index: number; readonly count: number }[] {
    const runs: { readonly index: number; readonly count: number }[] = [];
    const end = first + count;
    let cursor = first;
    for (const { start, last } of this.counts.range(BigInt(first), BigInt(end) - 1n)) {
      if (Number(start) > cursor) runs.push({ index: cursor, count: Number(start) - cursor });
      cursor = Number(last) + 1;
    }
    if (cursor < end) runs.push({ index: cursor, count: end - cursor });
    return runs;
  }
}
