import { iommu_hwpt_invalidate_selftest, iommu_viommu_invalidate_selftest } from '../selftest/data.js';
import { iommu_viommu_arm_smmuv3_invalidate } from '../smmuv3/iommufd.js';
import { enumeration } from '../struct/enumeration.js';
import { enumOf, objectId, structSize, u32, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommu_hwpt_vtd_s1_invalidate } from '../vtd/vtd.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './hwpt-invalidate.generated.js';

/** The formats of an invalidation array. Source: `linux/iommufd.h`. */
export const iommu_hwpt_invalidate_data_type = enumeration(
  'iommu_hwpt_invalidate_data_type',
  'Formats of the entries of an invalidation array.',
  {
    IOMMU_HWPT_INVALIDATE_DATA_VTD_S1: [0, 'Intel VT-d first stage: iommu_hwpt_vtd_s1_invalidate.'],
    IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3: [1, 'Arm SMMUv3 command: iommu_viommu_arm_smmuv3_invalidate.'],
    IOMMU_HWPT_INVALIDATE_DATA_SELFTEST: [
      0xdeadbeef,
      'The mock driver, on an HWPT: iommu_hwpt_invalidate_selftest.',
    ],
    IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST: [
      0xdeadbeef,
      'The mock driver, on a vIOMMU: iommu_viommu_invalidate_selftest.',
    ],
    IOMMU_HWPT_INVALIDATE_DATA_SELFTEST_INVALID: [
      0xdadbeef,
      'Not a format: the selftests expect that it is refused.',
    ],
    IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST_INVALID: [
      0xdadbeef,
      'Not a format: the selftests expect that it is refused.',
    ],
  },
);

/**
 * The formats of the entries, by the kind of object that hwpt_id names and by data_type. The mock driver uses one
 * number for two formats. `decodeArray` and `encodeArray` handle the entries, with `entry_len` as the stride.
 */
export const invalidationEntries = {
  hwpt: {
    [iommu_hwpt_invalidate_data_type.IOMMU_HWPT_INVALIDATE_DATA_VTD_S1]: iommu_hwpt_vtd_s1_invalidate,
    [iommu_hwpt_invalidate_data_type.IOMMU_HWPT_INVALIDATE_DATA_SELFTEST]: iommu_hwpt_invalidate_selftest,
  },
  viommu: {
    [iommu_hwpt_invalidate_data_type.IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3]:
      iommu_viommu_arm_smmuv3_invalidate,
    [iommu_hwpt_invalidate_data_type.IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST]: iommu_viommu_invalidate_selftest,
  },
} as const;

/** The argument of {@link IOMMU_HWPT_INVALIDATE}. Source: `linux/iommufd.h`. */
export const iommu_hwpt_invalidate = struct(
  'iommu_hwpt_invalidate',
  'Invalidates hardware caches of a user-managed page table or of a vIOMMU. The entries are handled in order until one fails. On return, also on failure, entry_num is the number of handled entries.',
  {
    size: structSize.in('sizeof(struct iommu_hwpt_invalidate).'),
    hwpt_id: objectId('hwpt', 'viommu').in('A nested HWPT or a vIOMMU.'),
    data_uptr: userPointer({
      count: 'entry_num',
      stride: 'entry_len',
      by: 'data_type',
      cases: { ...invalidationEntries.viommu, ...invalidationEntries.hwpt },
    }).in('The entries.'),
    data_type: enumOf(iommu_hwpt_invalidate_data_type).in('Their format.'),
    entry_len: u32.in(
      'Distance of the entries in bytes. If it is longer than the format, the rest of each entry must be zero; if it is shorter, the missing bytes are zero.',
    ),
    entry_num: u32.inout(
      'Number of entries; on return, also on failure, the number of entries before the one that failed. Arm SMMUv3 checks and issues commands in batches of 63: of the entries before the failed one, those since the last full batch were not issued.',
    ),
    __reserved: reserved(u32),
  },
  { code: code.iommu_hwpt_invalidate },
);

/** Invalidates cached translations and configuration. */
export const IOMMU_HWPT_INVALIDATE = iommufdIoctl(
  'IOMMU_HWPT_INVALIDATE',
  iommufd_cmd.IOMMUFD_CMD_HWPT_INVALIDATE,
  iommu_hwpt_invalidate,
  'Invalidates hardware caches. On an HWPT with entry_num 0, it checks whether data_type is supported.',
  {
    EINVAL:
      'data_type is invalid for the object, entry_len or entry_num is out of range, or an entry is invalid.',
    EOPNOTSUPP:
      'The object does not support invalidations, a reserved field is not zero, or an entry requests an unsupported operation.',
    EIO: 'Arm SMMUv3: a guest may not issue the command, or no vDEVICE has its virtual StreamID.',
    E2BIG:
      'The struct, or an entry, is longer than the one that the kernel knows, and the part beyond that is not zero.',
    ETIMEDOUT: 'The hardware did not complete the invalidation.',
  },
);
