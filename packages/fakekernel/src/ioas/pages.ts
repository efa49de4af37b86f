import { fail, invariant } from '../errno.js';
import type { Linked } from '../lib/linked-set.js';
import { type RangeEntry, RangeMap } from '../lib/range-map.js';
import type { AddressSpace } from '../process/address-space.js';
import type { File } from '../process/file.js';
import type { Extent, MemoryObject } from '../process/memory-object.js';
import type { DmaBuf } from '../process/dma-buf.js';
import { PAGE_SIZE } from '../process/page.js';
import type { PagesRegistry } from './pages-registry.js';
import type { PinAccount } from './pin-account.js';

/** Where the pages of a mapping come from. */
export type PageSource =
  | {
      readonly kind: 'user';
      readonly space: AddressSpace;
      /** Of the first page. */ readonly address: number;
    }
  | {
      readonly kind: 'file';
      /** Any file; of one that is not memory no page can be pinned. */
      readonly file: File;
      /** The first page. */
      readonly page: number;
    }
  | { readonly kind: 'device'; readonly file: DmaBuf; /** The first page. */ readonly page: number };

/** Consecutive pages that are pinned: where they are, and how many uses each of them has. */
interface Pin {
  readonly object: MemoryObject;
  /** The first page of the object. */
  readonly index: number;
  readonly uses: number;
}

/**
 * The pages behind a mapping, which areas of several page tables may share. A page is pinned once, from its
 * first use (an area that fills a domain, an access of the kernel) to its last.
 */
export class Pages implements Linked<Pages> {
  /** Neighbours among the pages of the kernel. */
  previous: Pages | undefined;
  next: Pages | undefined;
  private references = 1;
  private leaveDevice: (() => void) | undefined;
  /** Memory of a device that was taken away: it is shown nowhere. */
  isRevoked = false;
  /** Memory that can be taken away: how to take it out of the domains that an area shows it in. */
  readonly shownBy: Map<unknown, () => void> | undefined;
  private knownPins: RangeMap<Pin> | undefined;

  constructor(
    /** The pages of every mapping of the kernel. */
    readonly registry: PagesRegistry,
    readonly source: PageSource,
    /** How many pages there are. */
    readonly count: number,
    /** Were they mapped so that devices may write? Then they are pinned so, too. */
    readonly writable: boolean,
    readonly account: PinAccount,
  ) {
    registry.add(this);
    if (source.kind === 'device') {
      this.shownBy = new Map();
      this.leaveDevice = this.attachTo(source.file, this.shownBy);
    }
    // Whatever file it is, it stays as long as the pages: closing its number frees nothing of what it holds.
    if (source.kind !== 'user') source.file.get();
  }

  /** Device memory that is taken away is gone from this mapping for good, also when it is given back. */
  private attachTo(file: DmaBuf, shownBy: ReadonlyMap<unknown, () => void>): () => void {
    return file.attach(() => {
      if (this.isRevoked) return;
      this.isRevoked = true;
      for (const hide of shownBy.values()) hide();
    });
  }

  get(): this {
    this.references++;
    return this;
  }

  put(): void {
    this.references--;
    if (this.references > 0) return;
    invariant((this.knownPins?.size ?? 0) === 0, () => 'pages go away while they are pinned');
    this.leaveDevice?.();
    this.registry.delete(this);
    const { source, account } = this;
    // `fput()`: the file is released when the system call returns.
    if (source.kind !== 'user') account.process.kernel.taskWork.add(() => source.file.put());
  }

  /** The pages that have a use, by their index; each is pinned as long. Made late: without a domain there are none. */
  private get pins(): RangeMap<Pin> {
    return (this.knownPins ??= new RangeMap());
  }

  /** Adds a use to `count` pages from `first` on, and pins those that had none. @throws EFAULT | ENOMEM */
  use(first: number, count: number): void {
    this.addUse(first, count, true);
  }

  /** The same for the time of a copy, which is not counted against the limit. @throws EFAULT */
  borrow(first: number, count: number): void {
    this.addUse(first, count, false);
  }

