/** Source: `linux/iommufd.h`. */
export declare const iommufd_hwpt_set_dirty_tracking_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_HWPT_DIRTY_TRACKING_ENABLE: readonly [1, "On; without it, off."];
}>;
/** The argument of {@link IOMMU_HWPT_SET_DIRTY_TRACKING}. Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_set_dirty_tracking: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, Record<never, never>>;
/** Turns dirty tracking on or off. */
export declare const IOMMU_HWPT_SET_DIRTY_TRACKING: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, Record<never, never>>>;
/** Source: `linux/iommufd.h`. */
export declare const iommufd_hwpt_get_dirty_bitmap_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR: readonly [1, "Leave them dirty, for a range that is about to be unmapped: spares flushing the TLB."];
}>;
/** The argument of {@link IOMMU_HWPT_GET_DIRTY_BITMAP}. Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_get_dirty_bitmap: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly page_size: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly data: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Reads dirty pages. */
export declare const IOMMU_HWPT_GET_DIRTY_BITMAP: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly page_size: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly data: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
//# sourceMappingURL=hwpt-dirty.d.ts.map