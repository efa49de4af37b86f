import { RangeCounter } from '../lib/range-counter.js';
import { invariant } from '../errno.js';
import { PAGE_SIZE } from './page.js';
import { SparsePages } from './sparse-pages.js';

/** Consecutive pages of one memory object: what Linux would call physical pages. */
export interface Extent {
  readonly object: MemoryObject;
  /** The first page, counted from the start of the object. */
  readonly index: number;
  readonly count: number;
}

/**
 * Pages that mappings show and that the kernel pins. A page is its object and its index in it: that is what
 * stands for a physical address here. An object lives on while it is pinned, whether or not it is mapped.
 */
export abstract class MemoryObject {
  /**
   * How many pages are physically in one piece: 1 where each page is wherever there was room, 512 for huge pages.
   * A block begins at a multiple of its size.
   */
  readonly blockPages: number = 1;
  private readonly pins = new RangeCounter();

  /** How many pages there are. */
  abstract readonly pageCount: number;

  /** The bytes of a page, in place for as long as the caller does nothing else. */
  abstract page(index: number): Uint8Array;

  /** Bytes in place, for good. @throws RangeError if they are not in one piece */
  abstract inPlace(byte: number, length: number): Uint8Array;

  /** How often a page is pinned. */
  pinCount(index: number): number {
    return this.pins.at(index);
  }

  pin(index: number, count: number): void {
    this.pins.add(index, count, 1);
  }

  unpin(index: number, count: number): void {
    invariant(this.pinCount(index) > 0, () => `page ${index} is unpinned more often than it was pinned`);
    this.pins.add(index, count, -1);
  }
}

/** Memory whose pages exist from the first time that somebody looks at them; they are zero then. */
abstract class SparseMemory extends MemoryObject {
  private readonly pages: SparsePages;

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
}

/** Memory that is no file's. */
export class AnonymousMemory extends SparseMemory {
  constructor(
    pageCount: number,
    override readonly blockPages = 1,
  ) {
    super(pageCount);
  }
}

/** A buffer of the program that runs the kernel, used in place. */
export class HostMemory extends MemoryObject {
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

/** The pages of a memfd. */
export class FileMemory extends SparseMemory {
  /** @param size in bytes */
  constructor(readonly size: number) {
    super(Math.ceil(size / PAGE_SIZE));
  }
}

/**
 * A private mapping of a file: the file's pages until they are looked at, then copies of its own. Whoever asks for
 * bytes may write them. Behind the end of the file there is nothing.
 */
export class PrivateMemory extends SparseMemory {
  constructor(source: MemoryObject, offset: number, pageCount: number) {
    super(Math.max(0, Math.min(pageCount, source.pageCount - offset)), (index, page) =>
      page.set(source.page(offset + index)),
    );
  }
}
