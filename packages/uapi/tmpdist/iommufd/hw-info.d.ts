/** Whose capabilities these are. Source: `linux/iommufd.h`. */
export declare const iommu_hw_info_type: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_HW_INFO_TYPE_NONE: readonly [0, "On return: the driver tells nothing."];
    readonly IOMMU_HW_INFO_TYPE_DEFAULT: readonly [0, "On input: whatever the driver tells by itself."];
    readonly IOMMU_HW_INFO_TYPE_INTEL_VTD: readonly [1, "Intel VT-d: iommu_hw_info_vtd."];
    readonly IOMMU_HW_INFO_TYPE_ARM_SMMUV3: readonly [2, "Arm SMMUv3: iommu_hw_info_arm_smmuv3."];
    readonly IOMMU_HW_INFO_TYPE_TEGRA241_CMDQV: readonly [3, "NVIDIA Tegra241 CMDQV: iommu_hw_info_tegra241_cmdqv."];
    readonly IOMMU_HW_INFO_TYPE_AMD: readonly [4, "AMD: iommu_hw_info_amd."];
    readonly IOMMU_HW_INFO_TYPE_SELFTEST: readonly [4276993775, "The mock driver of the selftests: iommu_test_hw_info."];
}>;
/** Source: `linux/iommufd.h`. */
export declare const iommufd_hw_info_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_HW_INFO_FLAG_INPUT_TYPE: readonly [1, "in_data_type says which information is wanted."];
}>;
/** What the IOMMU behind a device can do, whatever its make. Source: `linux/iommufd.h`. */
export declare const iommufd_hw_capabilities: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly IOMMU_HW_CAP_DIRTY_TRACKING: readonly [1, "It tracks dirty pages."];
    readonly IOMMU_HW_CAP_PCI_PASID_EXEC: readonly [2, "The device's PASIDs support execute requests."];
    readonly IOMMU_HW_CAP_PCI_PASID_PRIV: readonly [4, "The device's PASIDs support privileged requests."];
    readonly IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED: readonly [8, "ATS cannot be used with this device."];
}>;
/** The argument of {@link IOMMU_GET_HW_INFO}. Source: `linux/iommufd.h`. */
export declare const iommu_hw_info: import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data_len: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data_uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly '': import("../struct/type.js").Field<import("../struct/union.js").Union<{
        readonly in_data_type: import("../struct/integer.js").SmallInteger;
        readonly out_data_type: import("../struct/integer.js").SmallInteger;
    }>, false>;
    readonly out_max_pasid_log2: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/array.js").ArrayType<number, number, number>, true>;
}, {
    readonly out_capabilities: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}>;
/** Asks what the IOMMU behind a device is. */
export declare const IOMMU_GET_HW_INFO: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly size: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dev_id: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data_len: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data_uptr: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly '': import("../struct/type.js").Field<import("../struct/union.js").Union<{
        readonly in_data_type: import("../struct/integer.js").SmallInteger;
        readonly out_data_type: import("../struct/integer.js").SmallInteger;
    }>, false>;
    readonly out_max_pasid_log2: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/array.js").ArrayType<number, number, number>, true>;
}, {
    readonly out_capabilities: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}>>;
//# sourceMappingURL=hw-info.d.ts.map