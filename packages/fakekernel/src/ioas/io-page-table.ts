import { type Errno, fail, invariant } from '../errno.js';
import type { DirtyRecorder, DirtyTracking, PagingDomain, Protection } from '../iommu/domain.js';
import { RangeMap } from '../lib/range-map.js';
import { PAGE, ULONG_MAX } from '../process/page.js';
import { lowestBit, max, min, roundUpToPowerOfTwo } from '../lib/align.js';
import { Area } from './area.js';
import type { Pages } from './pages.js';
import { ReservedRanges, TEST_OWNER } from './reserved.js';

/** A part of some pages that is to be mapped. */
export interface Piece {
  readonly pages: Pages;
  readonly startByte: number;
  readonly length: bigint;
}

/** An access of the kernel as the page table knows it: what alignment it needs, and how to tell it to let go. */
export interface TableAccess {
  readonly iovaAlignment: bigint;
  /** A range is about to be unmapped: unpin what intersects it. Without it the access does not let go. */
  readonly unmap: ((iova: bigint, length: bigint) => void) | undefined;
}

/** What an unmap did. */
export interface Unmapped {
  readonly bytes: bigint;
  /** Why it stopped; what came before is unmapped. */
  readonly failure?: Errno;
}

/** Transparent huge pages: placement keeps to their alignment where it can. */
const HUGE_PAGE = 2n << 20n;

/**
 * The map from IOVAs to pages of an IOAS. Every domain that is attached shows the same map, so each of them
 * narrows what can be mapped: by its aperture, and by the size of its smallest page.
 */
export class IoPageTable {
  private readonly areas = new RangeMap<Area>();
  readonly reserved = new ReservedRanges();
  private allowed = new RangeMap<true>();
  private readonly domains: PagingDomain[] = [];
  private readonly accesses = new Set<TableAccess>();
  /** What the start and the end of every mapping must be a multiple of. */
  iovaAlignment = 1n;
  private largePagesOff = false;

  get largePages(): boolean {
    return !this.largePagesOff;
  }

  get attachedDomains(): readonly PagingDomain[] {
    return this.domains;
  }

  /** Every area, by rising IOVA. */
  allAreas(): Area[] {
    return [...this.areas].map(({ value }) => value);
  }

  /** The area that holds an IOVA. */
  areaAt(iova: bigint): Area | undefined {
    return this.areas.at(iova)?.value;
  }

  /** The IOVA of an offset into the nth area, as fuzzers ask for it; 0 if there is no such area. */
  iovaOfArea(nth: number, offset: number): bigint {
    const area = this.allAreas()[nth];
    return area === undefined ? 0n : BigInt.asUintN(64, area.start + BigInt(offset));
  }

  /**
   * The areas from `iova` to `last`, which must follow each other without a gap, each with the part of it that is
   * in the range. `each` is called for those before a gap, too.
   * @throws ENOENT for a gap
   */
  eachContiguous(iova: bigint, last: bigint, each: (area: Area, start: bigint, last: bigint) => void): void {
    let cursor = iova;
    for (const { value: area } of this.areas.range(iova, last)) {
      if (area.start > cursor) break;
      const end = min(area.last, last);
      each(area, cursor, end);
      if (end === last) return;
      cursor = end + 1n;
    }
    throw fail('ENOENT');
  }

  /**
   * Maps pieces one after another.
   * @param fixed where; undefined to have a place found
   * @returns where
   */
  map(pieces: readonly Piece[], length: bigint, fixed: bigint | undefined, protection: Protection): bigint {
    if (length === 0n || (length & (this.iovaAlignment - 1n)) !== 0n) throw fail('EINVAL');
    const [first] = pieces;
    invariant(first !== undefined, () => 'nothing to map');
    const start = fixed ?? this.findPlace(sourceAddress(first), length);
    if (fixed !== undefined) this.checkPlace(start, length);

    const made: Area[] = [];
    try {
      let iova = start;
      for (const piece of pieces) {
        made.push(this.insertArea(piece, iova, protection));
        iova += piece.length;
      }
      this.fillAll(made);
    } catch (cause) {
      for (const area of made) this.areas.remove(area.start);
      throw cause;
    }
    for (const area of made) area.pages.get();
    return start;
  }

  private insertArea({ pages, startByte, length }: Piece, iova: bigint, protection: Protection): Area {
    if (protection.write && !pages.writable) throw fail('EPERM');
    const area = new Area(this, pages, iova, iova + length - 1n, startByte, protection);
    if ((BigInt(area.pageOffset) & (this.iovaAlignment - 1n)) !== 0n) throw fail('EINVAL');
    return this.areas.add(area);
  }

