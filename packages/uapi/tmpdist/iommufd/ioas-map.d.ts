/** How memory is mapped. Source: `linux/iommufd.h`. */
export declare const iommufd_ioas_map_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_IOAS_MAP_FIXED_IOVA: readonly [1, "Map at the given IOVA; without it the kernel chooses one."];
    readonly IOMMU_IOAS_MAP_WRITEABLE: readonly [2, "Devices may write."];
    readonly IOMMU_IOAS_MAP_READABLE: readonly [4, "Devices may read."];
}>;
/** The argument of {@link IOMMU_IOAS_MAP}. Source: `linux/iommufd.h`. */
export declare const iommu_ioas_map: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly user_va: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Maps user memory. */
export declare const IOMMU_IOAS_MAP: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly user_va: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
/** The argument of {@link IOMMU_IOAS_MAP_FILE}. Source: `linux/iommufd.h`. */
export declare const iommu_ioas_map_file: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly fd: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly start: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Maps memory of a file. */
export declare const IOMMU_IOAS_MAP_FILE: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly fd: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly start: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
/** The argument of {@link IOMMU_IOAS_COPY}. Source: `linux/iommufd.h`. */
export declare const iommu_ioas_copy: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dst_ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly src_ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly dst_iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly src_iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Copies a mapping. */
export declare const IOMMU_IOAS_COPY: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dst_ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly src_ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly dst_iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly src_iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
/** The argument of {@link IOMMU_IOAS_UNMAP}. Source: `linux/iommufd.h`. */
export declare const iommu_ioas_unmap: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Unmaps memory. */
export declare const IOMMU_IOAS_UNMAP: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
/** The argument of {@link IOMMU_IOAS_NOIOMMU_GET_PA}. Source: `linux/iommufd.h`. */
export declare const iommu_ioas_noiommu_get_pa: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly out_phys: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Asks for a physical address. */
export declare const IOMMU_IOAS_NOIOMMU_GET_PA: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly ioas_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly out_phys: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
//# sourceMappingURL=ioas-map.d.ts.map