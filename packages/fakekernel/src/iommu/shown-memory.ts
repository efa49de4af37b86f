import { min } from '../lib/align.js';
import { type RangeEntry, RangeMap } from '../lib/range-map.js';
import type { Extent, MemoryObject } from '../process/memory-object.js';
import { PAGE_SIZE } from '../process/page.js';

/** Where memory is: a byte of an object, which stands for a physical address. */
export interface Physical {
  readonly object: MemoryObject;
  readonly byte: number;
}

/** Which IOVAs of a domain show which bytes of memory, and how: `How` is the same for a whole mapping. */
export class ShownMemory<How> {
  private readonly entries = new RangeMap<Physical & How>();

  /** Shows `length` bytes at `iova`, which begin `offset` bytes into the first page of the extents. */
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

  /** What was mapped in one piece may be unmapped in parts. */
  unmap(iova: bigint, length: bigint): void {
    this.entries.cut(iova, iova + length - 1n, (value, skipped) => ({
      ...value,
      byte: value.byte + Number(skipped),
    }));
  }

  /** The piece of memory that holds an IOVA. */
  at(iova: bigint): RangeEntry<Physical & How> | undefined {
    return this.entries.at(iova);
  }
}
