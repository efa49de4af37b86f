import { max, min } from '../lib/align.js';
import type { RangeEntry } from '../lib/range-map.js';
import { offsetInPage, PAGE, PAGE_SIZE } from '../process/page.js';
import type { Physical } from './shown-memory.js';

/** The IOVA range of a page table entry. */
export interface Entry {
  readonly start: bigint;
  readonly last: bigint;
}

/** How a driver splits a mapping into entries. */
export interface EntrySizes {
  /** Bitmap of the sizes of entries, in bytes. The smallest is at most a page of memory. */
  readonly pageSizes: bigint;
  /** True if entries may be larger than a page of memory. */
  readonly largePages: boolean;
}

/**
 * The page table entry that contains an IOVA. A driver maps physically contiguous memory with the largest entries that its
 * alignment allows, from its start on: `iommu_pgsize()`.
 * @param iova an IOVA in the mapping
 */
export function entryAt(
  iova: bigint,
  { start, last, value: { object, byte } }: RangeEntry<Physical>,
  { pageSizes, largePages }: EntrySizes,
): Entry {
  const index = Math.floor((byte + Number(iova - start)) / PAGE_SIZE);
  const { first, count } = largePages && object.hasBlocks ? object.block(index) : { first: index, count: 1 };
  if (count === 1) {
    // Fast path: a single page, aligned to a page in the IOVA space.
    const page = iova - BigInt(offsetInPage(byte + Number(iova - start)));
    const end = page + PAGE - 1n;
    if ((page & (PAGE - 1n)) === 0n && page >= start && end <= last) return { start: page, last: end };
  }
  const physical = (at: bigint): bigint => BigInt(byte) + (at - start);
  // A block is physically aligned to its size.
  const blockByte = BigInt(first * PAGE_SIZE);
  const blockStart = start + (blockByte - BigInt(byte));
  const end = min(last, blockStart + BigInt(count * PAGE_SIZE) - 1n) + 1n;
  for (let at = max(start, blockStart); ;) {
    const size = largestEntry(at, physical(at) - blockByte, end, pageSizes);
    if (at + size > iova) return { start: at, last: at + size - 1n };
    at += size;
  }
}

function largestEntry(iova: bigint, physical: bigint, end: bigint, pageSizes: bigint): bigint {
  let best = pageSizes & -pageSizes;
  for (let size = best * 2n; size <= end - iova && ((iova | physical) & (size - 1n)) === 0n; size *= 2n) {
    if ((pageSizes & size) !== 0n) best = size;
  }
  return best;
}
