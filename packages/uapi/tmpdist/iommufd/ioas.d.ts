/** The argument of {@link IOMMU_IOAS_ALLOC}. Source: `linux/iommufd.h`. */
export declare const iommu_ioas_alloc: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Allocates an IOAS. */
export declare const IOMMU_IOAS_ALLOC: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>>;
/** An interval of IOVAs, an element of the arrays below. Source: `linux/iommufd.h`. */
export declare const iommu_iova_range: import("../struct/struct.js").Struct<{
    readonly start: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly last: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** The argument of {@link IOMMU_IOAS_IOVA_RANGES}. Source: `linux/iommufd.h`. */
export declare const iommu_ioas_iova_ranges: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly num_iovas: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly allowed_iovas: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly out_iova_alignment: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Asks which IOVAs can be mapped. */
export declare const IOMMU_IOAS_IOVA_RANGES: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly num_iovas: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly allowed_iovas: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly out_iova_alignment: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
/** The argument of {@link IOMMU_IOAS_ALLOW_IOVAS}. Source: `linux/iommufd.h`. */
export declare const iommu_ioas_allow_iovas: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly num_iovas: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly allowed_iovas: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Reserves ranges of IOVAs. */
export declare const IOMMU_IOAS_ALLOW_IOVAS: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly num_iovas: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly allowed_iovas: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
/** The argument of {@link IOMMU_IOAS_CHANGE_PROCESS}. Source: `linux/iommufd.h`. */
export declare const iommu_ioas_change_process: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, Record<never, never>>;
/** Moves the accounting of pinned memory to the caller. */
export declare const IOMMU_IOAS_CHANGE_PROCESS: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, Record<never, never>>>;
//# sourceMappingURL=ioas.d.ts.map