  private fillAll(areas: readonly Area[]): void {
    if (this.domains.length === 0) return;
    const filled: Area[] = [];
    try {
      for (const area of areas) {
        // What is mapped in one piece is aligned as a whole.
        if (areas.length > 1) this.checkPiece(area);
        this.fillArea(area);
        filled.push(area);
      }
    } catch (cause) {
      for (const area of filled) this.unfillArea(area);
      throw cause;
    }
  }

  /** `iommu_map()`: each piece is mapped on its own, and a page table has no entries below its smallest. */
  private checkPiece({ start, length, pageOffset }: Area): void {
    for (const { pageSizes } of this.domains) {
      const mask = lowestBit(pageSizes) - 1n;
      if (((start | length | BigInt(pageOffset)) & mask) !== 0n) throw fail('EINVAL');
    }
  }

  /** Pins an area's pages and shows them in every domain. */
  private fillArea(area: Area): void {
    this.takePages(area);
    try {
      for (const domain of this.domains) showIn(domain, area, this.largePages);
    } catch (cause) {
      this.unfillArea(area);
      throw cause;
    }
  }

  private unfillArea(area: Area): void {
    if (!area.filled) return;
    this.hide(area);
    this.leavePages(area);
  }

  private hide(area: Area): void {
    for (const domain of this.domains) domain.unmap(area.start, area.length);
  }

  private takePages(area: Area): void {
    area.pages.use(area.firstPage, area.pageCount);
    area.pages.shownBy?.set(area, () => this.hide(area));
    area.filled = true;
  }

  private leavePages(area: Area): void {
    area.filled = false;
    area.pages.shownBy?.delete(area);
    area.pages.unuse(area.firstPage, area.pageCount);
  }

  /** Can a mapping be at this place? */
  private checkPlace(iova: bigint, length: bigint): void {
    if ((iova & (this.iovaAlignment - 1n)) !== 0n) throw fail('EINVAL');
    const last = iova + length - 1n;
    if (last > ULONG_MAX) throw fail('EOVERFLOW');
    if (this.reserved.intersects(iova, last)) throw fail('EINVAL');
    if (this.areas.first(iova, last) !== undefined) throw fail('EEXIST');
  }

  /**
   * The lowest place for a mapping: in the allowed ranges if there are some, never in the first page, aligned as
   * the memory is (up to a huge page) so that large pages can be used, and as far into a page as the memory is.
   */
  private findPlace(address: bigint, length: bigint): bigint {
    if (length >= ULONG_MAX / 2n) throw fail('EOVERFLOW');
    const pageOffset = address % PAGE;
    const wanted = length >= HUGE_PAGE ? HUGE_PAGE : BigInt(roundUpToPowerOfTwo(Number(length)));
    const alignment = address === 0n ? wanted : min(wanted, lowestBit(address));
    if (alignment < this.iovaAlignment) throw fail('EINVAL');
    const fit = (start: bigint, last: bigint): bigint | undefined => {
      const at = ((start + alignment - 1n) & ~(alignment - 1n)) | pageOffset;
      // A range that ends where it starts is refused even for one byte: the kernel compares so.
      return at > ULONG_MAX || at >= last || last - at < length - 1n ? undefined : at;
    };
    for (const allowed of this.placesAllowed()) {
      const from = fit(allowed.start, allowed.last);
      if (from === undefined) continue;
      for (const hole of this.reserved.holes(from, allowed.last)) {
        const place = this.areas.firstGap(hole.start, hole.last, length, fit);
        if (place !== undefined) return place;
      }
    }
    throw fail('ENOSPC');
  }

  private *placesAllowed(): Generator<{ readonly start: bigint; readonly last: bigint }> {
    const first = PAGE;
    const last = ULONG_MAX - PAGE;
    if (this.allowed.size === 0) yield { start: first, last };
    let run: { start: bigint; last: bigint } | undefined;
    for (const range of this.allowed.range(first, last)) {
      // Ranges that touch are one, as the spans of an interval tree are.
      if (run !== undefined && run.last + 1n === range.start) {
        run.last = range.last;
        continue;
      }
      if (run !== undefined) yield { start: max(run.start, first), last: min(run.last, last) };
      run = { start: range.start, last: range.last };
    }
    if (run !== undefined) yield { start: max(run.start, first), last: min(run.last, last) };
  }

  /** Parts of what is mapped, to map them again. @throws ENOENT if there is a gap */
  pieces(iova: bigint, length: bigint): Piece[] {
    const last = checkedLast(iova, length);
    const pieces: Piece[] = [];
    this.eachContiguous(iova, last, (area, start, end) => {
      pieces.push({ pages: area.pages, startByte: area.byteAt(start), length: end - start + 1n });
    });
    return pieces;
  }

