/** Pinned pages: {@link checkPins} recounts the uses, pins and charges of every page. */

import { AccessFile } from '../selftest/access.js';
import type { IoPageTable } from '../ioas/io-page-table.js';
import type { Pages } from '../ioas/pages.js';
import { HwQueue } from '../iommufd/hw-queue.js';
import { Ioas } from '../iommufd/ioas.js';
import { RangeCounter } from '../lib/range-counter.js';
import { RenewedMemory } from '../process/file-memory.js';
import type { LockedPages } from '../process/locked-pages.js';
import type { UserMemory } from '../process/user-memory.js';
import type { MemoryObject } from '../process/memory-object.js';
import type { CountedWorld } from './world.testing.js';

/** @throws Error if a page has more or fewer pins, uses or charges than expected */
export function checkPins(world: CountedWorld): void {
  checkUses(world);
  checkObjects(world);
  checkAccounts(world);
}

/** Counts of pages, for each object that has pages. */
class PageCounts<T> {
  private readonly counts = new Map<T, RangeCounter>();

  add(thing: T, first: number, count: number, times: number): void {
    let counter = this.counts.get(thing);
    if (counter === undefined) this.counts.set(thing, (counter = new RangeCounter()));
    counter.add(first, count, times);
  }

  of(thing: T): RangeCounter {
    return this.counts.get(thing) ?? new RangeCounter();
  }

  get things(): T[] {
    return [...this.counts.keys()];
  }
}

/** @throws Error if two counts differ */
function compare(what: string, found: RangeCounter, counted: RangeCounter): void {
  // Neither count changes between these points.
  const points = [found, counted].flatMap((counter) =>
    [...counter['counts']].flatMap(({ start, last }) => [Number(start), Number(last) + 1]),
  );
  for (const point of points) {
    if (found.at(point) !== counted.at(point)) {
      throw new Error(
        `page ${point} ${what} ${found.at(point)} times, but ${counted.at(point)} are expected`,
      );
    }
  }
}

/** Checks that every page has one use for each area that maps it and for each access that pins it. */
function checkUses(world: CountedWorld): void {
  const uses = new PageCounts<Pages>();
  for (const { objects } of world.kernel.contexts) {
    for (const object of objects) {
      if (object instanceof Ioas) {
        for (const { pages, firstPage, pageCount, filled } of object.table.allAreas())
          if (filled) uses.add(pages, firstPage, pageCount, 1);
      } else if (object instanceof HwQueue && object['access'] !== undefined) {
        const { start, length } = object['pages'];
        held(object.viommu.parent.ioas.table, start, length, uses);
      }
    }
  }
  for (const file of world.files()) {
    if (!(file instanceof AccessFile)) continue;
    const table = file['access']?.['unpinFrom']?.table;
    if (table !== undefined) for (const { iova, length } of file.items) held(table, iova, length, uses);
  }
  for (const pages of world.kernel.pages) {
    const found = new RangeCounter();
    for (const { start, last, value } of pages['pins'])
      found.add(Number(start), Number(last - start) + 1, value.uses);
    compare('of a mapping is used', found, uses.of(pages));
  }
}

/** Counts the uses of an access that has pinned a range. */
function held(table: IoPageTable, iova: bigint, length: bigint, uses: PageCounts<Pages>): void {
  table.eachContiguous(iova, iova + length - 1n, (area, start, end) => {
    const first = area.pageAt(start);
    uses.add(area.pages, first, area.pageAt(end) - first + 1, 1);
  });
}

/** Checks that every page of memory has one pin for each mapping that needs it. */
function checkObjects({ kernel, processes }: CountedWorld): void {
  const pins = new PageCounts<MemoryObject>();
  for (const pages of kernel.pages) {
    if (pages.source.kind === 'device') continue;
    for (const { start, last, value } of pages['pins'])
      pins.add(value.object, value.index, Number(last - start) + 1, 1);
  }
  const mapped = processes.flatMap(({ memorySpace }) =>
    [...memorySpace['vmas']].flatMap(({ value: { object } }) =>
      object instanceof RenewedMemory ? object['generations'].objects() : [object],
    ),
  );
  for (const object of new Set([...pins.things, ...mapped]))
    compare('of memory is pinned', object['pins'], pins.of(object));
}

/** Checks that each mapping is charged for its pins, and each user and address space for its mappings. */
function checkAccounts({ kernel, processes, hasMovedUnlimited = false }: CountedWorld): void {
  const locked = new Map<LockedPages, number>();
  const pinned = new Map<UserMemory, number>();
  for (const { user, memorySpace } of processes) {
    locked.set(user, 0);
    if (memorySpace.isLive) locked.set(memorySpace.lockedPages, 0);
    pinned.set(memorySpace, 0);
  }
  for (const { account, source, pinnedCount } of kernel.pages) {
    const { charged, mode, process, space } = account;
    const due = source.kind === 'device' ? 0 : pinnedCount;
    // `update_mm_locked_vm()`: the count of an address space that has ended is not updated. Pages stay charged there.
    const isEnded = mode === 'mm' && !space.isLive;
    if (isEnded ? charged < due : charged !== due)
      throw new Error(`${charged} pages are charged, but ${due} are pinned`);
    pinned.set(space, (pinned.get(space) ?? 0) + charged);
    if (mode === 'none' || isEnded) continue;
    const counted = mode === 'user' ? process.user : space.lockedPages;
    locked.set(counted, (locked.get(counted) ?? 0) + charged);
  }
  for (const [{ count }, known] of locked)
    if (count !== known) throw new Error(`${count} pages are locked, but ${known} are expected`);
  if (hasMovedUnlimited) return;
  for (const [{ pinnedPages, isLive }, known] of pinned) {
    // Pages that were counted by an address space that has ended stay in its count, too.
    if (isLive ? pinnedPages !== known : pinnedPages < known)
      throw new Error(`${pinnedPages} pages are pinned, but ${known} are expected`);
  }
}
