/**
 * The page table of an IOAS in software: `struct io_pagetable` of Linux's `drivers/iommu/iommufd/io_pagetable.c`. It holds
 * the mapped areas, the reserved and the allowed IOVA ranges, the attached domains and the kernel's accesses. Ioctls map
 * and unmap through it; attaching a device adds a domain. All domains map the same areas, so each one narrows what can be
 * mapped: its aperture becomes reserved ranges, and its smallest page size raises `iovaAlignment`.
 */
import { type Errno, fail, invariant } from '../errno.js';
import type { DirtyRecorder, DirtyTracking, PagingDomain, Protection } from '../iommu/domain.js';
import { RangeMap } from '../lib/range-map.js';
import { allocate } from '../process/failure-points.js';
import { PAGE, ULONG_MAX } from '../process/page.js';
import { lowestBit, max, min, roundUpToPowerOfTwo } from '../lib/align.js';
import { Area } from './area.js';
import type { Pages } from './pages.js';
import { ReservedRanges, TEST_OWNER } from './reserved.js';
import { restorable } from '../lib/restorable.js';

/** A part of {@link Pages} to map. */
export interface Piece {
  readonly pages: Pages;
  readonly startByte: number;
  readonly length: bigint;
}

/** A kernel access as the page table sees it: its alignment, and its unmap callback. */
export interface TableAccess {
  readonly iovaAlignment: bigint;
  /** Called before a range is unmapped: the access unpins what intersects it. Without it, its pins block the unmap. */
  readonly unmap: ((iova: bigint, length: bigint) => void) | undefined;
}

/** The result of an unmap. */
export interface Unmapped {
  readonly bytes: bigint;
  /** The error that stopped it. The areas before it are unmapped. */
  readonly failure?: Errno;
}

/** `PMD_SIZE`: automatic placement aligns long mappings to a huge page (`iopt_alloc_iova()`). */
const HUGE_PAGE = 2n << 20n;

/** The map from IOVAs to pages of an IOAS. */
export class IoPageTable {
  private readonly areas = new RangeMap<Area>();
  readonly reserved = new ReservedRanges();
  private allowed = new RangeMap<true>();
  private readonly domains: PagingDomain[] = [];
  private readonly accesses = new Set<TableAccess>();
  /** Alignment of the start and the end of every mapping, in bytes. */
  iovaAlignment = 1n;
  private largePagesOff = false;

  get largePages(): boolean {
    return !this.largePagesOff;
  }

  get attachedDomains(): readonly PagingDomain[] {
    return this.domains;
  }

  /** All areas in order of IOVA. */
  allAreas(): Area[] {
    return [...this.areas].map(({ value }) => value);
  }

  /** The area that contains an IOVA. */
  areaAt(iova: bigint): Area | undefined {
    return this.areas.at(iova)?.value;
  }

  /** `iommufd_test_syz_conv_iova()`: the IOVA at an offset into the nth area; 0 if there is no such area. */
  iovaOfArea(nth: number, offset: number): bigint {
    const area = this.allAreas()[nth];
    return area === undefined ? 0n : BigInt.asUintN(64, area.start + BigInt(offset));
  }

  /**
   * `iopt_for_each_contig_area()`: visits the areas from `iova` to `last`, each with the part of it that is in the range.
   * `each` is called for the areas before a gap, too.
   * @throws ENOENT if the areas do not cover the range without a gap
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
   * Maps pieces at consecutive IOVAs; on failure nothing is mapped.
   * @param fixed the IOVA; undefined to choose one
   * @returns the IOVA
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
    allocate('iopt_area_alloc()');
    const area = new Area(this, pages, iova, iova + length - 1n, startByte, protection);
    if ((BigInt(area.pageOffset) & (this.iovaAlignment - 1n)) !== 0n) throw fail('EINVAL');
    return this.areas.add(area);
  }

  private fillAll(areas: readonly Area[]): void {
    if (this.domains.length === 0) return;
    const filled: Area[] = [];
    try {
      for (const area of areas) {
        // `map()` has checked a single piece as a whole.
        if (areas.length > 1) this.checkPiece(area);
        this.fillArea(area);
        filled.push(area);
      }
    } catch (cause) {
      for (const area of filled) this.unfillArea(area);
      throw cause;
    }
  }

  /** `iommu_map()` maps each piece on its own, and fails with EINVAL if one is not aligned to the smallest page size. */
  private checkPiece({ start, length, pageOffset }: Area): void {
    for (const { pageSizes } of this.domains) {
      const mask = lowestBit(pageSizes) - 1n;
      if (((start | length | BigInt(pageOffset)) & mask) !== 0n) throw fail('EINVAL');
    }
  }

