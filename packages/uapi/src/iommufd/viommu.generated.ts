// Written by `pnpm compile` from viommu.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** Allocates a virtual IOMMU: a slice of a physical one that belongs to one virtual machine. */
export interface IommuViommuAlloc {
  /** sizeof(struct iommu_viommu_alloc). */
  size: number;
  /** No flags are defined: 0. */
  flags: number;
  /** Its type, which the physical IOMMU must support. One of iommu_viommu_type. */
  type: number;
  /** A device behind the physical IOMMU. Id of device. */
  dev_id: number;
  /** The nest parent that all its nested page tables share. Id of hwpt. */
  hwpt_id: number;
  /** (out) The new virtual IOMMU. Id of viommu. */
  out_viommu_id: number;
  /** Length of the data in bytes; 0 if the type has none. */
  data_len?: number;
  /** Must be zero. */
  __reserved?: number;
  /** Data of the type. The kernel may also write to it. */
  data_uptr?: bigint;
}

const iommu_viommu_alloc_names = [
  'size',
  'flags',
  'type',
  'dev_id',
  'hwpt_id',
  'out_viommu_id',
  'data_len',
  '__reserved',
  'data_uptr',
];

export const iommu_viommu_alloc: Compiled<IommuViommuAlloc, ToEncode<IommuViommuAlloc, '__reserved'>> = {
  read(view, at) {
    if (view.getUint32(at + 28, true) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      type: view.getUint32(at + 8, true),
      dev_id: view.getUint32(at + 12, true),
      hwpt_id: view.getUint32(at + 16, true),
      out_viommu_id: view.getUint32(at + 20, true),
      data_len: view.getUint32(at + 24, true),
      __reserved: 0,
      data_uptr: view.getBigUint64(at + 32, true),
    };
  },
  write(view, at, value) {
    const { size, flags, type, dev_id, hwpt_id, out_viommu_id, data_len, __reserved, data_uptr } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof type !== 'number' || type >>> 0 !== type) return false;
    if (typeof dev_id !== 'number' || dev_id >>> 0 !== dev_id) return false;
    if (typeof hwpt_id !== 'number' || hwpt_id >>> 0 !== hwpt_id) return false;
    if (typeof out_viommu_id !== 'number' || out_viommu_id >>> 0 !== out_viommu_id) return false;
    if (typeof data_len !== 'number' || data_len >>> 0 !== data_len) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(data_uptr)) return false;
    if (!hasOnly(value, iommu_viommu_alloc_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, type, true);
    view.setUint32(at + 12, dev_id, true);
    view.setUint32(at + 16, hwpt_id, true);
    view.setUint32(at + 20, out_viommu_id, true);
    view.setUint32(at + 24, data_len, true);
    view.setUint32(at + 28, 0, true);
    view.setBigUint64(at + 32, data_uptr, true);
    return true;
  },
};