  /** Unmaps the areas of a range; an empty range fails with EINVAL, a wrapping one with EOVERFLOW. */
  unmap(iova: bigint, length: bigint): Unmapped {
    const last = iova + length - 1n;
    if (length === 0n) return { bytes: 0n, failure: fail('EINVAL') };
    if (last > ULONG_MAX) return { bytes: 0n, failure: fail('EOVERFLOW') };
    return this.unmapRange(iova, last);
  }

  /** Unmaps everything. */
  unmapAll(): Unmapped {
    return this.unmapRange(0n, ULONG_MAX);
  }

  /** Unmaps every file. */
  unmapFiles(): void {
    for (const { start, length, pages } of this.allAreas())
      if (pages.source.kind === 'file') this.unmap(start, length);
  }

  private unmapRange(from: bigint, last: bigint): Unmapped {
    let bytes = 0n;
    let start = from;
    for (;;) {
      const area = this.areas.first(start, last)?.value;
      if (area === undefined) return { bytes };
      if (area.locks > 0) return { bytes, failure: fail('EBUSY') };
      if (area.start < start || area.last > last) return { bytes, failure: fail('ENOENT') };
      if (area.accesses > 0) this.evict(area);
      this.unfillArea(area);
      this.areas.remove(area.start);
      area.pages.put();
      bytes += area.length;
      if (area.last >= last) return { bytes };
      start = area.last + 1n;
    }
  }

  /** Has every access let go of an area. */
  private evict(area: Area): void {
    area.closing = true;
    for (const access of [...this.accesses]) access.unmap?.(area.start, area.length);
    invariant(area.accesses === 0, () => `an access holds on to the area at 0x${area.start.toString(16)}`);
  }

  /** Sets the ranges that devices must not take away. @throws EADDRINUSE if part of one is gone already */
  setAllowed(allowed: RangeMap<true>): void {
    for (const { start, last } of allowed)
      if (this.reserved.intersects(start, last)) throw fail('EADDRINUSE');
    this.allowed = allowed;
  }

  /** Takes a range away for `owner`. @throws EADDRINUSE if it is mapped or must not be taken away */
  reserve(start: bigint, last: bigint, owner: unknown): void {
    if (this.areas.first(start, last) !== undefined || this.allowed.first(start, last) !== undefined) {
      throw fail('EADDRINUSE');
    }
    this.reserved.add(start, last, owner);
  }

  /** Shows the map in one more domain. @throws EADDRINUSE if it has what the domain cannot show */
  addDomain(domain: PagingDomain): void {
    const alignment = max(lowestBit(domain.pageSizes), this.iovaAlignment);
    if (alignment > PAGE) throw fail('EINVAL');
    if (alignment !== this.iovaAlignment) this.checkAlignment(alignment);
    try {
      const { start, last } = domain.aperture;
      if (start !== 0n) this.reserve(0n, start - 1n, domain);
      if (last !== ULONG_MAX) this.reserve(last + 1n, ULONG_MAX, domain);
      this.fillDomain(domain);
    } catch (cause) {
      this.reserved.removeOwner(domain);
      throw cause;
    }
    this.iovaAlignment = alignment;
    this.domains.push(domain);
  }

  private fillDomain(domain: PagingDomain): void {
    const done: Area[] = [];
    try {
      for (const area of this.allAreas()) {
        // The first domain pins the pages; the others show what is pinned.
        if (!area.filled) this.takePages(area);
        done.push(area);
        showIn(domain, area, this.largePages);
      }
    } catch (cause) {
      for (const area of done) this.emptyArea(area, domain);
      throw cause;
    }
  }

  private emptyArea(area: Area, domain: PagingDomain): void {
    domain.unmap(area.start, area.length);
    if (this.domains.length === 0) this.leavePages(area);
  }

  removeDomain(domain: PagingDomain): void {
    const index = this.domains.indexOf(domain);
    invariant(index !== -1, () => 'a domain is removed that was not added');
    // The last one takes its place: the order has no effect, but it is the kernel's.
    const tail = this.domains.pop();
    if (tail !== undefined && tail !== domain) this.domains[index] = tail;
    for (const area of this.allAreas()) this.emptyArea(area, domain);
    this.reserved.removeOwner(domain);
    this.updateAlignment();
  }

  private checkAlignment(alignment: bigint): void {
    const mask = alignment - 1n;
    for (const { start, length, pageOffset } of this.allAreas()) {
      if (((start | length | BigInt(pageOffset)) & mask) !== 0n) throw fail('EADDRINUSE');
    }
  }

  /** Brings the alignment up to date with the domains and accesses there are. @throws EADDRINUSE */
  private updateAlignment(): void {
    let alignment = this.largePagesOff ? PAGE : 1n;
    for (const { pageSizes } of this.domains) alignment = max(alignment, lowestBit(pageSizes));
    for (const { iovaAlignment } of this.accesses) alignment = max(alignment, iovaAlignment);
    if (alignment > this.iovaAlignment) this.checkAlignment(alignment);
    this.iovaAlignment = alignment;
  }

