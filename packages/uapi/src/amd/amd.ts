import { array } from '../struct/array.js';
import { u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import * as code from './amd.generated.js';

const register = u64.as({ kind: 'hex' });

/** Data of a nested page table on an AMD IOMMU. Source: `linux/iommufd.h`; AMD I/O Virtualization 2.2.2.1. */
export const iommu_hwpt_amd_guest = struct(
  'iommu_hwpt_amd_guest',
  "The guest's device table entry (IOMMU_HWPT_DATA_AMD_GUEST). The kernel uses only its guest translation fields.",
  { dte: array(register, 4).in('The 256 bits of the entry, in 64-bit words.') },
  { code: code.iommu_hwpt_amd_guest },
);

/** Data of IOMMU_GET_HW_INFO for an AMD IOMMU. Source: `linux/iommufd.h`; AMD I/O Virtualization 3.4. */
export const iommu_hw_info_amd = struct(
  'iommu_hw_info_amd',
  'The features of an AMD IOMMU (IOMMU_HW_INFO_TYPE_AMD).',
  {
    efr: register.out('The extended feature register, MMIO offset 0x30.'),
    efr2: register.out('The second extended feature register, MMIO offset 0x1a0.'),
  },
  { code: code.iommu_hw_info_amd },
);
