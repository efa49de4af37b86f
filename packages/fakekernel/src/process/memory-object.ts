/**
 * Memory objects: the pages behind mappings. There is anonymous memory and a buffer of the test; `file-memory.ts` has the memory of
 * files. Each class decides when a page is allocated or copied. A page is identified by its object and its index, which stand for its
 * physical address. Pins are counted for each page.
 */
import { RangeCounter } from '../lib/range-counter.js';
import { invariant } from '../errno.js';
import { bytesBehind, offsetInPage, PAGE_SIZE } from './page.js';
import { SparsePages } from './sparse-pages.js';

/** Consecutive pages of one memory object: a physical range of Linux. */
export interface Extent {
  readonly object: MemoryObject;
  /** The first page, counted from the start of the object. */
  readonly index: number;
  readonly count: number;
}

/** A page: its object, and its index there. */
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
 * Pages that can be mapped and pinned. A page is identified by its object and its index in it, which stand for a physical
 * address. A pinned object stays alive, whether or not it is mapped.
 */
export abstract class MemoryObject {
  /** True if some of its pages are physically contiguous with others. */
  readonly hasBlocks: boolean = false;
  private readonly pins = new RangeCounter();

  /** Number of pages. */
  abstract readonly pageCount: number;

  /** Copies bytes from offset `byte` on into a buffer. */
  abstract read(byte: number, into: Uint8Array): void;

  /** Copies bytes into it, from offset `byte` on. */
  abstract write(byte: number, bytes: Uint8Array): void;

  /** Bytes within one page, for reading at once: the result may be a view, which is valid only until the next operation. */
  look(byte: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.read(byte, bytes);
    return bytes;
  }

  /** The page that a read of this page reaches. */
  shown(index: number): PageOfObject {
    return { object: this, index };
  }

  /** The physically contiguous pages around a page. Default: the page alone, because Linux allocates each page anywhere. */
  block(index: number): Block {
    return { first: index, count: 1 };
  }

  /** Number of pins of a page. */
  pinCount(index: number): number {
    return this.pins.at(index);
  }

  /** The runs of pinned pages in a range, in order. */
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

/** Up to this many bytes are copied byte by byte. */
const SHORT = 64;

/** Memory of this program, with views of its pages. */
export abstract class LocalMemory extends MemoryObject {
  /** A view of a page, for writing. It is valid until the next operation. */
  abstract page(index: number): Uint8Array;

  /** A view of a page, for reading. It is valid until the next operation. */
  pageToRead(index: number): Uint8Array {
    return this.page(index);
  }

  /** A view of bytes that stays valid. @throws RangeError if they are not contiguous */
  abstract inPlace(byte: number, length: number): Uint8Array;

  /**
   * The pages that a pin of a mapping of this memory takes: at an index, and those after it in the same object, at most `most`. A
   * file whose pages were removed while they were pinned has its pages in several objects.
   */
  extent(index: number, most: number): Extent {
    return { object: this, index, count: most };
  }

  /** True if the contents of a page may differ from its initial contents. */
  isTouched(_index: number): boolean {
    return true;
  }

  override read(byte: number, into: Uint8Array): void {
    if (into.length <= SHORT && into.length <= bytesBehind(byte)) {
      // For a short read, creating a view takes longer than copying.
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
export abstract class SparseMemory extends LocalMemory {
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

  /**
   * @param firstBlock the first physically contiguous block; the pages after it form blocks of the same size, as far as they are
   *   complete
   */
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
  /** The page that was used last, and its index. The next access is likely to use it too. */
  private recent: Uint8Array | undefined;
  private recentIndex = -1;

  /** @throws RangeError unless the buffer consists of whole pages */
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

/** The contents of a regular file, which its mappings share. */
export interface ContentsOfFile {
  /** Size in bytes. */
  readonly size: number;
  /** True if it has huge pages. */
  readonly hasBlocks: boolean;
  /** The pages that a part of it has now, in order. Pages may be in several objects, if the file lost some that were pinned. */
  extents(index: number, count: number): readonly Extent[];
}
