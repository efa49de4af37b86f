/** Data of a nested page table on an AMD IOMMU. Source: `linux/iommufd.h`; AMD I/O Virtualization 2.2.2.1. */
export declare const iommu_hwpt_amd_guest: import("../struct/struct.js").Struct<{
    readonly dte: import("../index.js").Field<import("../struct/array.js").ArrayType<bigint, bigint, bigint>, false>;
}, Record<never, never>>;
/** What IOMMU_GET_HW_INFO tells of an AMD IOMMU. Source: `linux/iommufd.h`; AMD I/O Virtualization 3.4. */
export declare const iommu_hw_info_amd: import("../struct/struct.js").Struct<{
    readonly efr: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly efr2: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
//# sourceMappingURL=amd.d.ts.map