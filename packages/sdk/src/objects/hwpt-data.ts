import {
  iommu_hwpt_amd_guest,
  iommu_hwpt_arm_smmuv3,
  iommu_hwpt_data_type,
  iommu_hwpt_selftest,
  iommu_hwpt_vtd_s1,
} from '@iommufd/uapi';
import { tagged, type Tagged } from '../calls/formats.js';

/** Formats of {@link HwptData}. */
export const hwptFormats = {
  'arm-smmuv3': [iommu_hwpt_data_type.IOMMU_HWPT_DATA_ARM_SMMUV3, iommu_hwpt_arm_smmuv3],
  'vtd-s1': [iommu_hwpt_data_type.IOMMU_HWPT_DATA_VTD_S1, iommu_hwpt_vtd_s1],
  'amd-guest': [iommu_hwpt_data_type.IOMMU_HWPT_DATA_AMD_GUEST, iommu_hwpt_amd_guest],
  selftest: [iommu_hwpt_data_type.IOMMU_HWPT_DATA_SELFTEST, iommu_hwpt_selftest],
} as const;

/**
 * Driver-specific data of a page table, by the kernel's names:
 * - `arm-smmuv3` (IOMMU_HWPT_DATA_ARM_SMMUV3): `ste`, words 0 and 1 of the guest's stream table entry
 * - `vtd-s1` (IOMMU_HWPT_DATA_VTD_S1): `pgtbl_addr`, `addr_width`, `flags`
 * - `amd-guest` (IOMMU_HWPT_DATA_AMD_GUEST): `dte`, the guest's device table entry
 * - `selftest` (IOMMU_HWPT_DATA_SELFTEST): `iotlb`, `pagetable_type`
 */
export type HwptData = Tagged<typeof hwptFormats>;

/** {@link HwptData}, as an argument. */
export const hwptData = tagged<typeof hwptFormats, HwptData>(hwptFormats);
