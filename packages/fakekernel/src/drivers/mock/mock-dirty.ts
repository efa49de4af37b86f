import { MOCK_PAGE_SIZE } from '@iommufd/uapi';
import type { DirtyRecorder, DirtyTracking } from '../../iommu/domain.js';
import type { Entry } from '../../iommu/table-entry.js';
import { max, min } from '../../lib/align.js';
import { RangeMap } from '../../lib/range-map.js';
import { constant } from '../../lib/restorable.js';

/** A dirty entry. Its numbers are in units of the format's smallest page, so that JavaScript numbers are large enough. */
interface Dirty {
  readonly first: number;
  readonly last: number;
  readonly entry: Entry;
}

const GRANULE = BigInt(MOCK_PAGE_SIZE);
/** Entries are stored by the 2 MiB region that contains them. The few larger entries are stored separately. */
const BUCKET = (2 << 20) / MOCK_PAGE_SIZE;
/** Up to this many buckets are looked up one by one, without sorting. */
const FEW_BUCKETS = 16;

/** Reports a dirty entry that a walk over `[walk.start, walk.last]` reaches. */
export type ReportEntry = (entry: Entry, walk: Entry, recorder: DirtyRecorder) => void;

/** Since 7.3: an entry is reported whole, even if it begins before the range or ends after it. */
export const reportWhole = constant<ReportEntry>('reportWhole', ({ start, last }, _walk, recorder) =>
  recorder(start, last - start + 1n),
);

/** Number of entries of a table. */
const TABLE = 512n;

/**
 * Until 7.2: if a leaf consists of several entries of a table, `record_dirty()` takes the last of them for the first entry after
 * the leaf, and begins at the current IOVA of the walk. A leaf of a single entry is reported whole.
 */
export const reportWithoutLast = constant<ReportEntry>('reportWithoutLast', (entry, walk, recorder) => {
  const { start, last } = entry;
  const size = last - start + 1n;
  let unit = GRANULE;
  while (size >= unit * TABLE) unit *= TABLE;
  if (size === unit) {
    reportWhole(entry, walk, recorder);
    return;
  }
  const from = max(start, walk.start);
  const index = (from - start) / unit;
  const end = min((last - start) / unit, (min(last, walk.last) - start) / unit + 1n);
  if (end > index) recorder(from, (end - index) * unit);
});

const granuleOf = (iova: bigint): number => Number(iova / GRANULE);
const bucketOf = (granule: number): number => Math.floor(granule / BUCKET);

/**
 * The dirty bits of a mock page table: a set of dirty entries. The cost of a read depends on the number of dirty entries, not on
 * the size of the range.
 */
export class MockDirty implements DirtyTracking {
  private readonly buckets = new Map<number, Map<number, Dirty>>();
  /** Bucket numbers in order, until a bucket is added. Some buckets may no longer exist. */
  private sorted: readonly number[] | undefined;
  private readonly large = new RangeMap<Dirty>();
  readonly readByArea: boolean = false;
  isOn = false;

  constructor(private readonly report: ReportEntry) {}

  set(enable: boolean): void {
    this.isOn = enable;
  }

  /** Marks an entry as dirty. */
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

  read(iova: bigint, length: bigint, clear: boolean, recorder: DirtyRecorder | undefined): void {
    const walk = { start: iova, last: iova + length - 1n };
    for (const dirty of this.within(walk.start, walk.last)) {
      if (recorder !== undefined) this.report(dirty.entry, walk, recorder);
      if (clear) this.clean(dirty);
    }
  }

  forget(iova: bigint, last: bigint): void {
    for (const dirty of this.within(iova, last)) this.clean(dirty);
  }

  protected clean(dirty: Dirty): void {
    if (isLarge(dirty)) {
      this.large.remove(dirty.entry.start);
      return;
    }
    const index = bucketOf(dirty.first);
    const bucket = this.buckets.get(index);
    bucket?.delete(dirty.first);
    if (bucket?.size === 0) this.buckets.delete(index);
  }

  /** The dirty entries that intersect a range, in order of IOVA. */
  protected within(iova: bigint, end: bigint): Dirty[] {
    // Most unmapped ranges were never written.
    if (this.buckets.size === 0 && this.large.size === 0) return [];
    const found: Dirty[] = [];
    if (this.large.size > 0) for (const { value } of this.large.range(iova, end)) found.push(value);
    const first = granuleOf(iova);
    const last = granuleOf(end);
    for (const index of this.bucketsWithin(bucketOf(first), bucketOf(last))) {
      const bucket = this.buckets.get(index);
      if (bucket === undefined) continue;
      for (const dirty of bucket.values()) if (dirty.first <= last && dirty.last >= first) found.push(dirty);
    }
    return found.length > 1 ? found.sort((a, b) => a.first - b.first) : found;
  }

  /** Bucket numbers of a range, in order. Some buckets may not exist. */
  private bucketsWithin(first: number, last: number): readonly number[] {
    if (last - first < FEW_BUCKETS) return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    this.sorted ??= [...this.buckets.keys()].sort((a, b) => a - b);
    return this.sorted.slice(lowerBound(this.sorted, first), lowerBound(this.sorted, last + 1));
  }
}

const isLarge = ({ first, last }: Dirty): boolean => last - first >= BUCKET;

/** Number of elements of a sorted array that are below `limit`. */
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
