import { iommu_viommu_selftest } from '../selftest/data.js';
import { enumeration } from '../struct/enumeration.js';
import { enumOf, objectId, structSize, u32, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommu_viommu_tegra241_cmdqv } from '../tegra241/tegra241.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './viommu.generated.js';

/** The types of virtual IOMMU. Source: `linux/iommufd.h`. */
export const iommu_viommu_type = enumeration('iommu_viommu_type', 'Types of virtual IOMMU.', {
  IOMMU_VIOMMU_TYPE_DEFAULT: [0, 'Reserved: must not be used.'],
  IOMMU_VIOMMU_TYPE_ARM_SMMUV3: [1, 'Arm SMMUv3.'],
  IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV: [2, "Arm SMMUv3 with NVIDIA's CMDQV: iommu_viommu_tegra241_cmdqv."],
  IOMMU_VIOMMU_TYPE_SELFTEST: [0xdeadbeef, 'The mock driver of the selftests: iommu_viommu_selftest.'],
});

/** The argument of {@link IOMMU_VIOMMU_ALLOC}. Source: `linux/iommufd.h`. */
export const iommu_viommu_alloc = struct(
  'iommu_viommu_alloc',
  'Allocates a virtual IOMMU: a slice of a physical one that belongs to one virtual machine.',
  {
    size: structSize.in('sizeof(struct iommu_viommu_alloc).'),
    flags: u32.in('No flags are defined: 0.'),
    type: enumOf(iommu_viommu_type).in('Its type, which the physical IOMMU must support.'),
    dev_id: objectId('device').in('A device behind the physical IOMMU.'),
    hwpt_id: objectId('hwpt').in('The nest parent that all its nested page tables share.'),
    out_viommu_id: objectId('viommu').out('The new virtual IOMMU.'),
  },
  {
    added: {
      data_len: u32.in('Length of the data in bytes; 0 if the type has none.'),
      __reserved: reserved(u32),
      data_uptr: userPointer({
        length: 'data_len',
        by: 'type',
        cases: {
          [iommu_viommu_type.IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV]: iommu_viommu_tegra241_cmdqv,
          [iommu_viommu_type.IOMMU_VIOMMU_TYPE_SELFTEST]: iommu_viommu_selftest,
        },
      }).in('Data of the type. The kernel may also write to it.'),
    },
    code: code.iommu_viommu_alloc,
  },
);

/** Allocates a virtual IOMMU. */
export const IOMMU_VIOMMU_ALLOC = iommufdIoctl(
  'IOMMU_VIOMMU_ALLOC',
  iommufd_cmd.IOMMUFD_CMD_VIOMMU_ALLOC,
  iommu_viommu_alloc,
  'Allocates a virtual IOMMU on a nest parent.',
  {
    EOPNOTSUPP: 'flags is not 0, or the IOMMU of the device does not support virtual IOMMUs of this type.',
    EINVAL: 'The page table is not a nest parent, or the data is invalid.',
  },
);
