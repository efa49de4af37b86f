/** The argument of {@link IOMMU_VDEVICE_ALLOC}. Source: `linux/iommufd.h`. */
export declare const iommu_vdevice_alloc: import("../struct/struct.js").Struct<{
    readonly size: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly viommu_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dev_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_vdevice_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly virt_id: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Gives a device an id on a virtual IOMMU. */
export declare const IOMMU_VDEVICE_ALLOC: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly viommu_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dev_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_vdevice_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly virt_id: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
//# sourceMappingURL=vdevice.d.ts.map