// Written by `pnpm compile` from ioas-map.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** Maps the memory of a range of one IOAS in another IOAS. Both mappings share the pages, which are pinned once. */
export interface IommuIoasCopy {
  /** sizeof(struct iommu_ioas_copy). */
  size: number;
  /** Placement and permissions of the copy. Flags of iommufd_ioas_map_flags. */
  flags: number;
  /** The IOAS of the copy. Id of ioas. */
  dst_ioas_id: number;
  /** The IOAS of the original; may be the same one. Id of ioas. */
  src_ioas_id: number;
  /** Length of the copy in bytes. */
  length: bigint;
  /** (inout) Start of the mapping: set by the caller with IOMMU_IOAS_MAP_FIXED_IOVA, otherwise chosen by the kernel. */
  dst_iova: bigint;
  /** Start of the original. */
  src_iova: bigint;
}

const iommu_ioas_copy_names = [
  'size',
  'flags',
  'dst_ioas_id',
  'src_ioas_id',
  'length',
  'dst_iova',
  'src_iova',
];

export const iommu_ioas_copy: Compiled<IommuIoasCopy, ToEncode<IommuIoasCopy>> = {
  read(view, at) {
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      dst_ioas_id: view.getUint32(at + 8, true),
      src_ioas_id: view.getUint32(at + 12, true),
      length: view.getBigUint64(at + 16, true),
      dst_iova: view.getBigUint64(at + 24, true),
      src_iova: view.getBigUint64(at + 32, true),
    };
  },
  write(view, at, value) {
    const { size, flags, dst_ioas_id, src_ioas_id, length, dst_iova, src_iova } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof dst_ioas_id !== 'number' || dst_ioas_id >>> 0 !== dst_ioas_id) return false;
    if (typeof src_ioas_id !== 'number' || src_ioas_id >>> 0 !== src_ioas_id) return false;
    if (!isU64(length)) return false;
    if (!isU64(dst_iova)) return false;
    if (!isU64(src_iova)) return false;
    if (!hasOnly(value, iommu_ioas_copy_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, dst_ioas_id, true);
    view.setUint32(at + 12, src_ioas_id, true);
    view.setBigUint64(at + 16, length, true);
    view.setBigUint64(at + 24, dst_iova, true);
    view.setBigUint64(at + 32, src_iova, true);
    return true;
  },
};

/** Maps part of the caller's memory at an IOVA. */
export interface IommuIoasMap {
  /** sizeof(struct iommu_ioas_map). */
  size: number;
  /** Placement and permissions. Flags of iommufd_ioas_map_flags. */
  flags: number;
  /** The IOAS. Id of ioas. */
  ioas_id: number;
  /** Must be zero. */
  __reserved: number;
  /** Start of the memory. */
  user_va: bigint;
  /** Its length in bytes. */
  length: bigint;
  /** (inout) Start of the mapping: set by the caller with IOMMU_IOAS_MAP_FIXED_IOVA, otherwise chosen by the kernel. */
  iova: bigint;
}

const iommu_ioas_map_names = ['size', 'flags', 'ioas_id', '__reserved', 'user_va', 'length', 'iova'];

export const iommu_ioas_map: Compiled<IommuIoasMap, ToEncode<IommuIoasMap, '__reserved'>> = {
  read(view, at) {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      ioas_id: view.getUint32(at + 8, true),
      __reserved: 0,
      user_va: view.getBigUint64(at + 16, true),
      length: view.getBigUint64(at + 24, true),
      iova: view.getBigUint64(at + 32, true),
    };
  },
  write(view, at, value) {
    const { size, flags, ioas_id, __reserved, user_va, length, iova } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(user_va)) return false;
    if (!isU64(length)) return false;
    if (!isU64(iova)) return false;
    if (!hasOnly(value, iommu_ioas_map_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, ioas_id, true);
    view.setUint32(at + 12, 0, true);
    view.setBigUint64(at + 16, user_va, true);
    view.setBigUint64(at + 24, length, true);
    view.setBigUint64(at + 32, iova, true);
    return true;
  },
};

/** Maps part of a memfd at an IOVA. The mapping outlives the file descriptor and does not depend on an address space. */
export interface IommuIoasMapFile {
  /** sizeof(struct iommu_ioas_map_file). */
  size: number;
  /** Placement and permissions. Flags of iommufd_ioas_map_flags. */
  flags: number;
  /** The IOAS. Id of ioas. */
  ioas_id: number;
  /** The memfd. */
  fd: number;
  /** Offset of the memory in the file, in bytes. */
  start: bigint;
  /** Its length in bytes. */
  length: bigint;
  /** (inout) Start of the mapping: set by the caller with IOMMU_IOAS_MAP_FIXED_IOVA, otherwise chosen by the kernel. */
  iova: bigint;
}

