import { MOCK_PAGE_SIZE } from '@iommufd/uapi';
import type { DirtyRecorder, DirtyTracking } from '../../iommu/domain.js';
import { max, min } from '../../ioas/align.js';
import { RangeMap } from '../../lib/range-map.js';

/** What a page table entry shows. */
export interface Entry {
  readonly start: bigint;
  readonly last: bigint;
}

/** Entries are kept by the 2 MiB that they lie in; those that are larger, and there are few, are kept apart. */
const BUCKET = 2n << 20n;
const GRANULE = BigInt(MOCK_PAGE_SIZE);

/**
 * Dirty bits of a mock page table: those entries that have one. What it costs to read them follows the number of
 * dirty entries, not the size of the range.
 */
export class MockDirty implements DirtyTracking {
  private readonly buckets = new Map<number, Map<number, Entry>>();
  private readonly large = new RangeMap<true>();
  isOn = false;

  set(enable: boolean): void {
    this.isOn = enable;
  }

  /** A device has written to what an entry shows. */
  mark(entry: Entry): void {
    const { start, last } = entry;
    if (last - start >= BUCKET) {
      if (this.large.at(start) === undefined) this.large.insert(start, last, true);
      return;
    }
    const index = Number(start / BUCKET);
    let bucket = this.buckets.get(index);
    if (bucket === undefined) this.buckets.set(index, (bucket = new Map()));
    bucket.set(Number(start / GRANULE), entry);
  }

  read(iova: bigint, length: bigint, clear: boolean, recorder: DirtyRecorder): void {
    const end = iova + length - 1n;
    for (const entry of this.within(iova, end)) {
      const from = max(entry.start, iova);
      recorder(from, min(entry.last, end) - from + 1n);
      if (clear) this.clean(entry);
    }
  }

  forget(iova: bigint, last: bigint): void {
    for (const entry of this.within(iova, last)) this.clean(entry);
  }

  private clean({ start, last }: Entry): void {
    if (last - start >= BUCKET) {
      this.large.remove(start);
      return;
    }
    const index = Number(start / BUCKET);
    const bucket = this.buckets.get(index);
    bucket?.delete(Number(start / GRANULE));
    if (bucket?.size === 0) this.buckets.delete(index);
  }

  /** The dirty entries that intersect a range, by rising IOVA. */
  private within(iova: bigint, end: bigint): Entry[] {
    const found: Entry[] = [...this.large.range(iova, end)];
    for (const index of this.bucketsWithin(Number(iova / BUCKET), Number(end / BUCKET))) {
      for (const entry of this.buckets.get(index)?.values() ?? []) {
        if (entry.start <= end && entry.last >= iova) found.push(entry);
      }
    }
    return found.sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  private bucketsWithin(first: number, last: number): number[] {
    if (last - first < this.buckets.size)
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    return [...this.buckets.keys()].filter((index) => index >= first && index <= last);
  }
}
