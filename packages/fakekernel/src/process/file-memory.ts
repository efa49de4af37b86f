/**
 * The memory of files: memfds, with small or huge pages, and private mappings of them. A page that is removed from a file while a
 * device has it pinned stays with the device, and the file has a new page at its index. So the pages are in objects of their own:
 * {@link Generations}.
 */
import { restorable } from '../lib/restorable.js';
import { Generations, type Losable } from './generations.js';
import {
  type Block,
  type ContentsOfFile,
  type Extent,
  LocalMemory,
  type PageOfObject,
  type PageRun,
} from './memory-object.js';
import { HUGE_PAGE_SIZE, PAGE_SIZE } from './page.js';
import { type Fill, SparsePages } from './sparse-pages.js';

/** Number of pages in a huge page. */
const HUGE_PAGES = HUGE_PAGE_SIZE / PAGE_SIZE;

/** The huge page that contains a page of a file on hugetlbfs. */
const hugePageOf = (index: number): Block => ({ first: index - (index % HUGE_PAGES), count: HUGE_PAGES });

/** Pages of a file, or the copies of a private mapping of it, until they are lost. */
export class FilePages extends LocalMemory implements Losable {
  override readonly pageCount = Number.MAX_SAFE_INTEGER;
  private readonly pages: SparsePages;

  /**
   * @param count number of pages that the file has
   * @param hasBlocks true for huge pages
   * @param copies writes the initial contents of the copies of a private mapping
   */
  constructor(
    count: number,
    override readonly hasBlocks: boolean,
    private readonly copies?: Fill,
  ) {
    super();
    this.pages = new SparsePages(count, copies);
  }

  /** The file has more pages now. */
  reach(count: number): void {
    this.pages.reach(count);
  }

  /** True if a page was written or, in a private mapping, copied. */
  has(index: number): boolean {
    return this.pages.has(index);
  }

  override page(index: number): Uint8Array {
    // A private mapping copies huge pages as a whole.
    if (this.hasBlocks && this.copies !== undefined && !this.has(index)) {
      const { first, count } = hugePageOf(index);
      for (let i = first; i < first + count; i++) this.pages.page(i);
    }
    return this.pages.page(index);
  }

  override inPlace(byte: number, length: number): Uint8Array {
    return this.pages.inPlace(byte, length);
  }

  override isTouched(index: number): boolean {
    return this.pages.isTouched(index);
  }

  override block(index: number): Block {
    return this.hasBlocks ? hugePageOf(index) : super.block(index);
  }

  /** A pin of a private mapping makes the copies, because a device may write at any time. */
  override pin(index: number, count: number): void {
    if (this.copies !== undefined) for (let i = index; i < index + count; i++) this.page(i);
    super.pin(index, count);
  }

  take(run: PageRun): boolean {
    if (this.pinned(run).length > 0) return true;
    this.pages.clear(run.first, run.count);
    return false;
  }
}

const filePages = restorable(
  'FileMemory.pages',
  (file: FileMemory) => () => new FilePages(file.pagesInView, file.hasBlocks),
);

/** Memory whose pages are in the objects of {@link Generations}. */
export abstract class RenewedMemory extends LocalMemory {
  abstract override readonly hasBlocks: boolean;
  protected abstract readonly generations: Generations<FilePages>;

  override page(index: number): Uint8Array {
    return this.generations.of(index).page(index);
  }

  override extent(index: number, most: number): Extent {
    return { ...this.generations.at(index, most), index };
  }

  override isTouched(index: number): boolean {
    return this.generations.of(index).isTouched(index);
  }

  override block(index: number): Block {
    return this.hasBlocks ? hugePageOf(index) : super.block(index);
  }

  override inPlace(byte: number, length: number): Uint8Array {
    const first = Math.floor(byte / PAGE_SIZE);
    const most = Math.max(1, Math.ceil((byte + length) / PAGE_SIZE) - first);
    const { object, count } = this.generations.at(first, most);
    if (count < most)
      throw new RangeError(
        `${length} bytes from byte ${byte} of a file are not in one piece: a device has pinned pages that the file has lost`,
      );
    return object.inPlace(byte, length);
  }
}

/** The memory of a memfd. */
export class FileMemory extends RenewedMemory implements ContentsOfFile {
  protected readonly generations: Generations<FilePages>;
  /** The runs of pages whose copies private mappings have lost, in order. */
  readonly lostCopies: PageRun[] = [];
  private hasPrivate = false;

  /** @param bytes its size in bytes @param hasBlocks true for huge pages */
  constructor(
    private bytes: number,
    override readonly hasBlocks: boolean,
  ) {
    super();
    this.generations = new Generations(filePages(this));
  }

  /** Number of pages that can be in a view. A writable mapping extends a file of huge pages, also after a view was created. */
  get pagesInView(): number {
    return this.hasBlocks ? Number.MAX_SAFE_INTEGER : Math.ceil(this.bytes / PAGE_SIZE);
  }

  get size(): number {
    return this.bytes;
  }

  override get pageCount(): number {
    // `hugetlb_no_page()`: a huge page that is only partly in the file does not exist.
    return this.hasBlocks
      ? Math.floor(this.bytes / HUGE_PAGE_SIZE) * HUGE_PAGES
      : Math.ceil(this.bytes / PAGE_SIZE);
  }

  extents(index: number, count: number): readonly Extent[] {
    return this.generations
      .runs({ first: index, count })
      .map(({ object, run }) => ({ object, index: run.first, count: run.count }));
  }