  /** Pins an area's pages and maps them in every domain. */
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

  private static readonly hides = restorable(
    'IoPageTable.hide',
    (table: IoPageTable, area: Area) => () => table.hide(area),
  );

  private hide(area: Area): void {
    for (const domain of this.domains) domain.unmap(area.start, area.length);
  }

  private takePages(area: Area): void {
    area.pages.use(area.firstPage, area.pageCount);
    area.pages.shownBy?.set(area, IoPageTable.hides(this, area));
    area.filled = true;
  }

  private leavePages(area: Area): void {
    area.filled = false;
    area.pages.shownBy?.delete(area);
    area.pages.unuse(area.firstPage, area.pageCount);
  }

  /** Checks a fixed IOVA. @throws EINVAL if misaligned or reserved; EOVERFLOW if it wraps; EEXIST if mapped */
  private checkPlace(iova: bigint, length: bigint): void {
    if ((iova & (this.iovaAlignment - 1n)) !== 0n) throw fail('EINVAL');
    const last = iova + length - 1n;
    if (last > ULONG_MAX) throw fail('EOVERFLOW');
    if (this.reserved.intersects(iova, last)) throw fail('EINVAL');
    if (this.areas.first(iova, last) !== undefined) throw fail('EEXIST');
  }

  /**
   * `iopt_alloc_iova()`: the lowest free IOVA for a mapping. It is in the allowed ranges if there are any, never in the
   * first page, aligned like the memory (up to a huge page) so that large pages can be used, and has the memory's offset
   * into a page.
   */
  private findPlace(address: bigint, length: bigint): bigint {
    if (length >= ULONG_MAX / 2n) throw fail('EOVERFLOW');
    const pageOffset = address % PAGE;
    const wanted = length >= HUGE_PAGE ? HUGE_PAGE : BigInt(roundUpToPowerOfTwo(Number(length)));
    const alignment = address === 0n ? wanted : min(wanted, lowestBit(address));
    if (alignment < this.iovaAlignment) throw fail('EINVAL');
    const fit = (start: bigint, last: bigint): bigint | undefined => {
      const at = ((start + alignment - 1n) & ~(alignment - 1n)) | pageOffset;
      // `__alloc_iova_check_range()` compares strictly, so a range of a single byte is never used.
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
      // Adjacent ranges count as one, like the spans of an interval tree.
      if (run !== undefined && run.last + 1n === range.start) {
        run.last = range.last;
        continue;
      }
      if (run !== undefined) yield { start: max(run.start, first), last: min(run.last, last) };
      run = { start: range.start, last: range.last };
    }
    if (run !== undefined) yield { start: max(run.start, first), last: min(run.last, last) };
  }

  /**
   * The pieces that a range maps, for IOMMU_IOAS_COPY.
   * @throws ENOENT if the range has a gap; EINVAL and EOVERFLOW as {@link checkedLast}
   */
  pieces(iova: bigint, length: bigint): Piece[] {
    const last = checkedLast(iova, length);
    const pieces: Piece[] = [];
    this.eachContiguous(iova, last, (area, start, end) => {
      pieces.push({ pages: area.pages, startByte: area.byteAt(start), length: end - start + 1n });
    });
    return pieces;
  }

  /** Unmaps the areas in a range; an empty range fails with EINVAL, a wrapping one with EOVERFLOW. */
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

  /** Unmaps all mappings of files. */
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

  /** Calls the unmap callbacks of all accesses, so that they unpin an area. */
  private evict(area: Area): void {
    area.closing = true;
    for (const access of [...this.accesses]) access.unmap?.(area.start, area.length);
    invariant(area.accesses === 0, () => `an access holds on to the area at 0x${area.start.toString(16)}`);
  }

  /** Sets the ranges that attaching a device must not reserve. @throws EADDRINUSE if one intersects a reserved range */
  setAllowed(allowed: RangeMap<true>): void {
    for (const { start, last } of allowed)
      if (this.reserved.intersects(start, last)) throw fail('EADDRINUSE');
    this.allowed = allowed;
  }

