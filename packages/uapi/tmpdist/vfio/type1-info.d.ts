/** Which fields of the answer count. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_info_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_IOMMU_INFO_PGSIZES: readonly [1, "iova_pgsizes."];
    readonly VFIO_IOMMU_INFO_CAPS: readonly [2, "cap_offset: there are capabilities, though maybe no room for them."];
}>;
/** The capabilities behind {@link vfio_iommu_type1_info}, by the id in their header. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_info_cap: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE: readonly [1, "Which IOVAs can be mapped: vfio_iommu_type1_info_cap_iova_range."];
    readonly VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION: readonly [2, "Dirty pages can be tracked: vfio_iommu_type1_info_cap_migration."];
    readonly VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL: readonly [3, "How many mappings are left: vfio_iommu_type1_info_dma_avail."];
}>;
/** The argument of {@link VFIO_IOMMU_GET_INFO}. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_info: import("../struct/struct.js").Struct<{
    readonly argsz: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly iova_pgsizes: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, {
    readonly cap_offset: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly pad: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}>;
/** A range of IOVAs. Source: `linux/vfio.h`. */
export declare const vfio_iova_range: import("../struct/struct.js").Struct<{
    readonly start: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly end: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** The capability VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_info_cap_iova_range: import("../struct/struct.js").Struct<{
    readonly header: import("../struct/type.js").Field<import("../struct/struct.js").Struct<{
        readonly id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        readonly version: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        readonly next: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    }, Record<never, never>>, false>;
    readonly nr_iovas: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly iova_ranges: import("../struct/type.js").Field<import("../struct/array.js").FlexibleArray<{
        start: bigint;
        end: bigint;
    }, {
        readonly start: bigint;
        readonly end: bigint;
    }, {
        start: bigint;
        end: bigint;
    }>, false>;
}, Record<never, never>>;
/** The capability VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_info_cap_migration: import("../struct/struct.js").Struct<{
    readonly header: import("../struct/type.js").Field<import("../struct/struct.js").Struct<{
        readonly id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        readonly version: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        readonly next: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    }, Record<never, never>>, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly pgsize_bitmap: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly max_dirty_bitmap_size: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** The capability VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_info_dma_avail: import("../struct/struct.js").Struct<{
    readonly header: import("../struct/type.js").Field<import("../struct/struct.js").Struct<{
        readonly id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        readonly version: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
        readonly next: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    }, Record<never, never>>, false>;
    readonly avail: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Describes the IOMMU of a container. The number is also `VFIO_DEVICE_GET_PCI_HOT_RESET_INFO`'s. */
export declare const VFIO_IOMMU_GET_INFO: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly iova_pgsizes: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, {
    readonly cap_offset: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly pad: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}>>;
//# sourceMappingURL=type1-info.d.ts.map