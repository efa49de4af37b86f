/** What can be set. Source: `linux/iommufd.h`. */
export declare const iommufd_option: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_OPTION_RLIMIT_MODE: readonly [0, "Whose limit of locked memory pinned pages count against: 0 the user's, 1 the process's. For the whole context (object_id 0), before anything is allocated, with CAP_SYS_RESOURCE."];
    readonly IOMMU_OPTION_HUGE_PAGES: readonly [1, "Whether an IOAS (object_id) may map contiguous pages as one large one: 1 yes, 0 no."];
}>;
/** What to do with an option. Source: `linux/iommufd.h`. */
export declare const iommufd_option_ops: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_OPTION_OP_SET: readonly [0, "Set it to val64."];
    readonly IOMMU_OPTION_OP_GET: readonly [1, "Return it in val64."];
}>;
/** The argument of {@link IOMMU_OPTION}. Source: `linux/iommufd.h`. */
export declare const iommu_option: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly option_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly op: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly object_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly val64: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Sets or asks for an option. */
export declare const IOMMU_OPTION: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly option_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly op: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly object_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly val64: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
//# sourceMappingURL=option.d.ts.map