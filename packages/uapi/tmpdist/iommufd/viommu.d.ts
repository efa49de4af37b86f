/** Makes of virtual IOMMU. Source: `linux/iommufd.h`. */
export declare const iommu_viommu_type: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_VIOMMU_TYPE_DEFAULT: readonly [0, "None: not to be used."];
    readonly IOMMU_VIOMMU_TYPE_ARM_SMMUV3: readonly [1, "Arm SMMUv3."];
    readonly IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV: readonly [2, "Arm SMMUv3 with NVIDIA's CMDQV: iommu_viommu_tegra241_cmdqv."];
    readonly IOMMU_VIOMMU_TYPE_SELFTEST: readonly [3735928559, "The mock driver of the selftests: iommu_viommu_selftest."];
}>;
/** The argument of {@link IOMMU_VIOMMU_ALLOC}. Source: `linux/iommufd.h`. */
export declare const iommu_viommu_alloc: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly type: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_viommu_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly data_len: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly data_uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}>;
/** Allocates a virtual IOMMU. */
export declare const IOMMU_VIOMMU_ALLOC: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly type: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_viommu_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly data_len: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly data_uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}>>;
//# sourceMappingURL=viommu.d.ts.map