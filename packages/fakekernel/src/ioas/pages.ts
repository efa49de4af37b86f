/**
 * The pages behind mappings: `struct iopt_pages` of Linux's `drivers/iommu/iommufd/pages.c`. A mapping of user memory, a
 * memfd or a dma-buf creates one {@link Pages}; IOMMU_IOAS_COPY and partial unmaps share it between areas. A page is pinned when
 * its first use begins, and unpinned when its last use ends. Uses are areas in a page table with domains, pins of kernel
 * accesses, and running copies.
 */
import { fail, invariant } from '../errno.js';
import type { Linked } from '../lib/linked-set.js';
import { restorable } from '../lib/restorable.js';
import { type RangeEntry, RangeMap } from '../lib/range-map.js';
import type { UserMemory } from '../process/user-memory.js';
import type { File } from '../process/file.js';
import type { Extent, MemoryObject } from '../process/memory-object.js';
import type { DmaBuf } from '../process/dma-buf.js';
import { allocate, failurePoint } from '../process/failure-points.js';
import { PAGE_SIZE } from '../process/page.js';
import type { PagesRegistry } from './pages-registry.js';
import type { PinAccount } from './pin-account.js';

/** The source of the pages. */
export type PageSource =
  | {
      readonly kind: 'user';
      readonly space: UserMemory;
      /** Address of the first page. */ readonly address: number;
    }
  | {
      readonly kind: 'file';
      /** Any file. Pinning fails with EINVAL if the file has no memory. */
      readonly file: File;
      /** The first page. */
      readonly page: number;
    }
  | {
      readonly kind: 'device';
      readonly file: DmaBuf;
      /** The pages of the dma-buf. */
      readonly range: Extent;
      /** The first page, in that range. */
      readonly page: number;
    };

/** Consecutive pinned pages with the same number of uses. */
interface Pin {
  readonly object: MemoryObject;
  /** Index of the first page in the object. */
  readonly index: number;
  readonly uses: number;
}

/** The pages behind a mapping, shared by the areas that map them. */
export class Pages implements Linked<Pages> {
  /** Neighbours in the {@link PagesRegistry}. */
  previous: Pages | undefined;
  next: Pages | undefined;
  private references = 1;
  private leaveDevice: (() => void) | undefined;
  /** True if the exporter has revoked this device memory: no domain maps it. */
  isRevoked = false;
  /** For device memory: callbacks that unmap each area from its domains. */
  readonly shownBy: Map<unknown, () => void> | undefined;
  private knownPins: RangeMap<Pin> | undefined;

  constructor(
    /** All pages of the kernel. */
    readonly registry: PagesRegistry,
    readonly source: PageSource,
    /** Number of pages. */
    readonly count: number,
    /** True if it was mapped with IOMMU_IOAS_MAP_WRITEABLE: pages are pinned with FOLL_WRITE. */
    readonly writable: boolean,
    readonly account: PinAccount,
  ) {
    registry.add(this);
    if (source.kind === 'device') {
      this.shownBy = new Map();
      this.leaveDevice = this.attachTo(source.file, this.shownBy);
    }
    // The pages hold a reference to the file, so closing its fd does not release it.
    if (source.kind !== 'user') source.file.get();
  }

  /** Device memory that is revoked once stays revoked for this mapping, even if the exporter makes it available again. */
  private attachTo(file: DmaBuf, shownBy: ReadonlyMap<unknown, () => void>): () => void {
    return file.attach(Pages.revoked(this, shownBy));
  }

  /** Unmaps the pages, because the exporter has revoked them. */
  private revoke(shownBy: ReadonlyMap<unknown, () => void>): void {
    if (this.isRevoked) return;
    this.isRevoked = true;
    for (const hide of shownBy.values()) hide();
  }

  /** The callback for a revocation. */
  private static readonly revoked = restorable(
    'Pages.revoke',
    (pages: Pages, shownBy: ReadonlyMap<unknown, () => void>) => () => pages.revoke(shownBy),
  );

