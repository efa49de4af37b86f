/** Page table formats of the mock driver. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const mock_pagetable_type: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly MOCK_IOMMUPT_DEFAULT: readonly [0, "Pages of 2 KiB."];
    readonly MOCK_IOMMUPT_HUGE: readonly [1, "Pages of 2 KiB and of 1 MiB."];
}>;
/** Data of a page table of the mock driver. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const iommu_hwpt_selftest: import("../struct/struct.js").Struct<{
    readonly iotlb: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly pagetable_type: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const iommu_test_invalidate_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_TEST_INVALIDATE_FLAG_ALL: readonly [1, "Every slot, not just the one that is named."];
}>;
/** One entry of an IOMMU_HWPT_INVALIDATE array for a nested page table of the mock driver. */
export declare const iommu_hwpt_invalidate_selftest: import("../struct/struct.js").Struct<{
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly iotlb_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** One entry of an IOMMU_HWPT_INVALIDATE array for a vIOMMU of the mock driver. */
export declare const iommu_viommu_invalidate_selftest: import("../struct/struct.js").Struct<{
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly vdev_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly cache_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Data of IOMMU_VIOMMU_ALLOC for the mock driver. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const iommu_viommu_selftest: import("../struct/struct.js").Struct<{
    readonly in_data: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_data: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_mmap_offset: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly out_mmap_length: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** An event of a vEVENTQ of type IOMMU_VEVENTQ_TYPE_SELFTEST. */
export declare const iommu_viommu_event_selftest: import("../struct/struct.js").Struct<{
    readonly virt_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** What IOMMU_GET_HW_INFO tells of the mock IOMMU. Source: `drivers/iommu/iommufd/iommufd_test.h`. */
export declare const iommu_test_hw_info: import("../struct/struct.js").Struct<{
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly test_reg: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
//# sourceMappingURL=data.d.ts.map