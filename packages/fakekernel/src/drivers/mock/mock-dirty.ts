import { MOCK_PAGE_SIZE } from '@iommufd/uapi';
import type { DirtyRecorder, DirtyTracking } from '../../iommu/domain.js';
import { RangeMap } from '../../lib/range-map.js';

/** What a page table entry shows. */
export interface Entry {
  readonly start: bigint;
  readonly last: bigint;
}

/** A page table entry in the smallest pages that the format has, whose numbers JavaScript's numbers hold. */
interface Dirty {
  readonly first: number;
  readonly last: number;
  readonly entry: Entry;
}

const GRANULE = BigInt(MOCK_PAGE_SIZE);
/** Entries are kept by the 2 MiB that they lie in; those that are larger, and there are few, are kept apart. */
const BUCKET = (2 << 20) / MOCK_PAGE_SIZE;
/** Buckets that are asked for one by one rather than looked for among those that there are. */
const FEW_BUCKETS = 16;

const granuleOf = (iova: bigint): number => Number(iova / GRANULE);
const bucketOf = (granule: number): number => Math.floor(granule / BUCKET);

/**
 * Dirty bits of a mock page table: those entries that have one. What it costs to read them follows the number of
 * dirty entries, not the size of the range.
 */
export class MockDirty implements DirtyTracking {
  private readonly buckets = new Map<number, Map<number, Dirty>>();
  /** The numbers of the buckets by rising IOVA, until another one comes; of those some may have gone. */
  private sorted: readonly number[] | undefined;
  private readonly large = new RangeMap<Dirty>();
  isOn = false;

  set(enable: boolean): void {
    this.isOn = enable;
  }

  /** A device has written to what an entry shows. */
  mark(entry: Entry): void {
    const { start, last } = entry;
    const dirty = { first: granuleOf(start), last: granuleOf(last), entry };
    if (isLarge(dirty)) {
      if (this.large.at(start) === undefined) this.large.insert(start, last, dirty);
      return;
    }
    const index = bucketOf(dirty.first);
    let bucket = this.buckets.get(index);
    if (bucket === undefined) {
      this.buckets.set(index, (bucket = new Map()));
      this.sorted = undefined;
    }
    bucket.set(dirty.first, dirty);
  }

  /** An entry is reported whole, also where it begins before the range or ends behind it. */
  read(iova: bigint, length: bigint, clear: boolean, recorder: DirtyRecorder): void {
    for (const dirty of this.within(iova, iova + length - 1n)) {
      const { start, last } = dirty.entry;
      recorder(start, last - start + 1n);
      if (clear) this.clean(dirty);
    }
  }

  forget(iova: bigint, last: bigint): void {
    for (const dirty of this.within(iova, last)) this.clean(dirty);
  }

  private clean(dirty: Dirty): void {
    if (isLarge(dirty)) {
      this.large.remove(dirty.entry.start);
      return;
    }
    const index = bucketOf(dirty.first);
    const bucket = this.buckets.get(index);
    bucket?.delete(dirty.first);
    if (bucket?.size === 0) this.buckets.delete(index);
  }

  /** The dirty entries that intersect a range, by rising IOVA. */
  private within(iova: bigint, end: bigint): Dirty[] {
    // Most ranges that are forgotten were never written to.
    if (this.buckets.size === 0 && this.large.size === 0) return [];
    const found = [...this.large.range(iova, end)].map(({ value }) => value);
    const first = granuleOf(iova);
    const last = granuleOf(end);
    for (const index of this.bucketsWithin(bucketOf(first), bucketOf(last))) {
      for (const dirty of this.buckets.get(index)?.values() ?? []) {
        if (dirty.first <= last && dirty.last >= first) found.push(dirty);
      }
    }
    return found.sort((a, b) => a.first - b.first);
  }

  /** Numbers of buckets, by rising IOVA; not all need be there. */
  private bucketsWithin(first: number, last: number): readonly number[] {
    if (last - first < FEW_BUCKETS) return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    this.sorted ??= [...this.buckets.keys()].sort((a, b) => a - b);
    return this.sorted.slice(lowerBound(this.sorted, first), lowerBound(this.sorted, last + 1));
  }
}

const isLarge = ({ first, last }: Dirty): boolean => last - first >= BUCKET;

/** How many of these numbers, which rise, are below a limit. */
function lowerBound(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? limit) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
