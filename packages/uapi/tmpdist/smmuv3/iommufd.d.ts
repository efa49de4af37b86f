/** Data of a nested page table on Arm SMMUv3. Source: `linux/iommufd.h`; Arm IHI 0070, 5.2. */
export declare const iommu_hwpt_arm_smmuv3: import("../struct/struct.js").Struct<{
    readonly ste: import("../struct/type.js").Field<import("../struct/array.js").ArrayType<bigint, bigint, bigint>, false>;
}, Record<never, never>>;
/** One entry of an IOMMU_HWPT_INVALIDATE array on Arm SMMUv3. Source: `linux/iommufd.h`; Arm IHI 0070, chapter 4. */
export declare const iommu_viommu_arm_smmuv3_invalidate: import("../struct/struct.js").Struct<{
    readonly cmd: import("../struct/type.js").Field<import("../struct/array.js").ArrayType<bigint, bigint, bigint>, false>;
}, Record<never, never>>;
/** An event of a vEVENTQ of type IOMMU_VEVENTQ_TYPE_ARM_SMMUV3. Source: `linux/iommufd.h`; Arm IHI 0070, 7.3. */
export declare const iommu_vevent_arm_smmuv3: import("../struct/struct.js").Struct<{
    readonly evt: import("../struct/type.js").Field<import("../struct/array.js").ArrayType<bigint, bigint, bigint>, false>;
}, Record<never, never>>;
/** Known errata. Source: `linux/iommufd.h`. */
export declare const iommu_hw_info_arm_smmuv3_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI: readonly [1, "Invalidations of the TLB and of configuration must be issued twice."];
}>;
/** What IOMMU_GET_HW_INFO tells of an Arm SMMUv3. Source: `linux/iommufd.h`; Arm IHI 0070, 6.3.1 to 6.3.8. */
export declare const iommu_hw_info_arm_smmuv3: import("../struct/struct.js").Struct<{
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly idr: import("../struct/type.js").Field<import("../struct/array.js").ArrayType<number, number, number>, false>;
    readonly iidr: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly aidr: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
//# sourceMappingURL=iommufd.d.ts.map