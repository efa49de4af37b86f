/**
 * Memory objects: the pages behind mappings. Anonymous memory, a memfd, a buffer of the test, and private mappings of a
 * file, each with its rule of when a page is allocated or copied. A page is identified by its object and index, which
 * stands for its physical address; pins are counted per page.
 */
import { RangeCounter } from '../lib/range-counter.js';
import { invariant } from '../errno.js';
import { restorable } from '../lib/restorable.js';
import { bytesBehind, HUGE_PAGE_SIZE, offsetInPage, PAGE_SIZE } from './page.js';
import { SparsePages } from './sparse-pages.js';

/** Consecutive pages of one memory object: what Linux would call physical pages. */
export interface Extent {
  readonly object: MemoryObject;
  /** The first page, counted from the start of the object. */
  readonly index: number;
  readonly count: number;
}

/** A page: its object, and where in it. */
export interface PageOfObject {
  readonly object: MemoryObject;
  readonly index: number;
}

/** Consecutive pages of an object. */
export interface PageRun {
  readonly first: number;
  readonly count: number;
}

/** Physically contiguous pages: a folio. */
export interface Block {
  readonly first: number;
  readonly count: number;
}

/**
 * Pages that mappings show and that the kernel pins. A page is its object and its index in it: that is what
 * stands for a physical address here. An object lives on while it is pinned, whether or not it is mapped.
 */
export abstract class MemoryObject {
  /** Are there pages that are physically in one piece with others? */
  readonly hasBlocks: boolean = false;
  private readonly pins = new RangeCounter();

  /** How many pages there are. */
  abstract readonly pageCount: number;

  /** Copies bytes of it, from `byte` on, into a buffer. */
  abstract read(byte: number, into: Uint8Array): void;

  /** Copies bytes into it, from `byte` on. */
  abstract write(byte: number, bytes: Uint8Array): void;

  /** Bytes that are in one page, to be looked at before the caller does anything else: perhaps in place. */
  look(byte: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.read(byte, bytes);
    return bytes;
  }

  /** Where a page is that is only read. */
  shown(index: number): PageOfObject {
    return { object: this, index };
  }

  /** The pages that are physically in one piece around a page: that page alone, where each is wherever there was room. */
  block(index: number): Block {
    return { first: index, count: 1 };
  }

  /** How often a page is pinned. */
  pinCount(index: number): number {
    return this.pins.at(index);
  }

  /** The pages of a range that are pinned, in order. */
  pinned({ first, count }: PageRun): PageRun[] {
    return this.pins.within(first, count);
  }

  pin(index: number, count: number): void {
    this.pins.add(index, count, 1);
  }

  unpin(index: number, count: number): void {
    invariant(this.pinCount(index) > 0, () => `page ${index} is unpinned more often than it was pinned`);
    this.pins.add(index, count, -1);
  }
}

/** Bytes that are copied one by one. */
const SHORT = 64;

/** Memory of this program, whose pages can be worked on in place. */
export abstract class LocalMemory extends MemoryObject {
  /** The bytes of a page to be written, in place for as long as the caller does nothing else. */
  abstract page(index: number): Uint8Array;

  /** The bytes of a page to be read, likewise. */
  pageToRead(index: number): Uint8Array {
    return this.page(index);
  }

  /** Bytes in place, for good. @throws RangeError if they are not in one piece */
  abstract inPlace(byte: number, length: number): Uint8Array;

  /** May a page have other contents than those that it began with? */
  isTouched(_index: number): boolean {
    return true;
  }

  override read(byte: number, into: Uint8Array): void {
    if (into.length <= SHORT && into.length <= bytesBehind(byte)) {
      // A part of the page would take longer to make than to copy.
      const page = this.pageToRead(Math.floor(byte / PAGE_SIZE));
      const offset = offsetInPage(byte);
      for (let i = 0; i < into.length; i++) into[i] = page[offset + i] ?? 0;
      return;
    }
    if (into.length <= bytesBehind(byte)) {
      into.set(this.look(byte, into.length));
      return;
    }
    for (let done = 0; done < into.length;) {
      const piece = this.look(byte + done, Math.min(bytesBehind(byte + done), into.length - done));
      into.set(piece, done);
      done += piece.length;
    }
  }

  override write(byte: number, bytes: Uint8Array): void {
    if (bytes.length <= bytesBehind(byte)) {
      this.page(Math.floor(byte / PAGE_SIZE)).set(bytes, offsetInPage(byte));
      return;
    }
    for (let done = 0; done < bytes.length;) {
      const at = byte + done;
      const piece = bytes.subarray(done, done + bytesBehind(at));
      this.page(Math.floor(at / PAGE_SIZE)).set(piece, offsetInPage(at));
      done += piece.length;
    }
  }

  override look(byte: number, length: number): Uint8Array {
    const offset = offsetInPage(byte);
    return this.pageToRead(Math.floor(byte / PAGE_SIZE)).subarray(offset, offset + length);
  }
}

/** Memory whose pages are allocated zeroed on first access. */
abstract class SparseMemory extends LocalMemory {
  protected readonly pages: SparsePages;

  constructor(
    readonly pageCount: number,
    fill?: (index: number, page: Uint8Array) => void,
  ) {
    super();
    this.pages = new SparsePages(pageCount, fill);
  }

  override page(index: number): Uint8Array {
    return this.pages.page(index);
  }

