import { PAGE_SIZE } from './page.js';

/** The longest contiguous view, in bytes: memory is divided into pieces of this size. */
export const MOST_IN_PLACE = 1 << 30;
const PAGES_IN_PLACE = MOST_IN_PLACE / PAGE_SIZE;

/** Writes the initial contents of a page, before its first access. */
export type Fill = (index: number, page: Uint8Array) => void;

/**
 * Pages that are allocated at the first access. Each page is a small buffer of its own, so that a single page in many gigabytes
 * costs only its own size. When a caller requests a view, all pages of that piece become views of one buffer, and stay so: the
 * kernel keeps reading and writing the memory of the view.
 */
export class SparsePages {
  /** Pages of pieces without a view. */
  private readonly single = new Map<number, Uint8Array>();
  /** Buffers of the other pieces, by number. The host allocates only the parts that are touched. */
  private readonly pieces = new Map<number, Uint8Array>();
  /** The page that was used last, and its index. The next access is likely to use it too. */
  private recent: Uint8Array | undefined;
  private recentIndex = -1;
  /** The pages in these buffers that have their initial contents. */
  private readonly filled = new Set<number>();

  /**
   * @param count number of pages
   * @param fill writes the initial contents of pages that do not begin as zeros
   */
  constructor(
    private count: number,
    private readonly fill?: Fill,
  ) {}

  /** There are at least so many pages from now on. */
  reach(count: number): void {
    this.count = Math.max(this.count, count);
  }

  /** Gives pages their initial contents again. A view of them shows zeros. */
  clear(first: number, count: number): void {
    this.recent = undefined;
    const end = first + count;
    const indices = (set: { readonly size: number; keys(): Iterable<number> }): number[] =>
      [...set.keys()].filter((index) => index >= first && index < end);
    for (const index of indices(this.single)) this.single.delete(index);
    for (const index of indices(this.filled)) this.filled.delete(index);
    for (const [number, piece] of this.pieces) {
      const start = number * PAGES_IN_PLACE;
      piece.fill(0, Math.max(0, first - start) * PAGE_SIZE, Math.max(0, end - start) * PAGE_SIZE);
    }
  }

  /** True if a page has been allocated. */
  has(index: number): boolean {
    return this.single.has(index) || this.filled.has(index);
  }

  /** True if the contents of a page may differ from its initial contents. */
  isTouched(index: number): boolean {
    return this.single.has(index) || this.pieces.has(Math.floor(index / PAGES_IN_PLACE));
  }

  /** The bytes of a page. They must not be kept, because a later view of the piece moves them into another buffer. */
  page(index: number): Uint8Array {
    if (this.recent !== undefined && this.recentIndex === index) return this.recent;
    const number = Math.floor(index / PAGES_IN_PLACE);
    const piece = this.pieces.get(number);
    // A piece ends where the pages ended when it was created.
    const isInPiece = piece !== undefined && ((index % PAGES_IN_PLACE) + 1) * PAGE_SIZE <= piece.length;
    const page = isInPiece ? this.pageOf(piece, index) : this.singlePage(index);
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

  /** A view of bytes. @throws RangeError if they are not in one piece, or a part was added after a view of their piece was created */
  inPlace(byte: number, length: number): Uint8Array {
    const number = Math.floor(byte / MOST_IN_PLACE);
    const from = byte % MOST_IN_PLACE;
    if (from + length > MOST_IN_PLACE) {
      throw new RangeError(
        `${length} bytes from byte ${byte} of a mapping are not in one piece: memory is in pieces of 1 GiB`,
      );
    }
    const piece = this.pieceOf(number);
    if (from + length > piece.length)
      throw new RangeError(
        `${length} bytes from byte ${byte} of a file are not in one piece: the file has grown since a view of its memory was created`,
      );
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
    // The recent page may be one that has just moved.
    this.recent = undefined;
    return piece;
  }
}
