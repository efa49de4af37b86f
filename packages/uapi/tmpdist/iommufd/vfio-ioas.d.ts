/** What to do with the compatibility IOAS. Source: `linux/iommufd.h`. */
export declare const iommufd_vfio_ioas_op: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_VFIO_IOAS_GET: readonly [0, "Return it."];
    readonly IOMMU_VFIO_IOAS_SET: readonly [1, "Set it."];
    readonly IOMMU_VFIO_IOAS_CLEAR: readonly [2, "Have none."];
}>;
/** The argument of {@link IOMMU_VFIO_IOAS}. Source: `linux/iommufd.h`. */
export declare const iommu_vfio_ioas: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly op: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, Record<never, never>>;
/** Sets, returns or clears the compatibility IOAS. */
export declare const IOMMU_VFIO_IOAS: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly op: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, Record<never, never>>>;
//# sourceMappingURL=vfio-ioas.d.ts.map