  get(): this {
    this.references++;
    return this;
  }

  put(): void {
    this.references--;
    if (this.references > 0) return;
    invariant((this.knownPins?.size ?? 0) === 0, () => 'pages are freed while they are pinned');
    this.leaveDevice?.();
    this.registry.delete(this);
    const { source, account } = this;
    // `fput()`: the file is released when the system call returns.
    if (source.kind !== 'user') account.process.kernel.taskWork.add(() => source.file.put());
  }

  /** The pages in use, by index. Created on demand: pages that no domain maps have no pins. */
  private get pins(): RangeMap<Pin> {
    return (this.knownPins ??= new RangeMap());
  }

  /** Adds a use to `count` pages from `first` on, and pins those without a use. @throws EFAULT | EINVAL | ENOMEM */
  use(first: number, count: number): void {
    this.addUse(first, count, true);
  }

  /** Like {@link use}, for the duration of a copy: the limit is not charged. @throws EFAULT | EINVAL */
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
      // Linux pins all pages before it charges them: EFAULT takes precedence over ENOMEM.
      if (charged > 0 && counts) this.charge(charged);
    } catch (cause) {
      for (const pin of added) this.unpin(pin);
      throw cause;
    }
    for (const pin of known) pin.value = { ...pin.value, uses: pin.value.uses + 1 };
  }

  /** Removes a use, and unpins the pages without further uses. */
  unuse(first: number, count: number): void {
    this.takeUse(first, count, true);
  }

  /** Ends a {@link borrow}. */
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

  /** Charges pages. Device memory is not pinned, and is not charged. */
  private charge(pages: number): void {
    if (this.source.kind !== 'device') this.account.charge(pages);
  }

  /** The pins of a range. A pin that crosses an end of the range is split. */
  private pinsWithin(first: number, count: number): RangeEntry<Pin>[] {
    if (this.pins.size === 0) return [];
    const from = BigInt(first);
    const end = BigInt(first + count);
    this.cutAt(from);
    this.cutAt(end);
    return [...this.pins.range(from, end - 1n)];
  }

  /** Splits a pin at the start of a page, if it crosses it. */
  private cutAt(page: bigint): void {
    const entry = this.pins.at(page);
    if (entry === undefined || entry.start === page) return;
    const { start, last, value } = entry;
    this.pins.remove(start);
    this.pins.insert(start, page - 1n, value);
    this.pins.insert(page, last, { ...value, index: value.index + Number(page - start) });
  }

  private pinRun(index: number, count: number): readonly Extent[] {
    const { source } = this;
    if (source.kind !== 'device') {
      allocate('temp_kmalloc()');
      failurePoint('pin', 'pfn_reader_user_pin()');
    }
    if (source.kind === 'user') {
      const batch = this.registry.pinBatch;
      return source.space.pin(source.address + index * PAGE_SIZE, count, this.writable, batch);
    }
    if (source.kind === 'device') {
      const { object, index: first } = source.range;
      return [{ object, index: first + source.page + index, count }];
    }
    const { file, page } = source;
    const { memory } = file;
    // A partial last page of a file cannot be pinned.
    if (memory === undefined || (page + index + count) * PAGE_SIZE > memory.size) throw fail('EINVAL');
    const extents = memory.extents(page + index, count);
    for (const extent of extents) extent.object.pin(extent.index, extent.count);
    return extents;
  }

  private unpin(pin: RangeEntry<Pin>): void {
    const { object, index } = pin.value;
    this.pins.remove(pin.start);
    if (this.source.kind !== 'device') object.unpin(index, sizeOf(pin));
  }

  /** Number of pinned pages. */
  get pinnedCount(): number {
    let count = 0;
    for (const pin of this.pins) count += sizeOf(pin);
    return count;
  }

  /** The pinned pages of a range, in order. All of them must have a use. */
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

/** The runs of a range that no pin covers. */
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
