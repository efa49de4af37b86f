/**
 * IO address spaces: mapping, copying and unmapping memory, IOVA ranges, large pages. The mappings are also recorded here,
 * so that errors can name them, and dirty bitmaps can be read across gaps. Mappings that were made without this SDK
 * are not known.
 */
import {
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_ALLOW_IOVAS,
  IOMMU_IOAS_COPY,
  IOMMU_IOAS_IOVA_RANGES,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_MAP_FILE,
  IOMMU_IOAS_UNMAP,
  IOMMU_OPTION,
  errno,
  iommu_iova_range,
  iommufd_ioas_map_flags,
  iommufd_option,
  iommufd_option_ops,
} from '@iommufd/uapi';
import { decodeArray, encodeArray } from '@iommufd/uapi/struct';
import { Call } from '../calls/arguments/call.js';
import {
  arrayOf,
  byteCount,
  flag,
  integer,
  type KindsOf,
  optional,
  record,
  u64,
} from '../calls/arguments/kinds.js';
import { copyCause, mapCause, mapFileCause } from '../calls/causes/map.js';
import { allowCause, hugePagesCause } from '../calls/causes/ioas.js';
import { unmapCause } from '../calls/causes/unmap.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { Mapping, pageOffset } from './mapping.js';
import { type Memory, memoryKind } from './memory.js';
import { IommufdObject, objectOfKind, type User } from './object.js';

const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;
const { IOMMU_OPTION_HUGE_PAGES } = iommufd_option;
const { IOMMU_OPTION_OP_GET, IOMMU_OPTION_OP_SET } = iommufd_option_ops;

/** Initial size of the range array; enough for most machines. */
const LIKELY_RANGES = 16;

/** The last byte of the address space. */
const ULONG_MAX = (1n << 64n) - 1n;

/** The IOVA and the permissions of a mapping. */
export interface MapOptions {
  /** The IOVA (IOMMU_IOAS_MAP_FIXED_IOVA); chosen by the kernel by default. */
  readonly iova?: bigint | undefined;
  /** Devices may read (IOMMU_IOAS_MAP_READABLE); true by default. */
  readonly read?: boolean;
  /** Devices may write (IOMMU_IOAS_MAP_WRITEABLE); true by default. */
  readonly write?: boolean;
}

/** A range of IOVAs, both ends included. */
export interface IovaRange {
  /** The first IOVA. */
  readonly start: bigint;
  /** The last IOVA. */
  readonly last: bigint;
}

/** The result of {@link Ioas.iovaRanges}. */
export interface IovaRanges {
  /** The usable ranges in order, none adjacent to the next. */
  readonly ranges: readonly IovaRange[];
  /** The alignment, in bytes, of the start and length of every mapping. */
  readonly alignment: bigint;
}

/** The range of {@link Ioas.unmap}. */
interface UnmapRange {
  readonly iova: bigint;
  readonly length: bigint;
}

/** Options of {@link Ioas.map}. */
interface MapAddress extends MapOptions {
  readonly address: bigint;
  readonly length: bigint;
}

/** Options of {@link Ioas.mapMemory}. */
interface MapPart extends MapOptions {
  readonly offset?: number;
  readonly length?: number;
}

/** Options of {@link Ioas.mapFile}. */
interface MapFile extends MapOptions {
  readonly fd: number;
  readonly start?: bigint;
  readonly length: bigint;
}

/** Options of {@link Ioas.copy}. */
interface MapCopy extends MapOptions {
  readonly from: Ioas;
  readonly fromIova: bigint;
  readonly length: bigint;
}

/** An IO address space, as an argument. */
export const ioasKind = objectOfKind<Ioas>('ioas', 'an Ioas', 'Iommufd.allocIoas()');

const placement: KindsOf<MapOptions> = { iova: optional(u64), read: optional(flag), write: optional(flag) };
const fd = integer(0, 0x7fff_ffff);

const calls = {
  map: new Call('Ioas.map', {
    options: record<MapAddress>({ address: u64, length: u64, ...placement }),
  }),
  mapMemory: new Call('Ioas.mapMemory', {
    memory: memoryKind,
    options: optional(
      record<MapPart>({ offset: optional(byteCount(0)), length: optional(byteCount(0)), ...placement }),
    ),
  }),
  mapFile: new Call('Ioas.mapFile', {
    options: record<MapFile>({ fd, start: optional(u64), length: u64, ...placement }),
  }),
  copy: new Call('Ioas.copy', {
    options: record<MapCopy>({ from: ioasKind, fromIova: u64, length: u64, ...placement }),
  }),
  unmap: new Call('Ioas.unmap', { range: record<UnmapRange>({ iova: u64, length: u64 }) }),
  unmapAll: new Call('Ioas.unmapAll'),
  iovaRanges: new Call('Ioas.iovaRanges'),
  allowIovas: new Call('Ioas.allowIovas', {
    ranges: arrayOf('an array of ranges', record<IovaRange>({ start: u64, last: u64 })),
  }),
  hugePages: new Call('Ioas.hugePages'),
  setHugePages: new Call('Ioas.hugePages', { '': flag }),
};

