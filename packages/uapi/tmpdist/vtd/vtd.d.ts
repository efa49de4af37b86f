/** Attributes of a first-stage page table. Source: `linux/iommufd.h`; VT-d specification 9.6, PASID table entry. */
export declare const iommu_hwpt_vtd_s1_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_VTD_S1_SRE: readonly [1, "Supervisor requests are allowed."];
    readonly IOMMU_VTD_S1_EAFE: readonly [2, "The extended-accessed bit is used."];
    readonly IOMMU_VTD_S1_WPE: readonly [4, "Supervisor writes respect write protection."];
}>;
/** Data of a nested page table on Intel VT-d. Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_vtd_s1: import("../struct/struct.js").Struct<{
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly pgtbl_addr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly addr_width: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, Record<never, never>>;
/** How much an invalidation drops. Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_vtd_s1_invalidate_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_VTD_INV_FLAGS_LEAF: readonly [1, "Only cached leaf entries; the caches of upper levels stay."];
}>;
/** One entry of an IOMMU_HWPT_INVALIDATE array on Intel VT-d. Source: `linux/iommufd.h`. */
export declare const iommu_hwpt_vtd_s1_invalidate: import("../struct/struct.js").Struct<{
    readonly addr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly npages: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}, Record<never, never>>;
/** Known errata. Source: `linux/iommufd.h`. */
export declare const iommu_hw_info_vtd_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17: readonly [1, "Sapphire Rapids erratum 772415: a nest parent must not map anything read-only."];
}>;
/** What IOMMU_GET_HW_INFO tells of Intel VT-d. Source: `linux/iommufd.h`; VT-d specification 11.4.2, 11.4.3. */
export declare const iommu_hw_info_vtd: import("../struct/struct.js").Struct<{
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly cap_reg: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly ecap_reg: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
//# sourceMappingURL=vtd.d.ts.map