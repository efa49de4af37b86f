// Written by `pnpm compile` from hwpt-invalidate.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** Invalidates hardware caches of a user-managed page table or of a vIOMMU. The entries are handled in order until one fails. On return, also on failure, entry_num is the number of handled entries. */
export interface IommuHwptInvalidate {
  /** sizeof(struct iommu_hwpt_invalidate). */
  size: number;
  /** A nested HWPT or a vIOMMU. Id of hwpt or viommu. */
  hwpt_id: number;
  /** The entries. */
  data_uptr: bigint;
  /** Their format. One of iommu_hwpt_invalidate_data_type. */
  data_type: number;
  /** Distance of the entries in bytes. If it is longer than the format, the rest of each entry must be zero; if it is shorter, the missing bytes are zero. */
  entry_len: number;
  /** (inout) Number of entries; on return, also on failure, the number of entries before the one that failed. Arm SMMUv3 checks and issues commands in batches of 63: of the entries before the failed one, those since the last full batch were not issued. */
  entry_num: number;
  /** Must be zero. */
  __reserved: number;
}

const iommu_hwpt_invalidate_names = [
  'size',
  'hwpt_id',
  'data_uptr',
  'data_type',
  'entry_len',
  'entry_num',
  '__reserved',
];

export const iommu_hwpt_invalidate: Compiled<
  IommuHwptInvalidate,
  ToEncode<IommuHwptInvalidate, '__reserved'>
> = {
  read(view, at) {
    if (view.getUint32(at + 28, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      hwpt_id: view.getUint32(at + 4, true),
      data_uptr: view.getBigUint64(at + 8, true),
      data_type: view.getUint32(at + 16, true),
      entry_len: view.getUint32(at + 20, true),
      entry_num: view.getUint32(at + 24, true),
      __reserved: 0,
    };
  },
  write(view, at, value) {
    const { size, hwpt_id, data_uptr, data_type, entry_len, entry_num, __reserved } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof hwpt_id !== 'number' || hwpt_id >>> 0 !== hwpt_id) return false;
    if (!isU64(data_uptr)) return false;
    if (typeof data_type !== 'number' || data_type >>> 0 !== data_type) return false;
    if (typeof entry_len !== 'number' || entry_len >>> 0 !== entry_len) return false;
    if (typeof entry_num !== 'number' || entry_num >>> 0 !== entry_num) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, iommu_hwpt_invalidate_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, hwpt_id, true);
    view.setBigUint64(at + 8, data_uptr, true);
    view.setUint32(at + 16, data_type, true);
    view.setUint32(at + 20, entry_len, true);
    view.setUint32(at + 24, entry_num, true);
    view.setUint32(at + 28, 0, true);
    return true;
  },
};
