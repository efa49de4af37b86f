/** The argument of {@link IOMMU_DESTROY}. Source: `linux/iommufd.h`. */
export declare const iommu_destroy: import("../struct/struct.js").Struct<{
    readonly size: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Destroys any object that user space allocated. */
export declare const IOMMU_DESTROY: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>>;
//# sourceMappingURL=destroy.d.ts.map