  override shown(index: number): PageOfObject {
    return { object: this.generations.of(index), index };
  }

  /** Extends the file to a size in bytes, unless it is larger. */
  reach(size: number): void {
    if (size <= this.bytes) return;
    this.bytes = size;
    for (const object of this.generations.objects()) object.reach(this.pagesInView);
  }

  /**
   * Sets its size in bytes. The pages beyond the end are lost, also by private mappings that have copied them, and the rest of the
   * last page becomes zero where it is, also if the size stays the same: `shmem_setattr()`, `hugetlb_vmtruncate()`.
   */
  resize(size: number): void {
    if (size > this.bytes) {
      this.reach(size);
      return;
    }
    const end = Math.ceil(this.bytes / PAGE_SIZE);
    const first = this.hasBlocks
      ? Math.ceil(size / HUGE_PAGE_SIZE) * HUGE_PAGES
      : Math.ceil(size / PAGE_SIZE);
    // The rest of the page beyond the old end may have been written through a mapping.
    this.zero(size, first * PAGE_SIZE);
    this.lose({ first, count: end - first }, true);
    this.bytes = size;
  }

  /**
   * Removes the pages of a part, in bytes. What is not a whole page becomes zero where it is. Private mappings lose the copies of
   * huge pages only: `shmem_fallocate()`, `hugetlbfs_punch_hole()`.
   */
  punch(offset: number, length: number): void {
    const unit = this.hasBlocks ? HUGE_PAGE_SIZE : PAGE_SIZE;
    const end = Math.min(offset + length, this.pageCount * PAGE_SIZE);
    const from = Math.ceil(offset / unit) * unit;
    const to = Math.floor(end / unit) * unit;
    this.zero(offset, Math.min(from, end));
    this.zero(Math.max(from, to), end);
    this.lose({ first: from / PAGE_SIZE, count: (to - from) / PAGE_SIZE }, this.hasBlocks);
  }

  private zero(from: number, to: number): void {
    for (let at = from; at < to;) {
      const index = Math.floor(at / PAGE_SIZE);
      const end = Math.min(to, (index + 1) * PAGE_SIZE);
      // Other pages contain zeros.
      if (this.isTouched(index)) this.page(index).fill(0, at - index * PAGE_SIZE, end - index * PAGE_SIZE);
      at = end;
    }
  }

  private lose(run: PageRun, withCopies: boolean): void {
    if (run.count <= 0) return;
    this.generations.take(run);
    if (withCopies && this.hasPrivate) this.lostCopies.push(run);
  }

  /** A private mapping is created. It must look at {@link lostCopies} from now on. @returns the index of the next one */
  becomePrivate(): number {
    this.hasPrivate = true;
    return this.lostCopies.length;
  }
}

/** Fills pages with the contents of a file's pages. */
const copies = restorable(
  'PrivateMemory.pages',
  (source: FileMemory, offset: number, count: number, hasBlocks: boolean) => () =>
    new FilePages(count, hasBlocks, copiesOf(source, offset)),
);
const copiesOf = restorable(
  'PrivateMemory.fill',
  (source: FileMemory, offset: number) => (index: number, page: Uint8Array) =>
    page.set(source.pageToRead(offset + index)),
);

/**
 * A private mapping of a file: it has the file's pages until they are written, and then its own copies (copy on write). A long-term
 * pin also makes the copy. The mapping ends where the file ends.
 */
export class PrivateMemory extends RenewedMemory {
  override readonly hasBlocks: boolean;
  protected readonly generations: Generations<FilePages>;
  /** Number of {@link FileMemory.lostCopies} that it has taken into account. */
  private seen: number;

  /** @param offset the page of the file where it begins @param count number of pages */
  constructor(
    private readonly source: FileMemory,
    private readonly offset: number,
    private readonly count: number,
  ) {
    super();
    this.hasBlocks = source.hasBlocks;
    this.seen = source.becomePrivate();
    this.generations = new Generations(copies(source, offset, count, source.hasBlocks));
  }

  override get pageCount(): number {
    return Math.max(0, Math.min(this.count, this.source.pageCount - this.offset));
  }

  /** Its copy of a page; undefined if it has none. */
  private copyOf(index: number): FilePages | undefined {
    this.catchUp();
    const object = this.generations.of(index);
    return object.has(index) ? object : undefined;
  }

  /** Loses the copies that the file's changes have removed. Nothing has used them since. */
  private catchUp(): void {
    const { source, offset } = this;
    for (; this.seen < source.lostCopies.length; this.seen++) {
      const { first, count } = source.lostCopies[this.seen] ?? { first: 0, count: 0 };
      const from = Math.max(0, first - offset);
      const to = Math.min(this.count, first + count - offset);
      if (from < to) this.generations.take({ first: from, count: to - from });
    }
  }

  override shown(index: number): PageOfObject {
    const object = this.copyOf(index);
    return object === undefined ? this.source.shown(this.offset + index) : { object, index };
  }

  override pageToRead(index: number): Uint8Array {
    return this.copyOf(index)?.page(index) ?? this.source.pageToRead(this.offset + index);
  }

  override page(index: number): Uint8Array {
    this.catchUp();
    return super.page(index);
  }

  override extent(index: number, most: number): Extent {
    this.catchUp();
    return super.extent(index, most);
  }

  override inPlace(byte: number, length: number): Uint8Array {
    this.catchUp();
    return super.inPlace(byte, length);
  }
}
