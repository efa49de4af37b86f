import { iommu_hwpt_amd_guest } from '../amd/amd.js';
import { iommu_hwpt_selftest } from '../selftest/data.js';
import { iommu_hwpt_arm_smmuv3 } from '../smmuv3/iommufd.js';
import { enumeration, flagSet } from '../struct/enumeration.js';
import { enumOf, flags, objectId, structSize, u32, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommu_hwpt_vtd_s1 } from '../vtd/vtd.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './hwpt-alloc.generated.js';

/** The uses of a new page table. Source: `linux/iommufd.h`. */
export const iommufd_hwpt_alloc_flags = flagSet(
  'iommufd_hwpt_alloc_flags',
  'Uses of a hardware page table.',
  {
    IOMMU_HWPT_ALLOC_NEST_PARENT: [1, 'It can be the second stage under nested page tables.'],
    IOMMU_HWPT_ALLOC_DIRTY_TRACKING: [2, 'Only devices whose IOMMU tracks dirty pages may attach.'],
    IOMMU_HWPT_FAULT_ID_VALID: [4, 'fault_id is the queue for its page faults.'],
    IOMMU_HWPT_ALLOC_PASID: [8, 'It can be attached to a PASID of a device.'],
  },
);

/** The formats of the data of a user-managed page table. Source: `linux/iommufd.h`. */
export const iommu_hwpt_data_type = enumeration(
  'iommu_hwpt_data_type',
  'Formats of the data that describes a user-managed page table.',
  {
    IOMMU_HWPT_DATA_NONE: [0, 'No data: the kernel manages the page table and fills it from an IOAS.'],
    IOMMU_HWPT_DATA_VTD_S1: [1, 'Intel VT-d first stage: iommu_hwpt_vtd_s1.'],
    IOMMU_HWPT_DATA_ARM_SMMUV3: [2, 'Arm SMMUv3 stream table entry: iommu_hwpt_arm_smmuv3.'],
    IOMMU_HWPT_DATA_AMD_GUEST: [3, 'AMD guest device table entry: iommu_hwpt_amd_guest.'],
    IOMMU_HWPT_DATA_SELFTEST: [0xdead, 'The mock driver of the selftests: iommu_hwpt_selftest.'],
  },
);

/** The argument of {@link IOMMU_HWPT_ALLOC}. Source: `linux/iommufd.h`. */
export const iommu_hwpt_alloc = struct(
  'iommu_hwpt_alloc',
  'Allocates a hardware page table (HWPT): one that the kernel fills from an IOAS, or one that the user manages, nested on a parent HWPT or a vIOMMU.',
  {
    size: structSize.in('sizeof(struct iommu_hwpt_alloc) as the caller knows it.'),
    flags: flags(iommufd_hwpt_alloc_flags).in('Uses of the page table.'),
    dev_id: objectId('device').in('The device whose IOMMU is to walk the page table.'),
    pt_id: objectId('ioas', 'hwpt', 'viommu').in(
      'Its base: an IOAS for a kernel-managed page table, a nest parent HWPT or a vIOMMU for a user-managed one.',
    ),
    out_hwpt_id: objectId('hwpt').out('The new page table.'),
    __reserved: reserved(u32),
  },
  {
    added: {
      data_type: enumOf(iommu_hwpt_data_type).in('The format of the data at data_uptr.'),
      data_len: u32.in('Its length in bytes; 0 with IOMMU_HWPT_DATA_NONE.'),
      data_uptr: userPointer({
        length: 'data_len',
        by: 'data_type',
        cases: {
          [iommu_hwpt_data_type.IOMMU_HWPT_DATA_VTD_S1]: iommu_hwpt_vtd_s1,
          [iommu_hwpt_data_type.IOMMU_HWPT_DATA_ARM_SMMUV3]: iommu_hwpt_arm_smmuv3,
          [iommu_hwpt_data_type.IOMMU_HWPT_DATA_AMD_GUEST]: iommu_hwpt_amd_guest,
          [iommu_hwpt_data_type.IOMMU_HWPT_DATA_SELFTEST]: iommu_hwpt_selftest,
        },
      }).in('The data of a user-managed page table; NULL with IOMMU_HWPT_DATA_NONE.'),
      fault_id: objectId('fault').in('The fault queue; ignored without IOMMU_HWPT_FAULT_ID_VALID.'),
      __reserved2: reserved(u32),
    },
    code: code.iommu_hwpt_alloc,
  },
);

/** Allocates a hardware page table. */
export const IOMMU_HWPT_ALLOC = iommufdIoctl(
  'IOMMU_HWPT_ALLOC',
  iommufd_cmd.IOMMUFD_CMD_HWPT_ALLOC,
  iommu_hwpt_alloc,
  'Allocates a hardware page table, kernel-managed or user-managed.',
  {
    EOPNOTSUPP:
      "The device's IOMMU does not support a flag, the combination of flags or the data_type, or __reserved is not zero.",
    EINVAL:
      'pt_id is not the id of an IOAS, a nest parent or a vIOMMU; data_len is set without data_type, or data_type without data_len; or the driver refuses the data.',
    ENOENT: 'dev_id or fault_id is not the id of such an object.',
    EADDRINUSE:
      'The IOAS has a mapping that this IOMMU cannot make: outside of its aperture, or not aligned to its pages.',
    EIO: 'Arm SMMUv3: the stream table entry is not legal, or sets a field that a guest may not set.',
  },
);