  addAccess(access: TableAccess): void {
    this.accesses.add(access);
    try {
      this.updateAlignment();
    } catch (cause) {
      this.accesses.delete(access);
      throw cause;
    }
  }

  removeAccess(access: TableAccess): void {
    this.accesses.delete(access);
    this.updateAlignment();
  }

  enableLargePages(): void {
    this.largePagesOff = false;
    this.updateAlignment();
  }

  /** @throws EINVAL if large pages may be in use; EADDRINUSE if a mapping is not aligned to whole pages */
  disableLargePages(): void {
    if (this.largePagesOff) return;
    if (this.domains.length > 0 && this.areas.size > 0) throw fail('EINVAL');
    this.largePagesOff = true;
    try {
      this.updateAlignment();
    } catch (cause) {
      this.largePagesOff = false;
      throw cause;
    }
  }

  /**
   * Cuts areas so that none goes over the end of these IOVAs, for VFIO's old way to unmap parts.
   * @throws EINVAL if an area cannot be cut there; EBUSY if it is being unmapped
   */
  cut(lastIovas: readonly bigint[]): void {
    for (const iova of lastIovas) {
      const area = this.areas.at(iova)?.value;
      if (area !== undefined) this.split(area, iova);
    }
  }

  private split(area: Area, iova: bigint): void {
    if (iova === area.start || iova === area.last) return;
    if (area.closing) throw fail('EBUSY');
    if (area.pages.source.kind === 'device') throw fail('EOPNOTSUPP');
    const next = iova + 1n;
    const mask = this.iovaAlignment - 1n;
    if ((next & mask) !== 0n || (BigInt(area.byteAt(next)) & mask) !== 0n) throw fail('EINVAL');
    if (area.accesses > 0) throw fail('EINVAL');
    if (area.filled && !this.largePagesOff) throw fail('EINVAL');
    const { pages, protection } = area;
    const left = new Area(this, pages, area.start, iova, area.startByte, protection);
    const right = new Area(this, pages.get(), next, area.last, area.byteAt(next), protection);
    this.areas.remove(area.start);
    for (const half of [left, right]) {
      this.areas.add(half);
      if (!area.filled) continue;
      // Used twice for a moment, so that nothing is unpinned.
      this.takePages(half);
    }
    if (area.filled) this.leavePages(area);
  }

  /**
   * Reads, and unless told otherwise clears, what is dirty in a range.
   * @throws ENOENT for a gap in the map; what comes before it has been read
   */
  readDirty(dirty: DirtyTracking, iova: bigint, last: bigint, clear: boolean, recorder: DirtyRecorder): void {
    let next = iova;
    try {
      this.eachContiguous(iova, last, (_area, _start, end) => {
        next = end + 1n;
      });
    } finally {
      // Linux asks for one area after the other. To ask once for all finds the same pages.
      if (next > iova) dirty.read(iova, next - iova, clear, recorder);
    }
  }

  /** Makes every page clean. */
  clearDirty(dirty: DirtyTracking): void {
    // A domain shows nothing else than the areas.
    if (this.areas.size > 0) dirty.read(0n, ULONG_MAX + 1n, true, () => undefined);
  }

  /** Frees the table with its IOAS. */
  destroy(): void {
    this.reserved.removeOwner(TEST_OWNER);
    invariant(this.reserved.isEmpty, () => 'an IOAS goes away with reserved ranges');
    invariant(
      this.domains.length === 0 && this.accesses.size === 0,
      () => 'an IOAS goes away while it is used',
    );
    invariant(this.areas.size === 0, () => 'an IOAS goes away with mappings');
  }
}

/** Where the memory of a piece begins, which placement follows in its alignment. */
function sourceAddress({ pages, startByte }: Piece): bigint {
  const { source } = pages;
  const base = source.kind === 'user' ? BigInt(source.address) : BigInt(source.page) * PAGE;
  return base + BigInt(startByte);
}

function showIn(
  domain: PagingDomain,
  { start, length, pages, firstPage, pageCount, pageOffset, protection }: Area,
  largePages: boolean,
): void {
  if (pages.isRevoked) return;
  domain.map(start, length, pages.extents(firstPage, pageCount), pageOffset, protection, largePages);
}

/** The last IOVA of a range. @throws EINVAL if it is empty; EOVERFLOW if it wraps */
export function checkedLast(iova: bigint, length: bigint): bigint {
  if (length === 0n) throw fail('EINVAL');
  const last = iova + length - 1n;
  if (last > ULONG_MAX) throw fail('EOVERFLOW');
  return last;
}
