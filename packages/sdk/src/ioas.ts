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
import { type Context } from './context.js';
import { IommufdError } from './error.js';
import { Mapping } from './mapping.js';
import { type Memory } from './memory.js';
import { IommufdObject } from './object.js';

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
  readonly start: bigint;
  readonly last: bigint;
}

/** What can be mapped. */
export interface IovaRanges {
  readonly ranges: readonly IovaRange[];
  /** Start and length of every mapping must be multiples of this many bytes. */
  readonly alignment: bigint;
}

/** An IO address space: a map from the addresses that devices use (IOVAs) to memory. */
export class Ioas extends IommufdObject {
  readonly kind = 'ioas';

  /** @internal */
  static alloc(context: Context): Ioas {
    const { out_ioas_id } = context.calls.ioctl(context.fd, IOMMU_IOAS_ALLOC, { flags: 0 });
    return new Ioas(context, out_ioas_id, []);
  }

  /**
   * Maps memory of the process: IOMMU_IOAS_MAP. Its pages are pinned, not copied; those that nobody has touched come
   * to be, on a real kernel.
   * @param address where it begins in this process
   * @param length bytes; a multiple of the alignment that {@link iovaRanges} tells, as are `address` and `iova`
   * @throws IommufdError EEXIST if something is mapped there; ENOSPC if there is no gap; EINVAL for the alignment, a
   *   range that is not allowed, or neither reading nor writing; EFAULT if the memory is not there or not
   *   writable; ENOMEM beyond the limit of locked memory
   */
  map(options: MapOptions & { readonly address: bigint; readonly length: bigint }): Mapping {
    const { address: user_va, length, iova = 0n } = options;
    const args = { flags: mapFlags(options), ioas_id: this.use(), user_va, length, iova };
    return new Mapping(this, this.context.ioctl(IOMMU_IOAS_MAP, args).iova, length);
  }

  /**
   * Maps memory of {@link Iommufd.allocMemory}, or part of it. Without `iova` the kernel chooses where.
   * @param options.offset where to begin in the memory, in bytes: the start if it is left out
   * @param options.length how many bytes: up to the end if it is left out
   * @throws IommufdError as {@link map}; RangeError if the part is not within the memory
   */
  mapMemory(
    memory: Memory,
    options: MapOptions & { readonly offset?: number; readonly length?: number } = {},
  ): Mapping {
    const { offset = 0, length = memory.length - offset } = options;
    if (offset < 0 || length < 0 || offset + length > memory.length)
      throw new RangeError(`bytes ${offset} to ${offset + length} of memory of ${memory.length} bytes`);
    if (memory.isClosed) throw new RangeError('the memory is closed');
    return this.map({ ...options, address: memory.address + BigInt(offset), length: BigInt(length) });
  }

  /**
   * Maps part of a memfd: IOMMU_IOAS_MAP_FILE. The mapping needs neither the fd nor an address in this process
   * afterwards, and can be carried to another process.
   * @param start where it begins in the file, in bytes
   * @param length bytes
   * @throws IommufdError as {@link map}; EBADF if `fd` is not open; EINVAL if it is no memfd or is too short
   */
  mapFile(
    options: MapOptions & { readonly fd: number; readonly start?: bigint; readonly length: bigint },
  ): Mapping {
    const { fd, start = 0n, length, iova = 0n } = options;
    const args = { flags: mapFlags(options), ioas_id: this.use(), fd, start, length, iova };
    return new Mapping(this, this.context.ioctl(IOMMU_IOAS_MAP_FILE, args).iova, length);
  }

  /**
   * Maps here what another IOAS maps: IOMMU_IOAS_COPY. Both share the pages, which are pinned once.
   * @param from the other IOAS, which may be this one
   * @param fromIova where it begins there; with `length` it must lie within one mapping
   * @throws IommufdError as {@link map}; ENOENT if nothing is mapped there; EPERM to write what may only be read there
   */
  copy(
    options: MapOptions & { readonly from: Ioas; readonly fromIova: bigint; readonly length: bigint },
  ): Mapping {
    const { from, fromIova: src_iova, length, iova: dst_iova = 0n } = options;
    const args = {
      flags: mapFlags(options),
      dst_ioas_id: this.use(),
      src_ioas_id: from.use(),
      length,
      dst_iova,
      src_iova,
    };
    return new Mapping(this, this.context.ioctl(IOMMU_IOAS_COPY, args).dst_iova, length);
  }

  /**
   * Unmaps every mapping within a range: IOMMU_IOAS_UNMAP. Mappings are not cut.
   * @returns how many bytes were unmapped
   * @throws IommufdError ENOENT if nothing is mapped there or a mapping lies only partly within; EBUSY while a
   *   hardware queue lies in it
   */
  unmap({ iova, length }: { readonly iova: bigint; readonly length: bigint }): bigint {
    return this.context.ioctl(IOMMU_IOAS_UNMAP, { ioas_id: this.use(), iova, length }).length;
  }

  /** Unmaps everything: IOMMU_IOAS_UNMAP. @returns how many bytes that were, 0 if nothing was mapped */
  unmapAll(): bigint {
    return this.unmap({ iova: 0n, length: ULONG_MAX });
  }

  /**
   * What can be mapped now: IOMMU_IOAS_IOVA_RANGES. Each device that is attached may take ranges away, so ask after
   * attaching.
   */
  iovaRanges(): IovaRanges {
    const { calls, fd } = this.context;
    for (let room = LIKELY_RANGES; ;) {
      const answer = calls.frame((alloc) => {
        const { address, bytes } = alloc(room * iommu_iova_range.byteLength);
        const args = { ioas_id: this.use(), num_iovas: room, allowed_iovas: address };
        const { status, failed, left } = calls.tryIoctl(fd, IOMMU_IOAS_IOVA_RANGES, args);
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
   * @throws IommufdError EADDRINUSE if a device has taken part of them away already; EINVAL if two overlap
   */
  allowIovas(ranges: readonly IovaRange[]): void {
    this.context.with(encodeArray(iommu_iova_range, ranges), (allowed_iovas) =>
      this.context.ioctl(IOMMU_IOAS_ALLOW_IOVAS, {
        ioas_id: this.use(),
        num_iovas: ranges.length,
        allowed_iovas,
      }),
    );
  }

  /** May memory that is contiguous be mapped as large pages? IOMMU_OPTION_HUGE_PAGES, on at first. */
  get hugePages(): boolean {
    const args = {
      option_id: IOMMU_OPTION_HUGE_PAGES,
      op: IOMMU_OPTION_OP_GET,
      object_id: this.use(),
      val64: 0n,
    };
    return this.context.ioctl(IOMMU_OPTION, args).val64 !== 0n;
  }

  /** @throws IommufdError EADDRINUSE to turn it off while a mapping is not aligned to whole pages */
  set hugePages(allow: boolean) {
    const val64 = allow ? 1n : 0n;
    const args = {
      option_id: IOMMU_OPTION_HUGE_PAGES,
      op: IOMMU_OPTION_OP_SET,
      object_id: this.use(),
      val64,
    };
    this.context.ioctl(IOMMU_OPTION, args);
  }
}

function mapFlags({ iova, read = true, write = true }: MapOptions): number {
  return (
    (iova === undefined ? 0 : IOMMU_IOAS_MAP_FIXED_IOVA) |
    (read ? IOMMU_IOAS_MAP_READABLE : 0) |
    (write ? IOMMU_IOAS_MAP_WRITEABLE : 0)
  );
}
