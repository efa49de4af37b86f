/** What IOMMU_GET_HW_INFO tells of Tegra241's CMDQV. Source: `linux/iommufd.h`. */
export declare const iommu_hw_info_tegra241_cmdqv: import("../struct/struct.js").Struct<{
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly version: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly log2vcmdqs: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly log2vsids: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, Record<never, never>>;
/** Data of IOMMU_VIOMMU_ALLOC for Tegra241's CMDQV. Source: `linux/iommufd.h`. */
export declare const iommu_viommu_tegra241_cmdqv: import("../struct/struct.js").Struct<{
    readonly out_vintf_mmap_offset: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly out_vintf_mmap_length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** An event of a vEVENTQ of type IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV. Source: `linux/iommufd.h`. */
export declare const iommu_vevent_tegra241_cmdqv: import("../struct/struct.js").Struct<{
    readonly lvcmdq_err_map: import("../struct/type.js").Field<import("../struct/array.js").ArrayType<bigint, bigint, bigint>, false>;
}, Record<never, never>>;
//# sourceMappingURL=tegra241.d.ts.map