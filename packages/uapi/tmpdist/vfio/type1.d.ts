/** How memory is mapped. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_dma_map_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DMA_MAP_FLAG_READ: readonly [1, "Devices may read."];
    readonly VFIO_DMA_MAP_FLAG_WRITE: readonly [2, "Devices may write."];
    readonly VFIO_DMA_MAP_FLAG_VADDR: readonly [4, "Map nothing; tell where the memory of an existing mapping is now, after VFIO_DMA_UNMAP_FLAG_VADDR."];
}>;
/** The argument of {@link VFIO_IOMMU_MAP_DMA}. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_dma_map: import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly vaddr: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly iova: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly size: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Maps memory. The number is also `VFIO_DEVICE_PCI_HOT_RESET`'s. */
export declare const VFIO_IOMMU_MAP_DMA: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly vaddr: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly iova: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly size: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
/** A bitmap of dirty pages in the caller's memory. Source: `linux/vfio.h`. */
export declare const vfio_bitmap: import("../struct/struct.js").Struct<{
    readonly pgsize: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly size: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly data: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** What an unmap does. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_dma_unmap_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP: readonly [1, "Report dirty pages of the range first; data holds a vfio_bitmap. Not on an iommufd."];
    readonly VFIO_DMA_UNMAP_FLAG_ALL: readonly [2, "Unmap everything; iova and size are 0."];
    readonly VFIO_DMA_UNMAP_FLAG_VADDR: readonly [4, "Leave it mapped, but forget where the memory is, until VFIO_DMA_MAP_FLAG_VADDR tells. Not on an iommufd."];
}>;
/** The argument of {@link VFIO_IOMMU_UNMAP_DMA}. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_dma_unmap: import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly iova: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly size: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly data: import("../index.js").Field<import("../struct/array.js").RawBytes, false>;
}, Record<never, never>>;
/** Unmaps memory. The number is also `VFIO_DEVICE_QUERY_GFX_PLANE`'s. */
export declare const VFIO_IOMMU_UNMAP_DMA: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly iova: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly size: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly data: import("../index.js").Field<import("../struct/array.js").RawBytes, false>;
}, Record<never, never>>>;
/** What to do about dirty pages. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_dirty_bitmap_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_IOMMU_DIRTY_PAGES_FLAG_START: readonly [1, "Start tracking."];
    readonly VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP: readonly [2, "Stop tracking."];
    readonly VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP: readonly [4, "Report the pages of a range; data holds a vfio_iommu_type1_dirty_bitmap_get."];
}>;
/** The argument of {@link VFIO_IOMMU_DIRTY_PAGES}. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_dirty_bitmap: import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data: import("../index.js").Field<import("../struct/array.js").RawBytes, false>;
}, Record<never, never>>;
/** The data of VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP. Source: `linux/vfio.h`. */
export declare const vfio_iommu_type1_dirty_bitmap_get: import("../struct/struct.js").Struct<{
    readonly iova: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly size: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly bitmap: import("../index.js").Field<import("../struct/struct.js").Struct<{
        readonly pgsize: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
        readonly size: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
        readonly data: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    }, Record<never, never>>, false>;
}, Record<never, never>>;
/** Tracks dirty pages. The number is also `VFIO_DEVICE_FEATURE`'s. */
export declare const VFIO_IOMMU_DIRTY_PAGES: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data: import("../index.js").Field<import("../struct/array.js").RawBytes, false>;
}, Record<never, never>>>;
//# sourceMappingURL=type1.d.ts.map