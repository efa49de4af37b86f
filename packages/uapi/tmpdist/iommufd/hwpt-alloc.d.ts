/** What a new page table is to be capable of. Source: `linux/iommufd.h`. */
export declare const iommufd_hwpt_alloc_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_HWPT_ALLOC_NEST_PARENT: readonly [1, "It can be the second stage under nested page tables."];
    readonly IOMMU_HWPT_ALLOC_DIRTY_TRACKING: readonly [2, "Only devices whose IOMMU tracks dirty pages may attach."];
    readonly IOMMU_HWPT_FAULT_ID_VALID: readonly [4, "fault_id names the queue that its page faults go to."];
    readonly IOMMU_HWPT_ALLOC_PASID: readonly [8, "It can be attached to a PASID of a device."];
}>;
/** Which hardware's format the data of a user-managed page table has. Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_data_type: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_HWPT_DATA_NONE: readonly [0, "No data: the kernel manages the page table, from an IOAS."];
    readonly IOMMU_HWPT_DATA_VTD_S1: readonly [1, "Intel VT-d first stage: iommu_hwpt_vtd_s1."];
    readonly IOMMU_HWPT_DATA_ARM_SMMUV3: readonly [2, "Arm SMMUv3 stream table entry: iommu_hwpt_arm_smmuv3."];
    readonly IOMMU_HWPT_DATA_AMD_GUEST: readonly [3, "AMD guest device table entry: iommu_hwpt_amd_guest."];
    readonly IOMMU_HWPT_DATA_SELFTEST: readonly [57005, "The mock driver of the selftests: iommu_hwpt_selftest."];
}>;
/** The argument of {@link IOMMU_HWPT_ALLOC}. Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_alloc: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly pt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, {
    readonly data_type: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data_len: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data_uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly fault_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved2: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}>;
/** Allocates a hardware page table. */
export declare const IOMMU_HWPT_ALLOC: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly pt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_hwpt_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, {
    readonly data_type: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data_len: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data_uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly fault_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved2: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}>>;
//# sourceMappingURL=hwpt-alloc.d.ts.map