/**
 * An IO address space: a map from IOVAs, the addresses that devices use, to memory. Once closed, every method throws
 * {@link IommufdError} EBADF.
 */
export class Ioas extends IommufdObject {
  readonly kind = 'ioas';
  /** Mappings by first IOVA. */
  private readonly mappings = new Map<bigint, Mapping>();
  /** The mappings sorted by IOVA; dropped on every map and unmap. Cached because a migration needs them in every pass. */
  private sorted: readonly Mapping[] | undefined;
  private allowed: readonly IovaRange[] = [];
  private readonly holders = new Map<User, UnmapRange>();

  /** @internal */
  static alloc(context: Context): Ioas {
    const { out_ioas_id } = context.ioctl(IOMMU_IOAS_ALLOC, { flags: 0 });
    return new Ioas(context, out_ioas_id, []);
  }

  /**
   * Maps memory of the process: IOMMU_IOAS_MAP. Its pages are pinned, not copied; a real kernel allocates untouched pages.
   * @param options the memory, and the IOVA and permissions of the mapping
   * @param options.address the first byte in this process
   * @param options.length in bytes. `length`, `address` and `iova` must have the alignment that {@link iovaRanges} returns
   * @throws IommufdError EEXIST if the range intersects a mapping; ENOSPC if there is no free range; EINVAL if it is
   *   misaligned, empty or not allowed, or `read` and `write` are both false; EFAULT if the memory is not mapped or not
   *   writable; ENOMEM beyond the limit of locked memory; EBADF if this is closed. Nothing is mapped on failure.
   */
  map(options: MapOptions & { readonly address: bigint; readonly length: bigint }): Mapping {
    calls.map.check(this, options);
    return this.mapAt(options);
  }

  private mapAt(options: MapAddress): Mapping {
    const { address: user_va, length, iova = 0n } = options;
    const args = { flags: mapFlags(options), ioas_id: this.use(), user_va, length, iova };
    const { iova: at } = this.context.ioctl(IOMMU_IOAS_MAP, args, {
      cause: (code) => mapCause(this, options)(code),
    });
    return this.mapped(at, length, pageOffset(user_va));
  }

  /**
   * Maps memory of {@link Iommufd.allocMemory}, or a part of it.
   * @param memory the memory. It may be closed afterwards: the mapping keeps the pages
   * @param options the part, and the IOVA and permissions of the mapping
   * @param options.offset of the first byte in the memory; 0 by default
   * @param options.length in bytes; up to the end by default
   * @throws IommufdError as {@link map}
   * @throws RangeError if the part exceeds the memory, or the memory is closed
   */
  mapMemory(
    memory: Memory,
    options: MapOptions & { readonly offset?: number; readonly length?: number } = {},
  ): Mapping {
    calls.mapMemory.check(this, memory, options);
    const { offset, length, ...placement } = options;
    const part = memory.part('Ioas.mapMemory', offset, length);
    return this.mapAt({ ...placement, address: part.address, length: BigInt(part.length) });
  }

  /**
   * Maps a part of a memfd, or of a dma-buf: IOMMU_IOAS_MAP_FILE. The mapping depends neither on the fd nor on an address in this
   * process, and can be moved to another process. The device that a dma-buf belongs to can end its mapping.
   * @param options the part of the file, and the IOVA and permissions of the mapping
   * @param options.fd the memfd: {@link Memory.fd}, or one that another process created; or a dma-buf: {@link VfioDevice.dmaBuf}
   * @param options.start offset of the first byte in the file; 0 by default
   * @param options.length in bytes
   * @throws IommufdError as {@link map}; EBADF if `fd` is not open; EINVAL if it is neither a memfd nor a
   *   dma-buf, or too short; ENODEV if the device's memory is not decoded at the moment; EOPNOTSUPP if the dma-buf has several parts
   */
  mapFile(
    options: MapOptions & { readonly fd: number; readonly start?: bigint; readonly length: bigint },
  ): Mapping {
    calls.mapFile.check(this, options);
    const { fd, start = 0n, length, iova = 0n } = options;
    const args = { flags: mapFlags(options), ioas_id: this.use(), fd, start, length, iova };
    const cause = mapFileCause(this, { ...options, start });
    const { iova: at } = this.context.ioctl(IOMMU_IOAS_MAP_FILE, args, { cause });
    return this.mapped(at, length, pageOffset(start), true);
  }

