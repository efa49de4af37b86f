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

/** Room for the ranges that most machines have. */
const LIKELY_RANGES = 16;

/** The last byte of the address space. */
const ULONG_MAX = (1n << 64n) - 1n;

/** Where a mapping is placed and what devices may do there. */
export interface MapOptions {
  /** Where devices see it (IOMMU_IOAS_MAP_FIXED_IOVA). The kernel chooses if it is left out. */
  readonly iova?: bigint | undefined;
  /** Devices may read (IOMMU_IOAS_MAP_READABLE): yes if it is left out. */
  readonly read?: boolean;
  /** Devices may write (IOMMU_IOAS_MAP_WRITEABLE): yes if it is left out. */
  readonly write?: boolean;
}

/** An interval of IOVAs; `last` belongs to it. */
export interface IovaRange {
  /** The first IOVA. */
  readonly start: bigint;
  /** The last IOVA. */
  readonly last: bigint;
}

/** What can be mapped. */
export interface IovaRanges {
  /** By rising IOVA; they do not touch. */
  readonly ranges: readonly IovaRange[];
  /** Start and length of every mapping must be multiples of this many bytes. */
  readonly alignment: bigint;
}

/** What is unmapped. */
interface UnmapRange {
  readonly iova: bigint;
  readonly length: bigint;
}

/** What of the caller's memory is mapped. */
interface MapAddress extends MapOptions {
  readonly address: bigint;
  readonly length: bigint;
}

/** Which part of a {@link Memory} is mapped. */
interface MapPart extends MapOptions {
  readonly offset?: number;
  readonly length?: number;
}

/** What of a file is mapped. */
interface MapFile extends MapOptions {
  readonly fd: number;
  readonly start?: bigint;
  readonly length: bigint;
}

/** What of an IOAS is mapped elsewhere. */
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
 * An IO address space: a map from the addresses that devices use (IOVAs) to memory. Of one that is closed every
 * method throws {@link IommufdError} EBADF.
 */
export class Ioas extends IommufdObject {
  readonly kind = 'ioas';
  /** What is mapped, by its first IOVA. */
  private readonly mappings = new Map<bigint, Mapping>();
  /** The same by rising IOVA, until something is mapped or unmapped: a migration asks for them again and again. */
  private sorted: readonly Mapping[] | undefined;
  private allowed: readonly IovaRange[] = [];
  private readonly holders = new Map<User, UnmapRange>();

  /** @internal */
  static alloc(context: Context): Ioas {
    const { out_ioas_id } = context.ioctl(IOMMU_IOAS_ALLOC, { flags: 0 });
    return new Ioas(context, out_ioas_id, []);
  }

  /**
   * Maps memory of the process: IOMMU_IOAS_MAP. Its pages are pinned, not copied; untouched ones come
   * to be, on a real kernel.
   * @param options what is mapped, and where
   * @param options.address where it begins in this process
   * @param options.length bytes; a multiple of the alignment that {@link iovaRanges} tells, as are `address` and `iova`
   * @throws IommufdError EEXIST if something is mapped there; ENOSPC if there is no gap; EINVAL for the alignment, a
   *   range that is not allowed, or neither reading nor writing; EFAULT if the memory is not there or not
   *   writable; ENOMEM beyond the limit of locked memory; EBADF if this is closed. Nothing is mapped then.
   */
  map(options: MapOptions & { readonly address: bigint; readonly length: bigint }): Mapping {
    calls.map.check(this, options);
    return this.mapAt(options);
  }

  private mapAt(options: MapAddress): Mapping {
    const { address: user_va, length, iova = 0n } = options;
    const args = { flags: mapFlags(options), ioas_id: this.use(), user_va, length, iova };
    const { iova: at } = this.context.ioctl(IOMMU_IOAS_MAP, args, { cause: mapCause(this, options) });
    return this.mapped(at, length, pageOffset(user_va));
  }

