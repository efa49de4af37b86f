// Written by `pnpm compile` from data.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** Clears a slot of the mock TLB (IOMMU_HWPT_INVALIDATE_DATA_SELFTEST). */
export interface IommuHwptInvalidateSelftest {
  /** Scope of the invalidation. Flags of iommu_test_invalidate_flags. */
  flags: number;
  /** The slot, 0 to MOCK_NESTED_DOMAIN_IOTLB_ID_MAX. */
  iotlb_id: number;
}

const iommu_hwpt_invalidate_selftest_names = ['flags', 'iotlb_id'];

export const iommu_hwpt_invalidate_selftest: Compiled<
  IommuHwptInvalidateSelftest,
  ToEncode<IommuHwptInvalidateSelftest>
> = {
  read(view, at) {
    return {
      flags: view.getUint32(at, true),
      iotlb_id: view.getUint32(at + 4, true),
    };
  },
  write(view, at, value) {
    const { flags, iotlb_id } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof iotlb_id !== 'number' || iotlb_id >>> 0 !== iotlb_id) return false;
    if (!hasOnly(value, iommu_hwpt_invalidate_selftest_names)) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, iotlb_id, true);
    return true;
  },
};

/** Describes a page table of the mock driver (IOMMU_HWPT_DATA_SELFTEST). */
export interface IommuHwptSelftest {
  /** Initial value of each slot of a nested page table's mock TLB. */
  iotlb: number;
  /** Format of a kernel-managed page table. One of mock_pagetable_type. */
  pagetable_type: number;
}

const iommu_hwpt_selftest_names = ['iotlb', 'pagetable_type'];

export const iommu_hwpt_selftest: Compiled<IommuHwptSelftest, ToEncode<IommuHwptSelftest>> = {
  read(view, at) {
    return {
      iotlb: view.getUint32(at, true),
      pagetable_type: view.getUint32(at + 4, true),
    };
  },
  write(view, at, value) {
    const { iotlb, pagetable_type } = value;
    if (typeof iotlb !== 'number' || iotlb >>> 0 !== iotlb) return false;
    if (typeof pagetable_type !== 'number' || pagetable_type >>> 0 !== pagetable_type) return false;
    if (!hasOnly(value, iommu_hwpt_selftest_names)) return false;
    view.setUint32(at, iotlb, true);
    view.setUint32(at + 4, pagetable_type, true);
    return true;
  },
};

/** Information about the mock IOMMU (IOMMU_HW_INFO_TYPE_SELFTEST). */
export interface IommuTestHwInfo {
  /** (out) No flags are defined: 0. */
  flags: number;
  /** (out) IOMMU_HW_INFO_SELFTEST_REGVAL. */
  test_reg: number;
}

const iommu_test_hw_info_names = ['flags', 'test_reg'];

export const iommu_test_hw_info: Compiled<IommuTestHwInfo, ToEncode<IommuTestHwInfo>> = {
  read(view, at) {
    return {
      flags: view.getUint32(at, true),
      test_reg: view.getUint32(at + 4, true),
    };
  },
  write(view, at, value) {
    const { flags, test_reg } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof test_reg !== 'number' || test_reg >>> 0 !== test_reg) return false;
    if (!hasOnly(value, iommu_test_hw_info_names)) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, test_reg, true);
    return true;
  },
};

/** An event of the mock driver. */
export interface IommuViommuEventSelftest {
  /** (out) The virtual id of the device, from its vDEVICE. */
  virt_id: number;
}

const iommu_viommu_event_selftest_names = ['virt_id'];

export const iommu_viommu_event_selftest: Compiled<
  IommuViommuEventSelftest,
  ToEncode<IommuViommuEventSelftest>
> = {
  read(view, at) {
    return {
      virt_id: view.getUint32(at, true),
    };
  },
  write(view, at, value) {
    const { virt_id } = value;
    if (typeof virt_id !== 'number' || virt_id >>> 0 !== virt_id) return false;
    if (!hasOnly(value, iommu_viommu_event_selftest_names)) return false;
    view.setUint32(at, virt_id, true);
    return true;
  },
};

/** Clears a slot of a device's mock cache (IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST). */
export interface IommuViommuInvalidateSelftest {
  /** Scope of the invalidation. Flags of iommu_test_invalidate_flags. */
  flags: number;
  /** The virtual id of the device, from its vDEVICE. */
  vdev_id: number;
  /** The slot, 0 to MOCK_DEV_CACHE_ID_MAX. */
  cache_id: number;
}

const iommu_viommu_invalidate_selftest_names = ['flags', 'vdev_id', 'cache_id'];

export const iommu_viommu_invalidate_selftest: Compiled<
  IommuViommuInvalidateSelftest,
  ToEncode<IommuViommuInvalidateSelftest>
> = {
  read(view, at) {
    return {
      flags: view.getUint32(at, true),
      vdev_id: view.getUint32(at + 4, true),
      cache_id: view.getUint32(at + 8, true),
    };
  },
  write(view, at, value) {
    const { flags, vdev_id, cache_id } = value;
    if (typeof flags !== 'number' || flags >>> 0 !== flags) return false;
    if (typeof vdev_id !== 'number' || vdev_id >>> 0 !== vdev_id) return false;
    if (typeof cache_id !== 'number' || cache_id >>> 0 !== cache_id) return false;
    if (!hasOnly(value, iommu_viommu_invalidate_selftest_names)) return false;
    view.setUint32(at, flags, true);
    view.setUint32(at + 4, vdev_id, true);
    view.setUint32(at + 8, cache_id, true);
    return true;
  },
};

/** Data of a vIOMMU of the mock driver (IOMMU_VIOMMU_TYPE_SELFTEST): a number to copy back, and the location of its page. */
export interface IommuViommuSelftest {
  /** Any number. */
  in_data: number;
  /** (out) A copy of in_data. */
  out_data: number;
  /** (out) Offset to pass to mmap() on the iommufd. */
  out_mmap_offset: bigint;
  /** (out) Length of the mapping in bytes. */
  out_mmap_length: bigint;
}

const iommu_viommu_selftest_names = ['in_data', 'out_data', 'out_mmap_offset', 'out_mmap_length'];

export const iommu_viommu_selftest: Compiled<IommuViommuSelftest, ToEncode<IommuViommuSelftest>> = {
  read(view, at) {
    return {
      in_data: view.getUint32(at, true),
      out_data: view.getUint32(at + 4, true),
      out_mmap_offset: view.getBigUint64(at + 8, true),
      out_mmap_length: view.getBigUint64(at + 16, true),
    };
  },
  write(view, at, value) {
    const { in_data, out_data, out_mmap_offset, out_mmap_length } = value;
    if (typeof in_data !== 'number' || in_data >>> 0 !== in_data) return false;
    if (typeof out_data !== 'number' || out_data >>> 0 !== out_data) return false;
    if (!isU64(out_mmap_offset)) return false;
    if (!isU64(out_mmap_length)) return false;
    if (!hasOnly(value, iommu_viommu_selftest_names)) return false;
    view.setUint32(at, in_data, true);
    view.setUint32(at + 4, out_data, true);
    view.setBigUint64(at + 8, out_mmap_offset, true);
    view.setBigUint64(at + 16, out_mmap_length, true);
    return true;
  },
};
