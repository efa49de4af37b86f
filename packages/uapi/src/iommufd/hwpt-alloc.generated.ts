// Written by `pnpm compile` from hwpt-alloc.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** Allocates a hardware page table (HWPT): one that the kernel fills from an IOAS, or one that the user manages, nested on a parent HWPT or a vIOMMU. */
export interface IommuHwptAlloc {
  /** sizeof(struct iommu_hwpt_alloc) as the caller knows it. */
  size: number;
  /** Uses of the page table. Flags of iommufd_hwpt_alloc_flags. */
  flags: number;
  /** The device whose IOMMU is to walk the page table. Id of device. */
  dev_id: number;
  /** Its base: an IOAS for a kernel-managed page table, a nest parent HWPT or a vIOMMU for a user-managed one. Id of ioas or hwpt or viommu. */
  pt_id: number;
  /** (out) The new page table. Id of hwpt. */
  out_hwpt_id: number;
  /** Must be zero. */
  __reserved: number;
  /** The format of the data at data_uptr. One of iommu_hwpt_data_type. */
  data_type?: number;
  /** Its length in bytes; 0 with IOMMU_HWPT_DATA_NONE. */
  data_len?: number;
  /** The data of a user-managed page table; NULL with IOMMU_HWPT_DATA_NONE. */
  data_uptr?: bigint;
  /** The fault queue; ignored without IOMMU_HWPT_FAULT_ID_VALID. Id of fault. */
  fault_id?: number;
  /** Must be zero. */
  __reserved2?: number;
}

const iommu_hwpt_alloc_names = [
  'size',
  'flags',
  'dev_id',
  'pt_id',
  'out_hwpt_id',
  '__reserved',
  'data_type',
  'data_len',
  'data_uptr',
  'fault_id',
  '__reserved2',
];

export const iommu_hwpt_alloc: Compiled<
  IommuHwptAlloc,
  ToEncode<IommuHwptAlloc, '__reserved' | '__reserved2'>
> = {
  read(view, at) {
    if ((view.getUint32(at + 20, true) | view.getUint32(at + 44, true)) !== 0) return undefined;
    return {
      size: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      dev_id: view.getUint32(at + 8, true),
      pt_id: view.getUint32(at + 12, true),
      out_hwpt_id: view.getUint32(at + 16, true),
      __reserved: 0,
      data_type: view.getUint32(at + 24, true),
      data_len: view.getUint32(at + 28, true),
      data_uptr: view.getBigUint64(at + 32, true),
      fault_id: view.getUint32(at + 40, true),
      __reserved2: 0,
    };
  },
  write(view, at, value) {
    const {
      size,
      flags,
      dev_id,
      pt_id,
      out_hwpt_id,
      __reserved,
      data_type,
      data_len,
      data_uptr,
      fault_id,
      __reserved2,
    } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof dev_id !== 'number' || dev_id >>> 0 !== dev_id) return false;
    if (typeof pt_id !== 'number' || pt_id >>> 0 !== pt_id) return false;
    if (typeof out_hwpt_id !== 'number' || out_hwpt_id >>> 0 !== out_hwpt_id) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (typeof data_type !== 'number' || data_type >>> 0 !== data_type) return false;
    if (typeof data_len !== 'number' || data_len >>> 0 !== data_len) return false;
    if (!isU64(data_uptr)) return false;
    if (typeof fault_id !== 'number' || fault_id >>> 0 !== fault_id) return false;
    if (__reserved2 !== undefined && __reserved2 !== 0) return false;
    if (size === 44 && __reserved2 === undefined) return false;
    if (!hasOnly(value, iommu_hwpt_alloc_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, flags, true);
    view.setUint32(at + 8, dev_id, true);
    view.setUint32(at + 12, pt_id, true);
    view.setUint32(at + 16, out_hwpt_id, true);
    view.setUint32(at + 20, 0, true);
    view.setUint32(at + 24, data_type, true);
    view.setUint32(at + 28, data_len, true);
    view.setBigUint64(at + 32, data_uptr, true);
    view.setUint32(at + 40, fault_id, true);
    view.setUint32(at + 44, 0, true);
    return true;
  },
};
