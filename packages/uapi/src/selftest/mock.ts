import { flagSet } from '../struct/enumeration.js';

/** The lowest IOVA that page tables of the mock IOMMU can map. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const MOCK_APERTURE_START = 0x0100_0000;

/** The highest IOVA that page tables of the mock IOMMU can map. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const MOCK_APERTURE_LAST = 0x7fff_ffff;

/**
 * Page size of the mock IOMMU in bytes: half of x86's page size, so that one page of memory takes two entries.
 * Source: `drivers/iommu/iommufd/iommufd_test.h`.
 */
export const MOCK_PAGE_SIZE = 2048;

/** Size in bytes of the large pages of MOCK_IOMMUPT_HUGE. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const MOCK_HUGE_PAGE_SIZE = 512 * MOCK_PAGE_SIZE;

/** Width in bits of the mock device's process address space ids. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const MOCK_PASID_WIDTH = 20;

/** Highest index into the mock TLB of a nested page table. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const MOCK_NESTED_DOMAIN_IOTLB_ID_MAX = 3;

/** Number of slots of the mock TLB of a nested page table. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const MOCK_NESTED_DOMAIN_IOTLB_NUM = 4;

/** Highest index into the mock cache of a device. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const MOCK_DEV_CACHE_ID_MAX = 3;

/** Number of slots of the mock cache of a device. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const MOCK_DEV_CACHE_NUM = 4;

/** Value that the selftests set initially in the slots of a mock TLB. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const IOMMU_TEST_IOTLB_DEFAULT = 0x0bad_beef;

/** Initial value of the slots of a device's mock cache. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const IOMMU_TEST_DEV_CACHE_DEFAULT = 0x00ba_ddad;

/** Value of test_reg in iommu_test_hw_info. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const IOMMU_HW_INFO_SELFTEST_REGVAL = 0xdead_beef;

/** Maximum number of hardware queues of a vIOMMU of the mock driver. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const IOMMU_TEST_HW_QUEUE_MAX = 2;

/**
 * The PASID for which every second attach to the mock driver fails with ENOMEM. It tests that a failed replace restores the
 * previous attachment. Source: `drivers/iommu/iommufd/iommufd_test.h`.
 */
export const IOMMU_TEST_PASID_RESERVED = 1024;

/** Flags of a mock device. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const mock_flags_device = flagSet('mock_flags_device', 'Properties of a mock device.', {
  MOCK_FLAGS_DEVICE_NO_DIRTY: [1, 'Its IOMMU cannot track dirty pages.'],
  MOCK_FLAGS_DEVICE_PASID: [4, 'It supports process address space ids, of MOCK_PASID_WIDTH bits.'],
});

/** Flags of `IOMMU_TEST_OP_CREATE_ACCESS`. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const mock_flags_access_create = flagSet('mock_flags_access_create', 'Capabilities of an access.', {
  MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES: [1, 'It can pin pages, in addition to reads and writes.'],
});

/** Flags of `IOMMU_TEST_OP_ACCESS_PAGES`. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const mock_flags_access = flagSet('mock_flags_access', 'How an access pins pages.', {
  MOCK_FLAGS_ACCESS_WRITE: [1, 'For writing.'],
  MOCK_FLAGS_ACCESS_SYZ: [
    0x10000,
    'iova is not an address: its low 32 bits are the index of a mapping, the high 32 bits an offset into that mapping. For fuzzers.',
  ],
});

/** Flags of `IOMMU_TEST_OP_ACCESS_RW`. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export const mock_access_rw = flagSet('mock_access_rw', 'How an access copies.', {
  MOCK_ACCESS_RW_WRITE: [1, 'From uptr to the IOVA. Without the flag, from the IOVA to uptr.'],
  MOCK_ACCESS_RW_SLOW_PATH: [4, 'Page by page, without the fast path.'],
  MOCK_FLAGS_ACCESS_SYZ: [0x10000, 'As for mock_flags_access.'],
});