const iommu_ioas_map_file_names = ['size', 'flags', 'ioas_id', 'fd', 'start', 'length', 'iova'];

export const iommu_ioas_map_file: Compiled<IommuIoasMapFile, ToEncode<IommuIoasMapFile>> = {
  read(view, at) {
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      ioas_id: view.getUint32(at + 8, true),
      fd: view.getInt32(at + 12, true),
      start: view.getBigUint64(at + 16, true),
      length: view.getBigUint64(at + 24, true),
      iova: view.getBigUint64(at + 32, true),
    };
  },
  write(view, at, value) {
    const { size, flags, ioas_id, fd, start, length, iova } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (typeof fd !== 'number' || (fd | 0) !== fd) return false;
    if (!isU64(start)) return false;
    if (!isU64(length)) return false;
    if (!isU64(iova)) return false;
    if (!hasOnly(value, iommu_ioas_map_file_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, ioas_id, true);
    view.setUint32(at + 12, fd, true);
    view.setBigUint64(at + 16, start, true);
    view.setBigUint64(at + 24, length, true);
    view.setBigUint64(at + 32, iova, true);
    return true;
  },
};

/** Returns the physical address of an IOVA, for devices without an IOMMU. */
export interface IommuIoasNoiommuGetPa {
  /** sizeof(struct iommu_ioas_noiommu_get_pa). */
  size: number;
  /** No flags are defined: 0. */
  flags: number;
  /** The IOAS. Id of ioas. */
  ioas_id: number;
  /** Must be zero. */
  __reserved: number;
  /** The IOVA. */
  iova: bigint;
  /** (inout) Maximum number of bytes; on return, the number of physically contiguous bytes from there. */
  length: bigint;
  /** (out) The physical address. */
  out_phys: bigint;
}

const iommu_ioas_noiommu_get_pa_names = [
  'size',
  'flags',
  'ioas_id',
  '__reserved',
  'iova',
  'length',
  'out_phys',
];

export const iommu_ioas_noiommu_get_pa: Compiled<
  IommuIoasNoiommuGetPa,
  ToEncode<IommuIoasNoiommuGetPa, '__reserved'>
> = {
  read(view, at) {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      ioas_id: view.getUint32(at + 8, true),
      __reserved: 0,
      iova: view.getBigUint64(at + 16, true),
      length: view.getBigUint64(at + 24, true),
      out_phys: view.getBigUint64(at + 32, true),
    };
  },
  write(view, at, value) {
    const { size, flags, ioas_id, __reserved, iova, length, out_phys } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(iova)) return false;
    if (!isU64(length)) return false;
    if (!isU64(out_phys)) return false;
    if (!hasOnly(value, iommu_ioas_noiommu_get_pa_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, ioas_id, true);
    view.setUint32(at + 12, 0, true);
    view.setBigUint64(at + 16, iova, true);
    view.setBigUint64(at + 24, length, true);
    view.setBigUint64(at + 32, out_phys, true);
    return true;
  },
};

/** Unmaps every mapping within a range of IOVAs. Mappings are not split. An iova of 0 with a length of 2^64-1 unmaps all. */
export interface IommuIoasUnmap {
  /** sizeof(struct iommu_ioas_unmap). */
  size: number;
  /** The IOAS. Id of ioas. */
  ioas_id: number;
  /** Start of the range. */
  iova: bigint;
  /** (inout) Its length in bytes; on return, the number of unmapped bytes. */
  length: bigint;
}

const iommu_ioas_unmap_names = ['size', 'ioas_id', 'iova', 'length'];

export const iommu_ioas_unmap: Compiled<IommuIoasUnmap, ToEncode<IommuIoasUnmap>> = {
  read(view, at) {
    return {
      size: view.getUint32(at, true),
      ioas_id: view.getUint32(at + 4, true),
      iova: view.getBigUint64(at + 8, true),
      length: view.getBigUint64(at + 16, true),
    };
  },
  write(view, at, value) {
    const { size, ioas_id, iova, length } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof ioas_id !== 'number' || ioas_id >>> 0 !== ioas_id) return false;
    if (!isU64(iova)) return false;
    if (!isU64(length)) return false;
    if (!hasOnly(value, iommu_ioas_unmap_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, ioas_id, true);
    view.setBigUint64(at + 8, iova, true);
    view.setBigUint64(at + 16, length, true);
    return true;
  },
};