  /**
   * Maps memory of {@link Iommufd.allocMemory}, or part of it. Without `iova` the kernel chooses where.
   * @param memory the memory, which may be closed afterwards: the mapping keeps the pages
   * @param options which part, and where
   * @param options.offset where to begin in the memory, in bytes: the start if it is left out
   * @param options.length how many bytes: up to the end if it is left out
   * @throws IommufdError as {@link map}
   * @throws RangeError if the part is not within the memory, or the memory is closed
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
   * Maps part of a memfd: IOMMU_IOAS_MAP_FILE. The mapping needs neither the fd nor an address in this process
   * afterwards, and can be carried to another process.
   * @param options what is mapped, and where
   * @param options.fd the memfd: {@link Memory.fd}, or one that another process made
   * @param options.start where it begins in the file, in bytes: 0 if it is left out
   * @param options.length bytes
   * @throws IommufdError as {@link map}; EBADF if `fd` is not open; EINVAL if it is no memfd or is too short
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
   * Maps here what another IOAS maps: IOMMU_IOAS_COPY. Both share the pages, which are pinned once.
   * @param options what is mapped, and where
   * @param options.from the other IOAS, which may be this one
   * @param options.fromIova where it begins there; with `length` it must lie within one mapping
   * @param options.length bytes
   * @throws IommufdError as {@link map}; ENOENT if nothing is mapped there; EPERM to write what may only be read there
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
   * Unmaps every mapping within a range: IOMMU_IOAS_UNMAP. Mappings are not cut.
   * @param range what is unmapped
   * @param range.iova the first IOVA
   * @param range.length bytes; 2^64-1 from IOVA 0 on is everything
   * @returns how many bytes were unmapped
   * @throws IommufdError ENOENT if nothing is mapped there or a mapping lies only partly within; EBUSY while a
   *   hardware queue lies in it; EBADF if this is closed. Linux may have unmapped what comes before in the range.
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
      // Linux unmaps one after another until it fails, and does not say how far it came.
      for (const each of within) each.doubt();
      throw cause;
    }
  }

  /** The parts of a range that are mapped without a gap, by rising IOVA. @internal */
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

  /** Mappings that a range meets, by rising IOVA. @internal */
  known(iova: bigint, length: bigint): Mapping[] {
    return this.inOrder.filter((each) => each.iova < iova + length && each.iova + each.length > iova);
  }

  /** What {@link allowIovas} keeps. @internal */
  get kept(): readonly IovaRange[] {
    return this.allowed;
  }

  /** Something holds a range in place: a hardware queue. @returns what lets go of it @internal */
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
    // One that was there before cannot be there any more.
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
   * @returns how many bytes that were, 0 if nothing was mapped
   * @throws IommufdError EBUSY while a hardware queue lies in a mapping; EBADF if this is closed
   */
  unmapAll(): bigint {
    calls.unmapAll.check(this);
    const unmapped = this.unmapRange({ iova: 0n, length: ULONG_MAX });
    // Also one that ends with the last byte, which the length leaves out.
    for (const each of [...this.mappings.values()]) this.forget(each);
    return unmapped;
  }

  /**
   * What can be mapped now: IOMMU_IOAS_IOVA_RANGES. Each device that is attached may take ranges away, so ask after
   * attaching.
   * @throws IommufdError EBADF if this is closed
   */
  iovaRanges(): IovaRanges {
    const context = calls.iovaRanges.check(this);
    for (let room = LIKELY_RANGES; ;) {
      const answer = context.calls.frame((alloc) => {
        const { address, bytes } = alloc(room * iommu_iova_range.byteLength);
        const args = { ioas_id: this.use(), num_iovas: room, allowed_iovas: address };
        const { status, failed, left } = context.calls.tryIoctl(context.fd, IOMMU_IOAS_IOVA_RANGES, args);
        if (status < 0 && status !== -errno.EMSGSIZE)
          throw new IommufdError(failed(), { meanings: IOMMU_IOAS_IOVA_RANGES.errors });
        const { num_iovas: count, out_iova_alignment: alignment } = left();
        if (status < 0) return { room: count };
        return { ranges: decodeArray(iommu_iova_range, bytes, { count }), alignment };
      });
      if (!('room' in answer)) return answer;
      room = answer.room;
    }
  }

  /**
   * Keeps ranges from being taken away by devices that are attached later, and has automatic placement stay within
   * them: IOMMU_IOAS_ALLOW_IOVAS. Replaces what was kept before; no ranges lift it.
   * @param ranges what is kept
   * @throws IommufdError EADDRINUSE if a device has taken part of them away already; EINVAL if two overlap; EBADF if
   *   this is closed
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
   * May memory that is contiguous be mapped as large pages? IOMMU_OPTION_HUGE_PAGES, on at first.
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
   * @throws IommufdError EADDRINUSE to turn it off while a mapping is not aligned to whole pages; EINVAL while a page table
   *   shows mappings; EBADF
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
