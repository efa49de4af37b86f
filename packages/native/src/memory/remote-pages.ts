/**
 * Pages of processes, which the fake kernel pins and its devices access. Pinned pages keep their contents even if the process unmaps
 * them or ends. So {@link RemotePages} copies pinned pages that a process is about to lose.
 */

import {
  type Block,
  HUGE_PAGE_SIZE,
  type Losable,
  MemoryObject,
  PAGE_SIZE,
  type PageRun,
  RangeMap,
} from '@iommufd/fakekernel/task';
import type { ProcessMemory } from './process-memory.js';

/** The number of pages that are copied at a time. */
const BATCH = 256;
const ZEROS = Buffer.alloc(PAGE_SIZE);
const HUGE_PAGES = HUGE_PAGE_SIZE / PAGE_SIZE;

/**
 * The huge page of 2 MiB that contains a page. Huge pages begin at multiples of their size, in files and in memory. A huge page of
 * 1 GiB counts as several of 2 MiB.
 */
export function hugePageOf(index: number): Block {
  return { first: index - (index % HUGE_PAGES), count: HUGE_PAGES };
}

/** Copies of pages, by their index. Pages of zeros take no memory. */
class Copies {
  private readonly pages = new Map<number, Uint8Array | undefined>();

  has(index: number): boolean {
    return this.pages.has(index);
  }

  get isEmpty(): boolean {
    return this.pages.size === 0;
  }

  /** Stores a copy of a page. */
  keep(index: number, bytes: Uint8Array): void {
    this.pages.set(index, ZEROS.equals(bytes) ? undefined : Uint8Array.from(bytes));
  }

  drop(index: number): void {
    this.pages.delete(index);
  }

  read(index: number, offset: number, into: Uint8Array): void {
    const page = this.pages.get(index);
    if (page === undefined) into.fill(0);
    else into.set(page.subarray(offset, offset + into.length));
  }

  write(index: number, offset: number, bytes: Uint8Array): void {
    let page = this.pages.get(index);
    if (page === undefined) this.pages.set(index, (page = new Uint8Array(PAGE_SIZE)));
    page.set(bytes, offset);
  }
}

/** Pages whose bytes are in another process or file, until the process loses them and they are copied. */
export abstract class RemotePages extends MemoryObject implements Losable {
  /** Returns the listener that is called before devices and the fake kernel access bytes that are not copied; may be undefined. */
  listener: () => ((byte: number, length: number) => void) | undefined = () => undefined;
  /** Pages that the process has lost. These copies are the only contents. */
  private readonly taken = new Copies();
  /** Copies of pages of a process that may be about to end. They are used after its end. */
  private readonly saved = new Copies();

  /** Reads from the process or file. @returns the number of bytes read, up to the first that cannot be read */
  protected abstract readRemote(byte: number, into: Uint8Array): number;
  protected abstract writeRemote(byte: number, bytes: Uint8Array): number;

  override read(byte: number, into: Uint8Array): void {
    this.tellReach(byte, into.length);
    if (this.taken.isEmpty) {
      const done = this.readRemote(byte, into);
      if (done === into.length) return;
    }
    this.eachPage(byte, into, (at, index, offset, part) => {
      if (this.taken.has(index)) this.taken.read(index, offset, part);
      else if (this.readRemote(at, part) < part.length) this.saved.read(index, offset, part);
    });
  }

  override write(byte: number, bytes: Uint8Array): void {
    this.tellReach(byte, bytes.length);
    if (this.taken.isEmpty && this.saved.isEmpty && this.writeRemote(byte, bytes) === bytes.length) return;
    this.eachPage(byte, bytes, (at, index, offset, part) => {
      if (this.taken.has(index)) {
        this.taken.write(index, offset, part);
        return;
      }
      if (this.writeRemote(at, part) < part.length || this.saved.has(index))
        this.saved.write(index, offset, part);
    });
  }

  private tellReach(byte: number, length: number): void {
    const tell = this.listener();
    if (tell === undefined) return;
    for (let done = 0; done < length;) {
      const at = byte + done;
      const count = Math.min(length - done, PAGE_SIZE - (at % PAGE_SIZE));
      if (!this.taken.has(Math.floor(at / PAGE_SIZE))) tell(at, count);
      done += count;
    }
  }

  private eachPage(
    byte: number,
    bytes: Uint8Array,
    each: (at: number, index: number, offset: number, part: Uint8Array) => void,
  ): void {
    for (let done = 0; done < bytes.length;) {
      const at = byte + done;
      const index = Math.floor(at / PAGE_SIZE);
      const offset = at - index * PAGE_SIZE;
      const part = bytes.subarray(done, done + PAGE_SIZE - offset);
      each(at, index, offset, part);
      done += part.length;
    }
  }

  /** Copies the pinned pages of a run that the process is about to lose. @returns true if there are any */
  take(run: PageRun): boolean {
    return this.copy(run, this.taken);
  }

  /** Copies the pinned pages of a run, because the process may be about to end or to run another program. */
  save(run: PageRun): void {
    this.copy(run, this.saved);
  }

  private copy(run: PageRun, to: Copies): boolean {
    const pinned = this.pinned(run);
    const batch = Buffer.alloc(pinned.length === 0 ? 0 : BATCH * PAGE_SIZE);
    for (const { first, count } of pinned) {
      for (let done = 0; done < count; done += BATCH) {
        const pages = Math.min(BATCH, count - done);
        const bytes = batch.subarray(0, pages * PAGE_SIZE);
        this.read((first + done) * PAGE_SIZE, bytes);
        for (let i = 0; i < pages; i++) {
          const index = first + done + i;
          if (!this.taken.has(index)) to.keep(index, bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE));
        }
      }
    }
    return pinned.length > 0;
  }

  override unpin(index: number, count: number): void {
    super.unpin(index, count);
    if (this.taken.isEmpty && this.saved.isEmpty) return;
    for (let i = index; i < index + count; i++) {
      if (this.pinCount(i) > 0) continue;
      this.taken.drop(i);
      this.saved.drop(i);
    }
  }
}

/** The private pages of a process. The index of a page is its address divided by the page size. */
export class PrivatePages extends RemotePages {
  override readonly pageCount: number;
  override hasBlocks = false;
  /** Indices of pages that are in huge pages. */
  private readonly huge = new RangeMap<true>();

  constructor(
    private readonly memory: ProcessMemory,
    end: number,
  ) {
    super();
    this.pageCount = Math.floor(end / PAGE_SIZE);
  }

  /** Updates whether pages are in huge pages, before they are used. This may have changed for pages that are not pinned. */
  areHuge({ first, count }: PageRun, huge: boolean): void {
    if (!huge && this.huge.size === 0) return;
    const last = BigInt(first + count) - 1n;
    this.huge.cut(BigInt(first), last, (value) => value);
    if (huge) this.huge.insert(BigInt(first), last, true);
    this.hasBlocks = this.huge.size > 0;
  }

  override block(index: number): Block {
    return this.huge.at(BigInt(index)) === undefined ? super.block(index) : hugePageOf(index);
  }

  protected override readRemote(byte: number, into: Uint8Array): number {
    return this.memory.read(byte, into);
  }

  protected override writeRemote(byte: number, bytes: Uint8Array): number {
    return this.memory.write(byte, bytes);
  }
}
