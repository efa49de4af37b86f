import { min } from '../lib/align.js';
import { type RangeEntry, RangeMap } from '../lib/range-map.js';
import type { Extent, MemoryObject } from '../process/memory-object.js';
import { PAGE_SIZE } from '../process/page.js';

/** A byte of a memory object. It stands for a physical address. */
export interface Physical {
  readonly object: MemoryObject;
  readonly byte: number;
}

/**
 * The entries of a paging domain: ranges of IOVAs with the memory that they map, and attributes (`How`) that apply to a whole
 * mapping. All drivers build their page tables on it.
 */
export class ShownMemory<How> {
  private readonly entries = new RangeMap<Physical & How>();

  /** Maps `length` bytes at `iova`. They begin `offset` bytes after the start of the first page of `extents`. */
  map(iova: bigint, length: bigint, extents: readonly Extent[], offset: number, how: How): void {
    let at = iova;
    let skip = offset;
    for (const { object, index, count } of extents) {
      const bytes = min(BigInt(count * PAGE_SIZE - skip), iova + length - at);
      this.entries.insert(at, at + bytes - 1n, { object, byte: index * PAGE_SIZE + skip, ...how });
      at += bytes;
      skip = 0;
    }
  }

  /** Unmaps a range, which may be a part of a mapping. */
  unmap(iova: bigint, length: bigint): void {
    this.entries.cut(iova, iova + length - 1n, (value, skipped) => ({
      ...value,
      byte: value.byte + Number(skipped),
    }));
  }

  /** The entries that intersect a range, in order. */
  range(iova: bigint, last: bigint): Iterable<RangeEntry<Physical & How>> {
    return this.entries.range(iova, last);
  }

  /** The entry that contains an IOVA. */
  at(iova: bigint): RangeEntry<Physical & How> | undefined {
    return this.entries.at(iova);
  }
}
