// Written by `pnpm compile` from ioas.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** Allocates an IO address space (IOAS): a map from IOVAs to memory. */
export interface IommuIoasAlloc {
  /** sizeof(struct iommu_ioas_alloc). */
  size: number;
  /** No flags are defined: 0. */
  flags: number;
  /** (out) The new IOAS. Id of ioas. */
  out_ioas_id: number;
}

const iommu_ioas_alloc_names = ['size', 'flags', 'out_ioas_id'];

export const iommu_ioas_alloc: Compiled<IommuIoasAlloc, ToEncode<IommuIoasAlloc>> = {
  read(view, at) {
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      out_ioas_id: view.getUint32(at + 8, true),
    };
  },
  write(view, at, value) {
    const { size, flags, out_ioas_id } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof out_ioas_id !== 'number' || out_ioas_id >>> 0 !== out_ioas_id) return false;
    if (!hasOnly(value, iommu_ioas_alloc_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, out_ioas_id, true);
    return true;
  },
};

/** Reserves ranges of IOVAs: a device that would make part of them unusable cannot be attached. It replaces the ranges reserved before. Automatic placement then stays within them. */
export interface IommuIoasAllowIovas {
  /** sizeof(struct iommu_ioas_allow_iovas). */
  size: number;
  /** The IOAS. Id of ioas. */
  ioas_id: number;
  /** Number of elements of the array; 0 removes the reservation. */
  num_iovas: number;
  /** Must be zero. */
  __reserved: number;
  /** The ranges, in any order. They must not overlap. */
  allowed_iovas: bigint;
}

const iommu_ioas_allow_iovas_names = ['size', 'ioas_id', 'num_iovas', '__reserved', 'allowed_iovas'];

export const iommu_ioas_allow_iovas: Compiled<
  IommuIoasAllowIovas,
  ToEncode<IommuIoasAllowIovas, '__reserved'>
> = {
  read(view, at) {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      ioas_id: view.getUint32(at + 4, true),
      num_iovas: view.getUint32(at + 8, true),
      __reserved: 0,
      allowed_iovas: view.getBigUint64(at + 16, true),
    };
  },
  write(view, at, value) {
    const { size, ioas_id, num_iovas, __reserved, allowed_iovas } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (typeof num_iovas !== 'number' || num_iovas >>> 0 !== num_iovas) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(allowed_iovas)) return false;
    if (!hasOnly(value, iommu_ioas_allow_iovas_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, ioas_id, true);
    view.setUint32(at + 8, num_iovas, true);
    view.setUint32(at + 12, 0, true);
    view.setBigUint64(at + 16, allowed_iovas, true);
    return true;
  },
};

/** Charges the pinned memory of every mapping to the calling process, as after a live update. */
export interface IommuIoasChangeProcess {
  /** sizeof(struct iommu_ioas_change_process). */
  size: number;
  /** Must be zero. */
  __reserved: number;
}

const iommu_ioas_change_process_names = ['size', '__reserved'];

export const iommu_ioas_change_process: Compiled<
  IommuIoasChangeProcess,
  ToEncode<IommuIoasChangeProcess, '__reserved'>
> = {
  read(view, at) {
    if (view.getUint32(at + 4, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      __reserved: 0,
    };
  },
  write(view, at, value) {
    const { size, __reserved } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, iommu_ioas_change_process_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, 0, true);
    return true;
  },
};

/** Returns the ranges of IOVAs that can be mapped. Attaching a device may narrow them, and detaching one may widen them. */
export interface IommuIoasIovaRanges {
  /** sizeof(struct iommu_ioas_iova_ranges). */
  size: number;
  /** The IOAS. Id of ioas. */
  ioas_id: number;
  /** (inout) Capacity of the array in elements; on return, the number of ranges. */
  num_iovas: number;
  /** Must be zero. */
  __reserved: number;
  /** The array for the ranges. The kernel writes as many as it has room for. */
  allowed_iovas: bigint;
  /** (out) Required alignment of the start and the length of every mapping, in bytes; at most the page size. */
  out_iova_alignment: bigint;
}

const iommu_ioas_iova_ranges_names = [
  'size',
  'ioas_id',
  'num_iovas',
  '__reserved',
  'allowed_iovas',
  'out_iova_alignment',
];

export const iommu_ioas_iova_ranges: Compiled<
  IommuIoasIovaRanges,
  ToEncode<IommuIoasIovaRanges, '__reserved'>
> = {
  read(view, at) {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      ioas_id: view.getUint32(at + 4, true),
      num_iovas: view.getUint32(at + 8, true),
      __reserved: 0,
      allowed_iovas: view.getBigUint64(at + 16, true),
      out_iova_alignment: view.getBigUint64(at + 24, true),
    };
  },
  write(view, at, value) {
    const { size, ioas_id, num_iovas, __reserved, allowed_iovas, out_iova_alignment } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (typeof num_iovas !== 'number' || num_iovas >>> 0 !== num_iovas) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(allowed_iovas)) return false;
    if (!isU64(out_iova_alignment)) return false;
    if (!hasOnly(value, iommu_ioas_iova_ranges_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, ioas_id, true);
    view.setUint32(at + 8, num_iovas, true);
    view.setUint32(at + 12, 0, true);
    view.setBigUint64(at + 16, allowed_iovas, true);
    view.setBigUint64(at + 24, out_iova_alignment, true);
    return true;
  },
};

/** An interval of IOVAs. */
export interface IommuIovaRange {
  /** (inout) Its first IOVA. */
  start: bigint;
  /** (inout) Its last IOVA, inclusive. */
  last: bigint;
}

const iommu_iova_range_names = ['start', 'last'];

export const iommu_iova_range: Compiled<IommuIovaRange, ToEncode<IommuIovaRange>> = {
  read(view, at) {
    return {
      start: view.getBigUint64(at, true),
      last: view.getBigUint64(at + 8, true),
    };
  },
  write(view, at, value) {
    const { start, last } = value;
    if (!isU64(start)) return false;
    if (!isU64(last)) return false;
    if (!hasOnly(value, iommu_iova_range_names)) return false;
    view.setBigUint64(at, start, true);
    view.setBigUint64(at + 8, last, true);
    return true;
  },
};
