// Written by `pnpm compile` from vtd.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** The capabilities of a VT-d unit (IOMMU_HW_INFO_TYPE_INTEL_VTD). */
export interface IommuHwInfoVtd {
  /** (out) Errata that apply. Flags of iommu_hw_info_vtd_flags. */
  flags: number;
  /** Must be zero. */
  __reserved: number;
  /** (out) The capability register, CAP_REG. */
  cap_reg: bigint;
  /** (out) The extended capability register, ECAP_REG. */
  ecap_reg: bigint;
}

const iommu_hw_info_vtd_names = ['flags', '__reserved', 'cap_reg', 'ecap_reg'];

export const iommu_hw_info_vtd: Compiled<IommuHwInfoVtd, ToEncode<IommuHwInfoVtd, '__reserved'>> = {
  read(view, at) {
    if (view.getUint32(at + 4, true) !== 0) return undefined;
    return {
      flags: view.getUint32(at, true),
      __reserved: 0,
      cap_reg: view.getBigUint64(at + 8, true),
      ecap_reg: view.getBigUint64(at + 16, true),
    };
  },
  write(view, at, value) {
    const { flags, __reserved, cap_reg, ecap_reg } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!isU64(cap_reg)) return false;
    if (!isU64(ecap_reg)) return false;
    if (!hasOnly(value, iommu_hw_info_vtd_names)) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, 0, true);
    view.setBigUint64(at + 8, cap_reg, true);
    view.setBigUint64(at + 16, ecap_reg, true);
    return true;
  },
};

/** Describes a user-managed VT-d first-stage page table (IOMMU_HWPT_DATA_VTD_S1). */
export interface IommuHwptVtdS1 {
  /** Attributes of the page table. Flags of iommu_hwpt_vtd_s1_flags. */
  flags: bigint;
  /** Address of the page table: guest-physical, 4 KiB aligned. */
  pgtbl_addr: bigint;
  /** Width of the input address in bits: 48 or 57. */
  addr_width: number;
  /** Must be zero. */
  __reserved: number;
}

const iommu_hwpt_vtd_s1_names = ['flags', 'pgtbl_addr', 'addr_width', '__reserved'];

export const iommu_hwpt_vtd_s1: Compiled<IommuHwptVtdS1, ToEncode<IommuHwptVtdS1, '__reserved'>> = {
  read(view, at) {
    if (view.getUint32(at + 20, true) !== 0) return undefined;
    return {
      flags: view.getBigUint64(at, true),
      pgtbl_addr: view.getBigUint64(at + 8, true),
      addr_width: view.getUint32(at + 16, true),
      __reserved: 0,
    };
  },
  write(view, at, value) {
    const { flags, pgtbl_addr, addr_width, __reserved } = value;
    if (!isU64(flags)) return false;
    if (!isU64(pgtbl_addr)) return false;
    if (typeof addr_width !== 'number' || addr_width >>> 0 !== addr_width) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, iommu_hwpt_vtd_s1_names)) return false;
    view.setBigUint64(at, flags, true);
    view.setBigUint64(at + 8, pgtbl_addr, true);
    view.setUint32(at + 16, addr_width, true);
    view.setUint32(at + 20, 0, true);
    return true;
  },
};

/** Invalidates cached first-stage translations of a range (IOMMU_HWPT_INVALIDATE_DATA_VTD_S1), also in devices with ATS enabled. */
export interface IommuHwptVtdS1Invalidate {
  /** First address of the range, 4 KiB aligned; 0 with an npages of 2^64-1 for all addresses. */
  addr: bigint;
  /** Length of the range in pages of 4 KiB. */
  npages: bigint;
  /** Scope of the invalidation. Flags of iommu_hwpt_vtd_s1_invalidate_flags. */
  flags: number;
  /** Must be zero. */
  __reserved: number;
}

const iommu_hwpt_vtd_s1_invalidate_names = ['addr', 'npages', 'flags', '__reserved'];

export const iommu_hwpt_vtd_s1_invalidate: Compiled<
  IommuHwptVtdS1Invalidate,
  ToEncode<IommuHwptVtdS1Invalidate, '__reserved'>
> = {
  read(view, at) {
    if (view.getUint32(at + 20, true) !== 0) return undefined;
    return {
      addr: view.getBigUint64(at, true),
      npages: view.getBigUint64(at + 8, true),
      flags: view.getUint32(at + 16, true),
      __reserved: 0,
    };
  },
  write(view, at, value) {
    const { addr, npages, flags, __reserved } = value;
    if (!isU64(addr)) return false;
    if (!isU64(npages)) return false;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (__reserved !== undefined && __reserved !== 0) return false;
    if (!hasOnly(value, iommu_hwpt_vtd_s1_invalidate_names)) return false;
    view.setBigUint64(at, addr, true);
    view.setBigUint64(at + 8, npages, true);
    view.setUint32(at + 16, flags, true);
    view.setUint32(at + 20, 0, true);
    return true;
  },
};
