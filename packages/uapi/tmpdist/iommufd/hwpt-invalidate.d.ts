/** The formats of an invalidation array. Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_invalidate_data_type: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_HWPT_INVALIDATE_DATA_VTD_S1: readonly [0, "Intel VT-d first stage: iommu_hwpt_vtd_s1_invalidate."];
    readonly IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3: readonly [1, "Arm SMMUv3 command: iommu_viommu_arm_smmuv3_invalidate."];
    readonly IOMMU_HWPT_INVALIDATE_DATA_SELFTEST: readonly [3735928559, "The mock driver, on an HWPT: iommu_hwpt_invalidate_selftest."];
    readonly IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST: readonly [3735928559, "The mock driver, on a vIOMMU: iommu_viommu_invalidate_selftest."];
    readonly IOMMU_HWPT_INVALIDATE_DATA_SELFTEST_INVALID: readonly [229490415, "No format: what the selftests expect to be refused."];
    readonly IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST_INVALID: readonly [229490415, "No format either."];
}>;
/**
 * The format of the entries, by the kind of object that hwpt_id names and by data_type: the mock driver uses
 * one number for two formats. `decodeArray` and `encodeArray` take them with `entry_len` as the stride.
 */
export declare const invalidationEntries: {
    readonly hwpt: {
        readonly 0: import("../struct/struct.js").Struct<{
            readonly addr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly npages: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
            readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
        }, Record<never, never>>;
        readonly 3735928559: import("../struct/struct.js").Struct<{
            readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly iotlb_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>;
    };
    readonly viommu: {
        readonly 1: import("../struct/struct.js").Struct<{
            readonly cmd: import("../struct/type.js").Field<import("../index.js").ArrayType<bigint, bigint, bigint>, false>;
        }, Record<never, never>>;
        readonly 3735928559: import("../struct/struct.js").Struct<{
            readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly vdev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
            readonly cache_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        }, Record<never, never>>;
    };
};
/** The argument of {@link IOMMU_HWPT_INVALIDATE}. Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_invalidate: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data_uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly data_type: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly entry_len: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly entry_num: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, Record<never, never>>;
/** Drops cached translations and configuration. */
export declare const IOMMU_HWPT_INVALIDATE: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data_uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly data_type: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly entry_len: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly entry_num: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, Record<never, never>>>;
//# sourceMappingURL=hwpt-invalidate.d.ts.map