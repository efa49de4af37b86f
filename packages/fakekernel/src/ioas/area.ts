import type { IoPageTable } from './io-page-table.js';
import type { Pages } from './pages.js';
import type { Protection } from '../iommu/domain.js';
import type { RangeEntry } from '../lib/range-map.js';
import { PAGE, PAGE_SIZE } from '../process/page.js';

/**
 * A mapped range of IOVAs, and the part of the pages that it shows. It is its own entry in the map of its page table:
 * there may be a million of them.
 */
export class Area implements RangeEntry<Area> {
  /** Accesses of the kernel that hold pages of it. */
  accesses = 0;
  /** Those of them that do not let go, so that it cannot be unmapped. */
  locks = 0;
  /** It is about to be unmapped: no new access. */
  closing = false;
  /** Its pages are in the domains of its page table. */
  filled = false;

  constructor(
    readonly table: IoPageTable,
    readonly pages: Pages,
    readonly start: bigint,
    readonly last: bigint,
    /** Where in the pages it begins, in bytes. */
    readonly startByte: number,
    readonly protection: Protection,
  ) {}

  get value(): this {
    return this;
  }

  get length(): bigint {
    return this.last - this.start + 1n;
  }

  /** Where in its first page it begins. */
  get pageOffset(): number {
    return this.startByte % PAGE_SIZE;
  }

  /** The byte of the pages that an IOVA of the area is. */
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
