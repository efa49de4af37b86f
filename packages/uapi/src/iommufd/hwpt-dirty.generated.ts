// Written by `pnpm compile` from hwpt-dirty.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** Reads which pages of a range devices have written to. By default it also clears their dirty state. */
export interface IommuHwptGetDirtyBitmap {
  /** sizeof(struct iommu_hwpt_get_dirty_bitmap). */
  size: number;
  /** The page table. Id of hwpt. */
  hwpt_id: number;
  /** How to read. Flags of iommufd_hwpt_get_dirty_bitmap_flags. */
  flags: number;
  /** Must be zero. */
  __reserved: number;
  /** Start of the range; the first bit of the bitmap is the page there. */
  iova: bigint;
  /** Its length in bytes. */
  length: bigint;
  /** Number of bytes per bit; a power of two. */
  page_size: bigint;
  /** The bitmap, in 64-bit words: bit n is the page at iova + n * page_size. The kernel sets bits and never clears any. */
  data: bigint;
}

const iommu_hwpt_get_dirty_bitmap_names = [
  'size',
  'hwpt_id',
  'flags',
  '__reserved',
  'iova',
  'length',
  'page_size',
  'data',
];

export const iommu_hwpt_get_dirty_bitmap: Compiled<
  IommuHwptGetDirtyBitmap,
  ToEncode<IommuHwptGetDirtyBitmap, '__reserved'>
> = {
  read(view, at) {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      hwpt_id: view.getUint32(at + 4, true),
      flags: view.getUint32(at + 8, true),
      __reserved: 0,
      iova: view.getBigUint64(at + 16, true),
      length: view.getBigUint64(at + 24, true),
      page_size: view.getBigUint64(at + 32, true),
      data: view.getBigUint64(at + 40, true),
    };
  },
  write(view, at, value) {
    const { size, hwpt_id, flags, __reserved, iova, length, page_size, data } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof hwpt_id !== 'number' || hwpt_id >>> 0 !== hwpt_id) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(iova)) return false;
    if (!isU64(length)) return false;
    if (!isU64(page_size)) return false;
    if (!isU64(data)) return false;
    if (!hasOnly(value, iommu_hwpt_get_dirty_bitmap_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, hwpt_id, true);
    view.setUint32(at + 8, flags, true);
    view.setUint32(at + 12, 0, true);
    view.setBigUint64(at + 16, iova, true);
    view.setBigUint64(at + 24, length, true);
    view.setBigUint64(at + 32, page_size, true);
    view.setBigUint64(at + 40, data, true);
    return true;
  },
};

/** Turns the tracking of dirty pages on or off. */
export interface IommuHwptSetDirtyTracking {
  /** sizeof(struct iommu_hwpt_set_dirty_tracking). */
  size: number;
  /** On or off. Flags of iommufd_hwpt_set_dirty_tracking_flags. */
  flags: number;
  /** The page table, allocated with IOMMU_HWPT_ALLOC_DIRTY_TRACKING. Id of hwpt. */
  hwpt_id: number;
  /** Must be zero. */
  __reserved: number;
}

const iommu_hwpt_set_dirty_tracking_names = ['size', 'flags', 'hwpt_id', '__reserved'];

export const iommu_hwpt_set_dirty_tracking: Compiled<
  IommuHwptSetDirtyTracking,
  ToEncode<IommuHwptSetDirtyTracking, '__reserved'>
> = {
  read(view, at) {
    if (view.getUint32(at + 12, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      hwpt_id: view.getUint32(at + 8, true),
      __reserved: 0,
    };
  },
  write(view, at, value) {
    const { size, flags, hwpt_id, __reserved } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof hwpt_id !== 'number' || hwpt_id >>> 0 !== hwpt_id) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, iommu_hwpt_set_dirty_tracking_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, hwpt_id, true);
    view.setUint32(at + 12, 0, true);
    return true;
  },
};
