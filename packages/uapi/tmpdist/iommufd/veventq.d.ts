/** What a header says besides its sequence number. Source: `linux/iommufd.h`. */
export declare const iommu_veventq_flag: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_VEVENTQ_FLAG_LOST_EVENTS: readonly [1, "Events were lost at the tail of the queue; no data follows this header."];
}>;
/** Stands before every event that is read from a vEVENTQ. Source: `linux/iommufd.h`. */
export declare const iommufd_vevent_header: import("../struct/struct.js").Struct<{
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly sequence: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Which events a queue holds. Source: `linux/iommufd.h`. */
export declare const iommu_veventq_type: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_VEVENTQ_TYPE_DEFAULT: readonly [0, "None: not to be used."];
    readonly IOMMU_VEVENTQ_TYPE_ARM_SMMUV3: readonly [1, "Arm SMMUv3 event records: iommu_vevent_arm_smmuv3."];
    readonly IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV: readonly [2, "Errors of NVIDIA's CMDQV: iommu_vevent_tegra241_cmdqv."];
    readonly IOMMU_VEVENTQ_TYPE_SELFTEST: readonly [3203383023, "The mock driver of the selftests: iommu_viommu_event_selftest."];
}>;
/** The data that follows each header, by the queue's type. */
export declare const veventData: {
    readonly 1: import("../struct/struct.js").Struct<{
        readonly evt: import("../struct/type.js").Field<import("../index.js").ArrayType<bigint, bigint, bigint>, false>;
    }, Record<never, never>>;
    readonly 2: import("../struct/struct.js").Struct<{
        readonly lvcmdq_err_map: import("../struct/type.js").Field<import("../index.js").ArrayType<bigint, bigint, bigint>, false>;
    }, Record<never, never>>;
    readonly 3203383023: import("../struct/struct.js").Struct<{
        readonly virt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    }, Record<never, never>>;
};
/** The argument of {@link IOMMU_VEVENTQ_ALLOC}. Source: `linux/iommufd.h`. */
export declare const iommu_veventq_alloc: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly viommu_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly type: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly veventq_depth: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_veventq_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_veventq_fd: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}>;
/** Allocates a queue of events. */
export declare const IOMMU_VEVENTQ_ALLOC: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly viommu_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly type: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly veventq_depth: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_veventq_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_veventq_fd: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}>>;
//# sourceMappingURL=veventq.d.ts.map