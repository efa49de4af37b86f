/** Kinds of hardware queue. Source: `linux/iommufd.h`. */
export declare const iommu_hw_queue_type: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_HW_QUEUE_TYPE_DEFAULT: readonly [0, "None: not to be used."];
    readonly IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV: readonly [1, "A virtual command queue of NVIDIA's CMDQV. Allocate from index 0 upwards and destroy from the last one downwards; the length is a power of two, and the address a multiple of it."];
    readonly IOMMU_HW_QUEUE_TYPE_SELFTEST: readonly [3735928559, "A queue of the mock driver of the selftests."];
}>;
/** The argument of {@link IOMMU_HW_QUEUE_ALLOC}. Source: `linux/iommufd.h`. */
export declare const iommu_hw_queue_alloc: import("../struct/struct.js").Struct<{
    readonly size: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly viommu_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly type: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly index: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_hw_queue_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly nesting_parent_iova: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Gives a guest a hardware queue. */
export declare const IOMMU_HW_QUEUE_ALLOC: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly viommu_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly type: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly index: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_hw_queue_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly nesting_parent_iova: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
//# sourceMappingURL=hw-queue.d.ts.map