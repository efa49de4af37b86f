import { lowestBit } from '../lib/align.js';
import type { AddressSpace } from '../process/address-space.js';
import { PAGE, PAGE_MASK, PAGE_SIZE } from '../process/page.js';

/** Pages of a bitmap that are pinned at once: as many pointers as a page holds. */
const MOST_PAGES = PAGE_SIZE / 8;
const PAGE_BITS = PAGE_SIZE * 8;

/** The part of the bitmap that is pinned. */
interface Window {
  /** The IOVA of its first bit. */
  readonly iova: bigint;
  /** The last IOVA that it has a bit for and that the caller asked for. */
  readonly last: bigint;
  /** The address of its first page, and where in it the first bit is. */
  readonly address: bigint;
  readonly firstBit: number;
  readonly pages: number;
}

/**
 * The bitmap of a caller, to set bits in: `struct iova_bitmap`. Bits are set through pinned pages, not by copying.
 * Pages are pinned when a bit in them is to be set, together with those that follow; a run of bits goes as far as
 * they do. So a run that begins in the range may end behind it, and one that begins before the range is left out.
 * A page that cannot be written ends a run and nothing else: `iova_bitmap_set()` returns nothing.
 */
export class IovaBitmap {
  private window: Window | undefined;
  private page: Uint8Array | undefined;
  private pageAddress = 0n;
  private readonly unit: bigint;
  /** Bytes of the bitmap that the range takes. */
  private readonly total: bigint;
  private readonly last: bigint;

  /**
   * @param length of the range in bytes, from `iova` on; not 0
   * @param pageSize what a bit stands for in bytes; one that is no power of two counts as its lowest bit
   * @param data the address of the bitmap
   */
  constructor(
    private readonly memory: AddressSpace,
    private readonly iova: bigint,
    length: bigint,
    pageSize: bigint,
    private readonly data: bigint,
  ) {
    this.unit = lowestBit(pageSize);
    this.total = (length - 1n) / (8n * this.unit) + 1n;
    this.last = iova + length - 1n;
  }

  /** Sets the bits of `length` bytes from an IOVA on. */
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

  /** The window that holds a run, or if none does a new one that begins with it. */
  private windowFor(iova: bigint, end: bigint): Window | undefined {
    const { window } = this;
    if (window !== undefined && iova >= window.iova && end <= window.last) return window;
    return (this.window = this.pinFrom(iova));
  }

  /** `iova_bitmap_advance_to()`: pins what there is from the byte on that holds the bit of an IOVA. */
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

  /** Sets bits of a window, from one up to but not including another. A page where no bit is set is not looked at. */
  private setBits({ address }: Window, from: number, end: number): void {
    for (let bit = from; bit < end;) {
      const index = Math.floor(bit / PAGE_BITS);
      const inPage = bit - index * PAGE_BITS;
      const stop = Math.min(PAGE_BITS, inPage + end - bit);
      setBitsOfPage(this.pageAt(address + BigInt(index * PAGE_SIZE)), inPage, stop);
      bit += stop - inPage;
    }
  }

  /** The page at an address; the next bit is most likely in the same. */
  private pageAt(address: bigint): Uint8Array {
    if (this.page === undefined || this.pageAddress !== address) {
      this.page = this.memory.writablePage(address);
      this.pageAddress = address;
    }
    return this.page;
  }
}

function setBitsOfPage(bytes: Uint8Array, from: number, end: number): void {
  for (let bit = from; bit < end;) {
    const index = bit >>> 3;
    if (bit % 8 === 0 && end - bit >= 8) {
      bytes.fill(0xff, index, end >>> 3);
      bit = (end >>> 3) * 8;
    } else {
      bytes[index] = (bytes[index] ?? 0) | (1 << (bit % 8));
      bit++;
    }
  }
}