  /**
   * Copies mappings of another IOAS: IOMMU_IOAS_COPY. Both share the pages, which are pinned once.
   * @param options the source, and the IOVA and permissions of the mapping
   * @param options.from the source IOAS, which may be this one
   * @param options.fromIova the first IOVA in the source
   * @param options.length in bytes
   * @throws IommufdError as {@link map}; ENOENT if the source range is not mapped; EPERM for a writable copy of memory that
   *   was mapped read-only
   */
  copy(
    options: MapOptions & { readonly from: Ioas; readonly fromIova: bigint; readonly length: bigint },
  ): Mapping {
    calls.copy.check(this, options);
    const { from, fromIova: src_iova, length, iova: dst_iova = 0n } = options;
    const args = {
      flags: mapFlags(options),
      dst_ioas_id: this.use(),
      src_ioas_id: from.use(this.context),
      length,
      dst_iova,
      src_iova,
    };
    const { dst_iova: at } = this.context.ioctl(IOMMU_IOAS_COPY, args, { cause: copyCause(this, options) });
    const source = from.mappings.get(src_iova);
    return this.mapped(at, length, source?.pageOffset, source?.isFile);
  }

  /**
   * Unmaps the mappings in a range: IOMMU_IOAS_UNMAP. Mappings are never split.
   * @param range the range
   * @param range.iova the first IOVA
   * @param range.length in bytes; 2^64-1 at IOVA 0 is the whole address space
   * @returns the number of bytes unmapped
   * @throws IommufdError ENOENT if nothing is mapped in the range or a mapping is only partly in it; EBUSY if it contains
   *   memory of a hardware queue; EBADF if this is closed. On failure, Linux may have unmapped mappings at lower IOVAs of
   *   the range.
   */
  unmap(range: { readonly iova: bigint; readonly length: bigint }): bigint {
    calls.unmap.check(this, range);
    return this.unmapRange(range);
  }

  private unmapRange({ iova, length }: UnmapRange): bigint {
    const exact = this.mappings.get(iova);
    const within =
      exact?.length === length
        ? [exact]
        : [...this.mappings.values()].filter((each) => isWithin(each, iova, length));
    try {
      const { length: unmapped } = this.context.ioctl(
        IOMMU_IOAS_UNMAP,
        { ioas_id: this.use(), iova, length },
        { cause: unmapCause(this, { iova, length }), usedBy: () => this.heldWithin(iova, length) },
      );
      for (const each of within) this.forget(each);
      return unmapped;
    } catch (cause) {
      // Linux unmaps mappings in order until one fails, and does not report how many it unmapped.
      for (const each of within) each.doubt();
      throw cause;
    }
  }

  /** The contiguously mapped parts of a range, in order of IOVA. @internal */
  mappedWithin(iova: bigint, length: bigint): { readonly iova: bigint; readonly length: bigint }[] {
    const end = iova + length;
    const runs: { iova: bigint; length: bigint }[] = [];
    for (const mapping of this.inOrder) {
      const from = mapping.iova > iova ? mapping.iova : iova;
      const to = mapping.iova + mapping.length < end ? mapping.iova + mapping.length : end;
      if (from >= to) continue;
      const last = runs.at(-1);
      if (last !== undefined && last.iova + last.length === from) last.length += to - from;
      else runs.push({ iova: from, length: to - from });
    }
    return runs;
  }

  private get inOrder(): readonly Mapping[] {
    return (this.sorted ??= [...this.mappings.values()].sort((a, b) => (a.iova < b.iova ? -1 : 1)));
  }

  /** Mappings that intersect a range, in order of IOVA. @internal */
  mappingsIn(iova: bigint, length: bigint): Mapping[] {
    return this.inOrder.filter((each) => each.iova < iova + length && each.iova + each.length > iova);
  }

  /** The ranges of {@link allowIovas}. @internal */
  get allowedIovas(): readonly IovaRange[] {
    return this.allowed;
  }

  /** Records that a hardware queue pins a range. @returns a function that removes the record @internal */
  hold(holder: User, range: UnmapRange): () => void {
    this.holders.set(holder, range);
    return () => this.holders.delete(holder);
  }

  private heldWithin(iova: bigint, length: bigint): string[] {
    const end = iova + length;
    return [...this.holders].flatMap(([holder, held]) =>
      held.iova < end && held.iova + held.length > iova ? [holder.describe()] : [],
    );
  }

  private mapped(iova: bigint, length: bigint, offset: number | undefined, isFile = false): Mapping {
    const mapping = new Mapping(this, iova, length, offset, isFile);
    // An older mapping at this IOVA must have been unmapped without this SDK.
    this.mappings.get(iova)?.end();
    this.mappings.set(iova, mapping);
    this.sorted = undefined;
    return mapping;
  }

