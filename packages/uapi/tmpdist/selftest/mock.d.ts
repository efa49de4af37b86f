/** The lowest IOVA that page tables of the mock IOMMU can map. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const MOCK_APERTURE_START = 16777216;
/** The highest IOVA that page tables of the mock IOMMU can map. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const MOCK_APERTURE_LAST = 2147483647;
/**
 * Page size of the mock IOMMU in bytes: half of what x86 has, so that one page of memory takes two entries.
 * Source: `drivers/iommu/iommufd/iommufd_test.h`.
 */
export declare const MOCK_PAGE_SIZE = 2048;
/** Size in bytes of the large pages that MOCK_IOMMUPT_HUGE has. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const MOCK_HUGE_PAGE_SIZE: number;
/** Bits of the mock device's process address space ids. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const MOCK_PASID_WIDTH = 20;
/** Highest index into the mock TLB of a nested page table. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const MOCK_NESTED_DOMAIN_IOTLB_ID_MAX = 3;
/** Slots in the mock TLB of a nested page table. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const MOCK_NESTED_DOMAIN_IOTLB_NUM = 4;
/** Highest index into the mock cache of a device. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const MOCK_DEV_CACHE_ID_MAX = 3;
/** Slots in the mock cache of a device. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const MOCK_DEV_CACHE_NUM = 4;
/** What the tests put into the slots of a mock TLB at first. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const IOMMU_TEST_IOTLB_DEFAULT = 195935983;
/** What the slots of a device's mock cache hold at first. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const IOMMU_TEST_DEV_CACHE_DEFAULT = 12246445;
/** The number in test_reg of iommu_test_hw_info. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const IOMMU_HW_INFO_SELFTEST_REGVAL = 3735928559;
/** Hardware queues that a vIOMMU of the mock driver can have. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const IOMMU_TEST_HW_QUEUE_MAX = 2;
/**
 * The PASID at which the mock driver fails every second attach with ENOMEM, to test that a replace goes back to
 * what was attached before. Source: `drivers/iommu/iommufd/iommufd_test.h`.
 */
export declare const IOMMU_TEST_PASID_RESERVED = 1024;
/** Flags of a mock device. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const mock_flags_device: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly MOCK_FLAGS_DEVICE_NO_DIRTY: readonly [1, "Its IOMMU cannot track dirty pages."];
    readonly MOCK_FLAGS_DEVICE_PASID: readonly [4, "It has process address space ids, of MOCK_PASID_WIDTH bits."];
}>;
/** Flags of `IOMMU_TEST_OP_CREATE_ACCESS`. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const mock_flags_access_create: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES: readonly [1, "It can pin pages, not only read and write."];
}>;
/** Flags of `IOMMU_TEST_OP_ACCESS_PAGES`. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const mock_flags_access: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly MOCK_FLAGS_ACCESS_WRITE: readonly [1, "For writing."];
    readonly MOCK_FLAGS_ACCESS_SYZ: readonly [65536, "iova is no address: its low 32 bits count mappings, the high ones are an offset into that mapping. For fuzzers."];
}>;
/** Flags of `IOMMU_TEST_OP_ACCESS_RW`. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const mock_access_rw: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly MOCK_ACCESS_RW_WRITE: readonly [1, "From uptr to the IOVA; without it, the other way."];
    readonly MOCK_ACCESS_RW_SLOW_PATH: readonly [4, "Page by page, as if no shortcut were there."];
    readonly MOCK_FLAGS_ACCESS_SYZ: readonly [65536, "As for mock_flags_access."];
}>;
//# sourceMappingURL=mock.d.ts.map