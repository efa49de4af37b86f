import { RangeCounter } from '../lib/range-counter.js';
import { invariant } from '../errno.js';
import { PAGE_SIZE } from './page.js';

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

  /** The bytes of a page, in place. */
  abstract page(index: number): Uint8Array;

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

/** Memory that reads as zero until it is written; pages exist from the first time that somebody looks at them. */
abstract class SparseMemory extends MemoryObject {
  private readonly present = new Map<number, Uint8Array>();

  override page(index: number): Uint8Array {
    let page = this.present.get(index);
    if (page === undefined) this.present.set(index, (page = new Uint8Array(PAGE_SIZE)));
    return page;
  }
}

/** Memory that is no file's. */
export class AnonymousMemory extends SparseMemory {
  constructor(
    readonly pageCount: number,
    override readonly blockPages = 1,
  ) {
    super();
  }
}

/** A buffer of the program that runs the kernel, used in place. */
export class HostMemory extends MemoryObject {
  readonly pageCount: number;

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
    return this.bytes.subarray(index * PAGE_SIZE, (index + 1) * PAGE_SIZE);
  }
}

/** The pages of a memfd. */
export class FileMemory extends SparseMemory {
  readonly pageCount: number;

  /** @param size in bytes */
  constructor(readonly size: number) {
    super();
    this.pageCount = Math.ceil(size / PAGE_SIZE);
  }
}

/** A private mapping of a file: the file's pages until they are written, then copies of its own. */
export class PrivateMemory extends MemoryObject {
  private readonly copies = new Map<number, Uint8Array>();

  constructor(
    private readonly source: MemoryObject,
    private readonly offset: number,
    readonly pageCount: number,
  ) {
    super();
  }

  /** Whoever asks for bytes in place may write them: this is where the copy is made. */
  override page(index: number): Uint8Array {
    let page = this.copies.get(index);
    if (page === undefined) this.copies.set(index, (page = this.source.page(this.offset + index).slice()));
    return page;
  }
}
