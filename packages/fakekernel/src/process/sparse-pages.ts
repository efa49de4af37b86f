import { PAGE_SIZE } from './page.js';

/** The most bytes that are given out in place as one: memory is looked at in pieces of this size. */
export const MOST_IN_PLACE = 1 << 30;
const PAGES_IN_PLACE = MOST_IN_PLACE / PAGE_SIZE;

/** Gives a page that is about to be looked at for the first time its contents. */
type Fill = (index: number, page: Uint8Array) => void;

/**
 * Pages that exist from the first access on. Each is a small buffer of its own, so that a
 * page somewhere in many gigabytes costs no more than itself. Once a caller asks for bytes in place, all pages of
 * that piece are views of one buffer, for good: what was given out stays what the kernel reads and writes.
 */
export class SparsePages {
  /** Pages of pieces of which nothing was given out. */
  private readonly single = new Map<number, Uint8Array>();
  /** Buffers of the other pieces, by their number. The host gives memory to what is touched of them only. */
  private readonly pieces = new Map<number, Uint8Array>();
  /** The page that was asked for last, and its number: most likely the next one is the same. */
  private recent: Uint8Array | undefined;
  private recentIndex = -1;
  /** The pages in these buffers that have their contents. */
  private readonly filled = new Set<number>();

  /** @param fill for pages that do not begin as zeros */
  constructor(
    private readonly count: number,
    private readonly fill?: Fill,
  ) {}

  /** Does a page have contents of its own already? */
  has(index: number): boolean {
    return this.single.has(index) || this.filled.has(index);
  }

  /** May a page have other contents than those that it begins with? */
  isTouched(index: number): boolean {
    return this.single.has(index) || this.pieces.has(Math.floor(index / PAGES_IN_PLACE));
  }

  /** The bytes of a page; not to be kept, because what was given out in place later is another buffer. */
  page(index: number): Uint8Array {
    if (this.recent !== undefined && this.recentIndex === index) return this.recent;
    const number = Math.floor(index / PAGES_IN_PLACE);
    const piece = this.pieces.get(number);
    const page = piece === undefined ? this.singlePage(index) : this.pageOf(piece, index);
    this.recent = page;
    this.recentIndex = index;
    return page;
  }

  private singlePage(index: number): Uint8Array {
    let page = this.single.get(index);
    if (page === undefined) {
      page = new Uint8Array(PAGE_SIZE);
      this.fill?.(index, page);
      this.single.set(index, page);
    }
    return page;
  }

  private pageOf(piece: Uint8Array, index: number): Uint8Array {
    const from = (index % PAGES_IN_PLACE) * PAGE_SIZE;
    const page = piece.subarray(from, from + PAGE_SIZE);
    if (this.fill !== undefined && !this.filled.has(index)) {
      this.fill(index, page);
      this.filled.add(index);
    }
    return page;
  }

  /** Bytes in place. @throws RangeError if they are not in one piece */
  inPlace(byte: number, length: number): Uint8Array {
    const number = Math.floor(byte / MOST_IN_PLACE);
    const from = byte % MOST_IN_PLACE;
    if (from + length > MOST_IN_PLACE) {
      throw new RangeError(
        `${length} bytes from byte ${byte} of a mapping are not in one piece: memory is in pieces of 1 GiB`,
      );
    }
    const piece = this.pieceOf(number);
    if (this.fill !== undefined && length > 0) {
      const last = Math.floor((byte + length - 1) / PAGE_SIZE);
      for (let index = Math.floor(byte / PAGE_SIZE); index <= last; index++) this.pageOf(piece, index);
    }
    return piece.subarray(from, from + length);
  }

  private pieceOf(number: number): Uint8Array {
    const known = this.pieces.get(number);
    if (known !== undefined) return known;
    const first = number * PAGES_IN_PLACE;
    const piece = new Uint8Array(Math.min(this.count - first, PAGES_IN_PLACE) * PAGE_SIZE);
    for (const [index, page] of this.single) {
      if (index < first || index >= first + PAGES_IN_PLACE) continue;
      piece.set(page, (index - first) * PAGE_SIZE);
      this.single.delete(index);
      if (this.fill !== undefined) this.filled.add(index);
    }
    this.pieces.set(number, piece);
    // It may be a page that was single.
    this.recent = undefined;
    return piece;
  }
}
