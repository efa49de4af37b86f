import { flagSet } from '../struct/enumeration.js';
import { address, flags, flags64, u32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import * as code from './vtd.generated.js';

/** Attributes of a first-stage page table. Source: `linux/iommufd.h`; VT-d specification 9.6, PASID table entry. */
export const iommu_hwpt_vtd_s1_flags = flagSet(
  'iommu_hwpt_vtd_s1_flags',
  'Attributes of the first-stage page table.',
  {
    IOMMU_VTD_S1_SRE: [1, 'Supervisor requests are allowed.'],
    IOMMU_VTD_S1_EAFE: [2, 'The extended-accessed bit is used.'],
    IOMMU_VTD_S1_WPE: [4, 'Supervisor writes respect write protection.'],
  },
);

/** Data of a nested page table on Intel VT-d. Source: `linux/iommufd.h`. */
export const iommu_hwpt_vtd_s1 = struct(
  'iommu_hwpt_vtd_s1',
  'Describes a user-managed VT-d first-stage page table (IOMMU_HWPT_DATA_VTD_S1).',
  {
    flags: flags64(iommu_hwpt_vtd_s1_flags).in('Attributes of the page table.'),
    pgtbl_addr: address.in('Address of the page table: guest-physical, 4 KiB aligned.'),
    addr_width: u32.in('Width of the input address in bits: 48 or 57.'),
    __reserved: reserved(u32),
  },
  { code: code.iommu_hwpt_vtd_s1 },
);

/** Scope of an invalidation. Source: `linux/iommufd.h`. */
export const iommu_hwpt_vtd_s1_invalidate_flags = flagSet(
  'iommu_hwpt_vtd_s1_invalidate_flags',
  'Scope of a first-stage invalidation.',
  { IOMMU_VTD_INV_FLAGS_LEAF: [1, 'Only cached leaf entries, not the caches of upper levels.'] },
);

/** One entry of an IOMMU_HWPT_INVALIDATE array on Intel VT-d. Source: `linux/iommufd.h`. */
export const iommu_hwpt_vtd_s1_invalidate = struct(
  'iommu_hwpt_vtd_s1_invalidate',
  'Invalidates cached first-stage translations of a range (IOMMU_HWPT_INVALIDATE_DATA_VTD_S1), also in devices with ATS enabled.',
  {
    addr: address.in(
      'First address of the range, 4 KiB aligned; 0 with an npages of 2^64-1 for all addresses.',
    ),
    npages: u64.in('Length of the range in pages of 4 KiB.'),
    flags: flags(iommu_hwpt_vtd_s1_invalidate_flags).in('Scope of the invalidation.'),
    __reserved: reserved(u32),
  },
  { code: code.iommu_hwpt_vtd_s1_invalidate },
);

/** Known errata. Source: `linux/iommufd.h`. */
export const iommu_hw_info_vtd_flags = flagSet(
  'iommu_hw_info_vtd_flags',
  'Errata that a user of nested translation must work around.',
  {
    IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17: [
      1,
      'Sapphire Rapids erratum 772415: a nest parent must not map anything read-only.',
    ],
  },
);

/** Data of IOMMU_GET_HW_INFO for Intel VT-d. Source: `linux/iommufd.h`; VT-d specification 11.4.2, 11.4.3. */
export const iommu_hw_info_vtd = struct(
  'iommu_hw_info_vtd',
  'The capabilities of a VT-d unit (IOMMU_HW_INFO_TYPE_INTEL_VTD).',
  {
    flags: flags(iommu_hw_info_vtd_flags).out('Errata that apply.'),
    __reserved: reserved(u32),
    cap_reg: u64.as({ kind: 'hex' }).out('The capability register, CAP_REG.'),
    ecap_reg: u64.as({ kind: 'hex' }).out('The extended capability register, ECAP_REG.'),
  },
  { code: code.iommu_hw_info_vtd },
);
