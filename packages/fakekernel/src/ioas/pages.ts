import { fail, invariant } from '../errno.js';
import { RangeCounter } from '../lib/range-counter.js';
import { RangeMap } from '../lib/range-map.js';
import type { AddressSpace } from '../process/address-space.js';
import type { Extent, FileMemory } from '../process/memory-object.js';
import type { DmaBuf } from '../process/dma-buf.js';
import { PAGE_SIZE } from '../process/page.js';
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
      /** Undefined for a file that is not memory, whose pages cannot be pinned. */
      readonly memory: FileMemory | undefined;
      /** The first page. */
      readonly page: number;
    }
  | { readonly kind: 'device'; readonly file: DmaBuf; /** The first page. */ readonly page: number };

/**
 * The pages behind a mapping, which areas of several page tables may share. A page is pinned once, from its
 * first use (an area that fills a domain, an access of the kernel) to its last.
 */
export class Pages {
  private references = 1;
  private leaveFile: (() => void) | undefined;
  /** Memory of a device that was taken away: it is shown nowhere. */
  isRevoked = false;
  /** How to take it out of the domains that an area shows it in. */
  readonly shownBy = new Map<unknown, () => void>();
  /** How many uses each page has. */
  private readonly uses = new RangeCounter();
  /** The pinned pages, by their index. */
  private readonly pinned = new RangeMap<Extent>();

  constructor(
    readonly source: PageSource,
    /** How many pages there are. */
    readonly count: number,
    /** Were they mapped so that devices may write? Then they are pinned so, too. */
    readonly writable: boolean,
    readonly account: PinAccount,
  ) {
    account.process.kernel.pages.add(this);
    if (source.kind === 'device') this.attachTo(source.file);
  }

  /** Device memory that is taken away is gone from this mapping for good, also when it is given back. */
  private attachTo(file: DmaBuf): void {
    file.get();
    const stop = file.attach(() => {
      if (this.isRevoked) return;
      this.isRevoked = true;
      for (const hide of this.shownBy.values()) hide();
    });
    this.leaveFile = () => {
      stop();
      file.put();
    };
  }

  get(): this {
    this.references++;
    return this;
  }

  put(): void {
    this.references--;
    if (this.references > 0) return;
    invariant(this.pinned.size === 0 && this.uses.isZero, () => 'pages go away while they are pinned');
    this.leaveFile?.();
    this.account.process.kernel.pages.delete(this);
  }

  /** Adds a use to `count` pages from `first` on, and pins those that had none. @throws EFAULT | ENOMEM */
  use(first: number, count: number): void {
    const added: { readonly index: number; readonly count: number }[] = [];
    try {
      let charged = 0;
      for (const run of this.unused(first, count)) {
        let at = run.index;
        for (const extent of this.pinRun(run.index, run.count)) {
          this.pinned.insert(BigInt(at), BigInt(at + extent.count) - 1n, { ...extent });
          at += extent.count;
        }
        added.push(run);
        charged += run.count;
      }
      // All are pinned before they are counted, as the kernel does: EFAULT wins over ENOMEM.
      if (charged > 0) this.account.charge(charged);
    } catch (cause) {
      for (const run of added) this.unpinRun(run.index, run.count);
      throw cause;
    }
    this.uses.add(first, count, 1);
  }

  /** Takes a use away, and unpins the pages that have none left. */
  unuse(first: number, count: number): void {
    this.uses.add(first, count, -1);
    for (const run of this.unused(first, count)) {
      this.unpinRun(run.index, run.count);
      this.account.uncharge(run.count);
    }
  }

  /** The pages of a range that have no use, in runs. */
  private unused(first: number, count: number): { readonly index: number; readonly count: number }[] {
    return this.uses.zeros(first, count);
  }

  private pinRun(index: number, count: number): Extent[] {
    const { source } = this;
    if (source.kind === 'user') {
      return source.space.pin(source.address + index * PAGE_SIZE, count, this.writable);
    }
    if (source.kind === 'device') {
      return [{ object: source.file.memory, index: source.page + index, count }];
    }
    const { memory, page } = source;
    // The last page of a file that ends within it cannot be had.
    if (memory === undefined || (page + index + count) * PAGE_SIZE > memory.size) throw fail('EINVAL');
    memory.pin(page + index, count);
    return [{ object: memory, index: page + index, count }];
  }

  private unpinRun(first: number, count: number): void {
    const from = BigInt(first);
    const to = BigInt(first + count) - 1n;
    for (const { start, last, value } of [...this.pinned.range(from, to)]) {
      this.pinned.remove(start);
      const cut = (low: bigint, high: bigint): Extent => {
        const skipped = Number(low - start);
        return { object: value.object, index: value.index + skipped, count: Number(high - low) + 1 };
      };
      if (start < from) this.pinned.insert(start, from - 1n, cut(start, from - 1n));
      if (last > to) this.pinned.insert(to + 1n, last, cut(to + 1n, last));
      const { object, index, count: pages } = cut(start < from ? from : start, last > to ? to : last);
      if (this.source.kind !== 'device') object.unpin(index, pages);
    }
  }

  /** How many pages are pinned. */
  get pinnedCount(): number {
    let count = 0;
    for (const { value } of this.pinned) count += value.count;
    return count;
  }

  /** The pinned pages of a range, in order. They must have a use. */
  extents(first: number, count: number): Extent[] {
    const extents: Extent[] = [];
    const end = first + count;
    let at = first;
    for (const { start, last, value } of this.pinned.range(BigInt(first), BigInt(end) - 1n)) {
      const skipped = at - Number(start);
      const pages = Math.min(Number(last) + 1, end) - at;
      extents.push({ object: value.object, index: value.index + skipped, count: pages });
      at += pages;
    }
    invariant(at === end, () => `page ${at} is not pinned`);
    return extents;
  }
}