  private addUse(first: number, count: number, counts: boolean): void {
    const known = this.pinsWithin(first, count);
    const added: RangeEntry<Pin>[] = [];
    try {
      let charged = 0;
      for (const run of unpinned(known, first, count)) {
        let at = BigInt(run.index);
        for (const { object, index, count: pages } of this.pinRun(run.index, run.count)) {
          const next = at + BigInt(pages);
          added.push(this.pins.insert(at, next - 1n, { object, index, uses: 1 }));
          at = next;
        }
        charged += run.count;
      }
      // All are pinned before they are counted, as the kernel does: EFAULT wins over ENOMEM.
      if (charged > 0 && counts) this.charge(charged);
    } catch (cause) {
      for (const pin of added) this.unpin(pin);
      throw cause;
    }
    for (const pin of known) pin.value = { ...pin.value, uses: pin.value.uses + 1 };
  }

  /** Takes a use away, and unpins the pages that have none left. */
  unuse(first: number, count: number): void {
    this.takeUse(first, count, true);
  }

  /** The opposite of {@link borrow}. */
  giveBack(first: number, count: number): void {
    this.takeUse(first, count, false);
  }

  private takeUse(first: number, count: number, counts: boolean): void {
    const known = this.pinsWithin(first, count);
    invariant(unpinned(known, first, count).length === 0, () => 'pages lose a use that they did not have');
    for (const pin of known) {
      pin.value = { ...pin.value, uses: pin.value.uses - 1 };
      if (pin.value.uses > 0) continue;
      this.unpin(pin);
      if (counts) this.charge(-sizeOf(pin));
    }
  }

  /** Memory of a device is in use without being pinned: it counts for nothing. */
  private charge(pages: number): void {
    if (this.source.kind !== 'device') this.account.charge(pages);
  }

  /** The pins of a range, cut where it begins and ends. */
  private pinsWithin(first: number, count: number): RangeEntry<Pin>[] {
    if (this.pins.size === 0) return [];
    const from = BigInt(first);
    const end = BigInt(first + count);
    this.cutAt(from);
    this.cutAt(end);
    return [...this.pins.range(from, end - 1n)];
  }

  /** No pin goes over the start of this page. */
  private cutAt(page: bigint): void {
    const entry = this.pins.at(page);
    if (entry === undefined || entry.start === page) return;
    const { start, last, value } = entry;
    this.pins.remove(start);
    this.pins.insert(start, page - 1n, value);
    this.pins.insert(page, last, { ...value, index: value.index + Number(page - start) });
  }

  private pinRun(index: number, count: number): Extent[] {
    const { source } = this;
    if (source.kind === 'user') {
      const batch = this.registry.pinBatch;
      return source.space.pin(source.address + index * PAGE_SIZE, count, this.writable, batch);
    }
    if (source.kind === 'device') {
      return [{ object: source.file.pages, index: source.page + index, count }];
    }
    const { file, page } = source;
    const { memory } = file;
    // The last page of a file that ends within it cannot be had.
    if (memory === undefined || (page + index + count) * PAGE_SIZE > memory.size) throw fail('EINVAL');
    memory.pin(page + index, count);
    return [{ object: memory, index: page + index, count }];
  }

  private unpin(pin: RangeEntry<Pin>): void {
    const { object, index } = pin.value;
    this.pins.remove(pin.start);
    if (this.source.kind !== 'device') object.unpin(index, sizeOf(pin));
  }

  /** How many pages are pinned. */
  get pinnedCount(): number {
    let count = 0;
    for (const pin of this.pins) count += sizeOf(pin);
    return count;
  }

  /** The pinned pages of a range, in order. They must have a use. */
  extents(first: number, count: number): Extent[] {
    const extents: Extent[] = [];
    const end = first + count;
    let at = first;
    for (const { start, last, value } of this.pins.range(BigInt(first), BigInt(end) - 1n)) {
      const skipped = at - Number(start);
      const pages = Math.min(Number(last) + 1, end) - at;
      extents.push({ object: value.object, index: value.index + skipped, count: pages });
      at += pages;
    }
    invariant(at === end, () => `page ${at} is not pinned`);
    return extents;
  }
}

const sizeOf = ({ start, last }: RangeEntry<Pin>): number => Number(last - start) + 1;

/** What pins leave of a range, in runs. */
function unpinned(
  pins: readonly RangeEntry<Pin>[],
  first: number,
  count: number,
): { readonly index: number; readonly count: number }[] {
  const runs: { readonly index: number; readonly count: number }[] = [];
  let at = first;
  for (const { start, last } of pins) {
    if (Number(start) > at) runs.push({ index: at, count: Number(start) - at });
    at = Number(last) + 1;
  }
  if (at < first + count) runs.push({ index: at, count: first + count - at });
  return runs;
}
