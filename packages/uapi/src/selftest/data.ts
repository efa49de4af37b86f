import { enumeration, flagSet } from '../struct/enumeration.js';
import { enumOf, flags, u32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import * as code from './data.generated.js';

/** Page table formats of the mock driver. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const mock_pagetable_type = enumeration(
  'mock_pagetable_type',
  'Page table formats of the mock IOMMU.',
  {
    MOCK_IOMMUPT_DEFAULT: [0, 'Pages of 2 KiB.'],
    MOCK_IOMMUPT_HUGE: [1, 'Pages of 2 KiB and of 1 MiB.'],
  },
);

/** Data of a page table of the mock driver. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const iommu_hwpt_selftest = struct(
  'iommu_hwpt_selftest',
  'Describes a page table of the mock driver (IOMMU_HWPT_DATA_SELFTEST).',
  {
    iotlb: u32.as({ kind: 'hex' }).in("Initial value of each slot of a nested page table's mock TLB."),
    pagetable_type: enumOf(mock_pagetable_type).in('Format of a kernel-managed page table.'),
  },
  { code: code.iommu_hwpt_selftest },
);

/** Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const iommu_test_invalidate_flags = flagSet(
  'iommu_test_invalidate_flags',
  'Scope of an invalidation of the mock driver.',
  { IOMMU_TEST_INVALIDATE_FLAG_ALL: [1, 'Every slot, not only the given one.'] },
);

/** One entry of an IOMMU_HWPT_INVALIDATE array for a nested page table of the mock driver. */
export const iommu_hwpt_invalidate_selftest = struct(
  'iommu_hwpt_invalidate_selftest',
  'Clears a slot of the mock TLB (IOMMU_HWPT_INVALIDATE_DATA_SELFTEST).',
  {
    flags: flags(iommu_test_invalidate_flags).in('Scope of the invalidation.'),
    iotlb_id: u32.in('The slot, 0 to MOCK_NESTED_DOMAIN_IOTLB_ID_MAX.'),
  },
  { code: code.iommu_hwpt_invalidate_selftest },
);

/** One entry of an IOMMU_HWPT_INVALIDATE array for a vIOMMU of the mock driver. */
export const iommu_viommu_invalidate_selftest = struct(
  'iommu_viommu_invalidate_selftest',
  "Clears a slot of a device's mock cache (IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST).",
  {
    flags: flags(iommu_test_invalidate_flags).in('Scope of the invalidation.'),
    vdev_id: u32.as({ kind: 'hex' }).in('The virtual id of the device, from its vDEVICE.'),
    cache_id: u32.in('The slot, 0 to MOCK_DEV_CACHE_ID_MAX.'),
  },
  { code: code.iommu_viommu_invalidate_selftest },
);

/** Data of IOMMU_VIOMMU_ALLOC for the mock driver. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const iommu_viommu_selftest = struct(
  'iommu_viommu_selftest',
  'Data of a vIOMMU of the mock driver (IOMMU_VIOMMU_TYPE_SELFTEST): a number to copy back, and the location of its page.',
  {
    in_data: u32.as({ kind: 'hex' }).in('Any number.'),
    out_data: u32.as({ kind: 'hex' }).out('A copy of in_data.'),
    out_mmap_offset: u64.as({ kind: 'hex' }).out('Offset to pass to mmap() on the iommufd.'),
    out_mmap_length: u64.as({ kind: 'hex' }).out('Length of the mapping in bytes.'),
  },
  { code: code.iommu_viommu_selftest },
);

/** An event of a vEVENTQ of type IOMMU_VEVENTQ_TYPE_SELFTEST. */
export const iommu_viommu_event_selftest = struct(
  'iommu_viommu_event_selftest',
  'An event of the mock driver.',
  { virt_id: u32.as({ kind: 'hex' }).out('The virtual id of the device, from its vDEVICE.') },
  { code: code.iommu_viommu_event_selftest },
);

/** Data of IOMMU_GET_HW_INFO for the mock IOMMU. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const iommu_test_hw_info = struct(
  'iommu_test_hw_info',
  'Information about the mock IOMMU (IOMMU_HW_INFO_TYPE_SELFTEST).',
  {
    flags: u32.out('No flags are defined: 0.'),
    test_reg: u32.as({ kind: 'hex' }).out('IOMMU_HW_INFO_SELFTEST_REGVAL.'),
  },
  { code: code.iommu_test_hw_info },
);