  private forget(mapping: Mapping): void {
    mapping.end();
    this.mappings.delete(mapping.iova);
    this.sorted = undefined;
  }

  /**
   * Unmaps everything: IOMMU_IOAS_UNMAP.
   * @returns the number of bytes unmapped; 0 if nothing was mapped
   * @throws IommufdError EBUSY if a mapping contains memory of a hardware queue; EBADF if this is closed
   */
  unmapAll(): bigint {
    calls.unmapAll.check(this);
    const unmapped = this.unmapRange({ iova: 0n, length: ULONG_MAX });
    // This includes a mapping that ends at the last byte of the address space, which the length does not cover.
    for (const each of [...this.mappings.values()]) this.forget(each);
    return unmapped;
  }

  /**
   * The usable IOVA ranges: IOMMU_IOAS_IOVA_RANGES. Attaching a device may remove ranges, so call this after attaching.
   * @throws IommufdError EBADF if this is closed
   */
  iovaRanges(): IovaRanges {
    const context = calls.iovaRanges.check(this);
    for (let room = LIKELY_RANGES; ;) {
      const answer = context.calls.frame((alloc) => {
        const { address, bytes } = alloc(room * iommu_iova_range.byteLength);
        const args = { ioas_id: this.use(), num_iovas: room, allowed_iovas: address };
        const { status, failed, result } = context.calls.tryIoctl(context.fd, IOMMU_IOAS_IOVA_RANGES, args);
        if (status < 0 && status !== -errno.EMSGSIZE)
          throw new IommufdError(failed(), { meanings: IOMMU_IOAS_IOVA_RANGES.errors });
        const { num_iovas: count, out_iova_alignment: alignment } = result();
        if (status < 0) return { room: count };
        return { ranges: decodeArray(iommu_iova_range, bytes, { count }), alignment };
      });
      if (!('room' in answer)) return answer;
      room = answer.room;
    }
  }

  /**
   * Sets the allowed ranges: IOMMU_IOAS_ALLOW_IOVAS. Attaching a device that reserves a part of them fails, and automatic
   * placement stays in them. Replaces the previous list; an empty list removes the restriction.
   * @param ranges the allowed ranges
   * @throws IommufdError EADDRINUSE if a part of them is reserved already; EINVAL if a range is empty or two overlap; EBADF
   *   if this is closed
   */
  allowIovas(ranges: readonly IovaRange[]): void {
    calls.allowIovas.check(this, ranges);
    const bytes = encodeArray(
      iommu_iova_range,
      ranges.map(({ start, last }) => ({ start, last })),
    );
    this.context.with(bytes, (allowed_iovas) =>
      this.context.ioctl(
        IOMMU_IOAS_ALLOW_IOVAS,
        { ioas_id: this.use(), num_iovas: ranges.length, allowed_iovas },
        { cause: allowCause(this, ranges) },
      ),
    );
    this.allowed = [...ranges];
  }

  /**
   * True if contiguous memory may be mapped with large pages: IOMMU_OPTION_HUGE_PAGES, true initially.
   * @throws IommufdError EBADF if this is closed
   */
  get hugePages(): boolean {
    calls.hugePages.check(this);
    const args = {
      option_id: IOMMU_OPTION_HUGE_PAGES,
      op: IOMMU_OPTION_OP_GET,
      object_id: this.use(),
      val64: 0n,
    };
    return this.context.ioctl(IOMMU_OPTION, args).val64 !== 0n;
  }

  /**
   * @throws IommufdError if it is set to false: EADDRINUSE if a mapping is not aligned to whole pages; EINVAL if a page table
   *   contains mappings. EBADF if this is closed
   */
  set hugePages(allow: boolean) {
    calls.setHugePages.check(this, allow);
    const val64 = allow ? 1n : 0n;
    const args = {
      option_id: IOMMU_OPTION_HUGE_PAGES,
      op: IOMMU_OPTION_OP_SET,
      object_id: this.use(),
      val64,
    };
    this.context.ioctl(IOMMU_OPTION, args, { cause: hugePagesCause(this) });
  }
}

function mapFlags({ iova, read = true, write = true }: MapOptions): number {
  return (
    (iova === undefined ? 0 : IOMMU_IOAS_MAP_FIXED_IOVA) |
    (read ? IOMMU_IOAS_MAP_READABLE : 0) |
    (write ? IOMMU_IOAS_MAP_WRITEABLE : 0)
  );
}

const isWithin = (mapping: Mapping, iova: bigint, length: bigint): boolean =>
  mapping.iova >= iova && mapping.iova + mapping.length <= iova + length;
