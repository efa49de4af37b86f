import type { IoPageTable } from './io-page-table.js';
import type { Pages } from './pages.js';
import type { Protection } from '../iommu/domain.js';
import type { RangeEntry } from '../lib/range-map.js';
import { PAGE, PAGE_SIZE } from '../process/page.js';

/**
 * A mapped range of IOVAs, and the part of the pages that it maps: `struct iopt_area`. It is its own entry in the range map
 * of its page table, because there may be a million areas.
 */
export class Area implements RangeEntry<Area> {
  /** Pins of kernel accesses in the area: `num_accesses`. */
  accesses = 0;
  /** Pins among them by accesses without an unmap callback, which make an unmap fail with EBUSY: `num_locks`. */
  locks = 0;
  /** True while the area is being unmapped: new accesses fail. `prevent_access`. */
  closing = false;
  /** True if its pages are pinned, and mapped in the domains of its page table. */
  filled = false;

  constructor(
    readonly table: IoPageTable,
    readonly pages: Pages,
    readonly start: bigint,
    readonly last: bigint,
    /** Offset of its first byte in the pages. */
    readonly startByte: number,
    readonly protection: Protection,
  ) {}

  get value(): this {
    return this;
  }

  get length(): bigint {
    return this.last - this.start + 1n;
  }

  /** Offset of its first byte in its first page. */
  get pageOffset(): number {
    return this.startByte % PAGE_SIZE;
  }

  /** The byte of the pages that an IOVA of the area maps to. */
  byteAt(iova: bigint): number {
    return this.startByte + Number(iova - this.start);
  }

  /** The page that an IOVA of the area is in. */
  pageAt(iova: bigint): number {
    return Math.floor(this.byteAt(iova) / PAGE_SIZE);
  }

  get firstPage(): number {
    return Math.floor(this.startByte / PAGE_SIZE);
  }

  get pageCount(): number {
    return Number((BigInt(this.startByte) + this.length - 1n) / PAGE) - this.firstPage + 1;
  }
}