  override inPlace(byte: number, length: number): Uint8Array {
    return this.pages.inPlace(byte, length);
  }

  override isTouched(index: number): boolean {
    return this.pages.isTouched(index);
  }
}

/** Memory without a file. */
export class AnonymousMemory extends SparseMemory {
  override readonly hasBlocks: boolean;

  /** @param firstBlock pages that are physically in one piece, and after them as many again while there are so many */
  constructor(
    pageCount: number,
    private readonly firstBlock?: Block,
  ) {
    super(pageCount);
    this.hasBlocks = firstBlock !== undefined && firstBlock.first + firstBlock.count <= pageCount;
  }

  override block(index: number): Block {
    const { firstBlock } = this;
    if (firstBlock === undefined || index < firstBlock.first) return super.block(index);
    const { count } = firstBlock;
    const first = index - ((index - firstBlock.first) % count);
    return first + count <= this.pageCount ? { first, count } : super.block(index);
  }
}

/** A buffer of the test, used in place. */
export class HostMemory extends LocalMemory {
  readonly pageCount: number;
  /** The page that was asked for last, and its number: most likely the next one is the same. */
  private recent: Uint8Array | undefined;
  private recentIndex = -1;

  /** @throws RangeError unless the buffer is whole pages */
  constructor(private readonly bytes: Uint8Array) {
    super();
    if (bytes.length === 0 || bytes.length % PAGE_SIZE !== 0) {
      throw new RangeError(
        `memory is mapped in pages of ${PAGE_SIZE} bytes, and ${bytes.length} is not a number of them`,
      );
    }
    this.pageCount = bytes.length / PAGE_SIZE;
  }

  override page(index: number): Uint8Array {
    if (this.recent === undefined || this.recentIndex !== index) {
      this.recent = this.inPlace(index * PAGE_SIZE, PAGE_SIZE);
      this.recentIndex = index;
    }
    return this.recent;
  }

  override inPlace(byte: number, length: number): Uint8Array {
    return this.bytes.subarray(byte, byte + length);
  }
}

/** The bytes of a regular file, which mappings of it share. */
export interface ContentsOfFile extends MemoryObject {
  /** In bytes. */
  readonly size: number;
}

/** The pages of a memfd. */
export class FileMemory extends SparseMemory implements ContentsOfFile {
  /** @param size in bytes */
  constructor(readonly size: number) {
    super(Math.ceil(size / PAGE_SIZE));
  }
}

/** Pages of a huge page. */
const HUGE_PAGES = HUGE_PAGE_SIZE / PAGE_SIZE;

/** The huge page that a page of a file on hugetlbfs is in. */
function hugePageOf(index: number): Block {
  return { first: index - (index % HUGE_PAGES), count: HUGE_PAGES };
}

/** The pages of a memfd on hugetlbfs: `MFD_HUGETLB`. */
export class HugeFileMemory extends LocalMemory implements ContentsOfFile {
  override readonly hasBlocks = true;
  private readonly pages = new SparsePages(Number.MAX_SAFE_INTEGER);
  private bytes: number;

  /** @param size in bytes, whole huge pages */
  constructor(size: number) {
    super();
    this.bytes = size;
  }

  get size(): number {
    return this.bytes;
  }

  override get pageCount(): number {
    return this.bytes / PAGE_SIZE;
  }

  /** A mapping that can be written reaches up to here, and the file with it. @param size in bytes, whole huge pages */
  reach(size: number): void {
    this.bytes = Math.max(this.bytes, size);
  }

  override block(index: number): Block {
    return hugePageOf(index);
  }

  override page(index: number): Uint8Array {
    return this.pages.page(index);
  }

  override inPlace(byte: number, length: number): Uint8Array {
    return this.pages.inPlace(byte, length);
  }

  override isTouched(index: number): boolean {
    return this.pages.isTouched(index);
  }
}

/** Fills pages with those of an object. */
const copiesOf = restorable(
  'PrivateMemory.fill',
  (source: LocalMemory, offset: number) => (index: number, page: Uint8Array) =>
    page.set(source.page(offset + index)),
);

/**
 * A private mapping of a file: it shows the file's pages until they are to be written, and then copies of its own (copy
 * on write). A pin for a long time makes the copy as well, because a device may write at any time. Behind the end of the
 * file there is nothing.
 */
export class PrivateMemory extends SparseMemory {
  constructor(
    private readonly source: LocalMemory,
    private readonly offset: number,
    pageCount: number,
  ) {
    super(Math.max(0, Math.min(pageCount, source.pageCount - offset)), copiesOf(source, offset));
  }

  override shown(index: number): PageOfObject {
    if (this.pages.has(index)) return super.shown(index);
    return { object: this.source, index: this.offset + index };
  }

  override pageToRead(index: number): Uint8Array {
    return this.pages.has(index) ? this.page(index) : this.source.page(this.offset + index);
  }

  override pin(index: number, count: number): void {
    for (let i = 0; i < count; i++) this.page(index + i);
    super.pin(index, count);
  }
}

/** The same of a file on hugetlbfs: huge pages are copied as a whole. */
export class PrivateHugeMemory extends PrivateMemory {
  override readonly hasBlocks = true;

  override block(index: number): Block {
    return hugePageOf(index);
  }

  override page(index: number): Uint8Array {
    if (!this.pages.has(index)) {
      const { first, count } = hugePageOf(index);
      for (let i = first; i < first + count; i++) super.page(i);
    }
    return super.page(index);
  }
}
