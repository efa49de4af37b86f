import { lowestBit } from '../lib/align.js';
import { PAGE, PAGE_MASK, PAGE_SIZE } from '../process/page.js';
import type { UserMemory } from '../process/user-memory.js';

/** Number of bitmap pages that are pinned at once: the pointers that fit into one page. */
const MOST_PAGES = PAGE_SIZE / 8;
const PAGE_BITS = PAGE_SIZE * 8;

/** The pinned part of the bitmap: `struct iova_bitmap_map`. */
interface Window {
  /** The IOVA of its first bit. */
  readonly iova: bigint;
  /** The last IOVA of the range that has a bit in the window. */
  readonly last: bigint;
  /** The address of its first page, and the index of its first bit in that page. */
  readonly address: bigint;
  readonly firstBit: number;
  readonly pages: number;
}

/**
 * The caller's dirty bitmap: `struct iova_bitmap` of Linux's `drivers/iommu/iommufd/iova_bitmap.c`. Bits are set through pinned
 * pages, not by copying. Setting a bit pins its page and the following ones, and a run of bits extends to the end of the pinned
 * pages. Therefore a run that begins in the range may end after it, and a run that begins before the range is skipped. If a page
 * cannot be written, the run ends without an error: `iova_bitmap_set()` returns void.
 */
export class IovaBitmap {
  private window: Window | undefined;
  private readonly unit: bigint;
  /** Size of the bitmap in bytes. */
  private readonly total: bigint;
  private readonly last: bigint;

  /**
   * @param length length of the range in bytes, from `iova` on; not 0
   * @param pageSize bytes per bit; if it is not a power of two, its lowest set bit is used
   * @param data the address of the bitmap
   */
  constructor(
    private readonly memory: UserMemory,
    private readonly iova: bigint,
    length: bigint,
    pageSize: bigint,
    private readonly data: bigint,
  ) {
    this.unit = lowestBit(pageSize);
    this.total = (length - 1n) / (8n * this.unit) + 1n;
    this.last = iova + length - 1n;
  }

  /** Sets the bits of `length` bytes from `iova` on. */
  set(iova: bigint, length: bigint): void {
    const end = iova + length - 1n;
    for (let at = iova; at <= end;) {
      const window = this.windowFor(at, end);
      if (window === undefined) return;
      const { firstBit, pages } = window;
      const bit = Number((at - window.iova) / this.unit) + firstBit;
      const lastBit = Number((end - window.iova) / this.unit) + firstBit;
      const stop = Math.min(lastBit + 1, pages * PAGE_BITS);
      this.setBits(window, bit, stop);
      if (stop > lastBit) return;
      at = end + 1n - BigInt(lastBit - stop + 1) * this.unit;
      this.window = undefined;
    }
  }

  /** The window that contains a run. If the current window does not, a new one is pinned that begins with the run. */
  private windowFor(iova: bigint, end: bigint): Window | undefined {
    const { window } = this;
    if (window !== undefined && iova >= window.iova && end <= window.last) return window;
    return (this.window = this.pinFrom(iova));
  }

  /** `iova_bitmap_advance_to()`: pins as many pages as possible, from the byte on that has the bit of an IOVA. */
  private pinFrom(iova: bigint): Window | undefined {
    const index = BigInt.asUintN(64, iova - this.iova) / (8n * this.unit);
    if (index >= this.total) return undefined;
    const address = BigInt.asUintN(64, this.data + index);
    const offset = Number(address % PAGE);
    const wanted = (this.total - index + PAGE - 1n) / PAGE + (offset === 0 ? 0n : 1n);
    const most = wanted < BigInt(MOST_PAGES) ? Number(wanted) : MOST_PAGES;
    const pages = this.memory.pinnablePages(address & PAGE_MASK, most);
    if (pages === 0) return undefined;
    const bytes = BigInt(pages * PAGE_SIZE - offset);
    const first = this.iova + index * 8n * this.unit;
    const behind = first + bytes * 8n * this.unit - 1n;
    const last = behind < this.last ? behind : this.last;
    return { iova: first, last, address: address & PAGE_MASK, firstBit: offset * 8, pages };
  }

  /** Sets the bits `[from, end)` of a window. Other pages are not accessed. */
  private setBits({ address }: Window, from: number, end: number): void {
    for (let bit = from; bit < end;) {
      const index = Math.floor(bit / PAGE_BITS);
      const inPage = bit - index * PAGE_BITS;
      const stop = Math.min(PAGE_BITS, inPage + end - bit);
      this.memory.setBits(address + BigInt(index * PAGE_SIZE), inPage, stop);
      bit += stop - inPage;
    }
  }
}