  /** Reserves a range for `owner`. @throws EADDRINUSE if it intersects an area or an allowed range */
  reserve(start: bigint, last: bigint, owner: unknown): void {
    if (this.areas.first(start, last) !== undefined || this.allowed.first(start, last) !== undefined) {
      throw fail('EADDRINUSE');
    }
    allocate('iopt_reserve_iova()');
    this.reserved.add(start, last, owner);
  }

  /**
   * Maps all areas in another domain.
   * @throws EINVAL if the domain's smallest page exceeds a page of memory; EADDRINUSE if an area is outside its aperture or
   *   not aligned to its smallest page
   */
  addDomain(domain: PagingDomain): void {
    const alignment = max(lowestBit(domain.pageSizes), this.iovaAlignment);
    if (alignment > PAGE) throw fail('EINVAL');
    if (alignment !== this.iovaAlignment) this.checkAlignment(alignment);
    allocate('xa_reserve() of the domain');
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
        // The first domain pins the pages; the others map the pinned ones.
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
    // The last domain moves into its place. The order has no visible effect, but it is Linux's.
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

  /** `iopt_calculate_iova_alignment()`. @throws EADDRINUSE if an area does not have the new alignment */
  private updateAlignment(): void {
    let alignment = this.largePagesOff ? PAGE : 1n;
    for (const { pageSizes } of this.domains) alignment = max(alignment, lowestBit(pageSizes));
    for (const { iovaAlignment } of this.accesses) alignment = max(alignment, iovaAlignment);
    if (alignment > this.iovaAlignment) this.checkAlignment(alignment);
    this.iovaAlignment = alignment;
  }

  addAccess(access: TableAccess): void {
    allocate('xa_alloc() of the access');
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
   * `iopt_cut_iova()`: splits areas after the given IOVAs, for partial unmaps of VFIO type 1.
   * @throws EINVAL if an area cannot be split there; EBUSY if it is being unmapped; EOPNOTSUPP for device memory
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
    allocate('iopt_area_split()');
    allocate('iopt_area_split()');
    const { pages, protection } = area;
    const left = new Area(this, pages, area.start, iova, area.startByte, protection);
    const right = new Area(this, pages.get(), next, area.last, area.byteAt(next), protection);
    this.areas.remove(area.start);
    for (const half of [left, right]) {
      this.areas.add(half);
      if (!area.filled) continue;
      // For a moment the pages have the uses of both areas, so that none is unpinned.
      this.takePages(half);
    }
    if (area.filled) this.leavePages(area);
  }

  /**
   * Reads the dirty pages of a range, and clears them if `clear` is set.
   * @throws ENOENT if there is a gap between areas; the part before the gap has been read
   */
  readDirty(dirty: DirtyTracking, iova: bigint, last: bigint, clear: boolean, recorder: DirtyRecorder): void {
    let next = iova;
    try {
      this.eachContiguous(iova, last, (_area, start, end) => {
        if (dirty.readByArea === true) dirty.read(start, end - start + 1n, clear, recorder);
        else next = end + 1n;
      });
    } finally {
      // Linux reads area by area. A single read of all areas finds the same pages.
      if (next > iova) dirty.read(iova, next - iova, clear, recorder);
    }
  }

  /** Marks every page as clean. */
  clearDirty(dirty: DirtyTracking): void {
    // A domain maps only the areas.
    if (this.areas.size > 0) dirty.read(0n, ULONG_MAX + 1n, true, undefined);
  }

  /** Checks that the IOAS holds nothing when it is freed. */
  destroy(): void {
    this.reserved.removeOwner(TEST_OWNER);
    invariant(this.reserved.isEmpty, () => 'an IOAS is freed with reserved ranges');
    invariant(
      this.domains.length === 0 && this.accesses.size === 0,
      () => 'an IOAS is freed while it is used',
    );
    invariant(this.areas.size === 0, () => 'an IOAS is freed with mappings');
  }
}

/** The address of a piece's memory. Automatic placement aligns the IOVA to it. */
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
  allocate('iommu_map()');
  domain.map(start, length, pages.extents(firstPage, pageCount), pageOffset, protection, largePages);
}

/** The last IOVA of a range. @throws EINVAL if it is empty; EOVERFLOW if it wraps */
export function checkedLast(iova: bigint, length: bigint): bigint {
  if (length === 0n) throw fail('EINVAL');
  const last = iova + length - 1n;
  if (last > ULONG_MAX) throw fail('EOVERFLOW');
  return last;
}
