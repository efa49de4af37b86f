/** What kind of device it is, and what it can do. Source: `linux/vfio.h`. */
export declare const vfio_device_info_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DEVICE_FLAGS_RESET: readonly [1, "VFIO_DEVICE_RESET works."];
    readonly VFIO_DEVICE_FLAGS_PCI: readonly [2, "A PCI device."];
    readonly VFIO_DEVICE_FLAGS_PLATFORM: readonly [4, "A platform device."];
    readonly VFIO_DEVICE_FLAGS_AMBA: readonly [8, "An Arm AMBA device."];
    readonly VFIO_DEVICE_FLAGS_CCW: readonly [16, "An s390 channel I/O device."];
    readonly VFIO_DEVICE_FLAGS_AP: readonly [32, "An s390 crypto adapter."];
    readonly VFIO_DEVICE_FLAGS_FSL_MC: readonly [64, "A device on the NXP management complex bus."];
    readonly VFIO_DEVICE_FLAGS_CAPS: readonly [128, "cap_offset counts: there are capabilities, though maybe no room for them."];
    readonly VFIO_DEVICE_FLAGS_CDX: readonly [256, "A device on the AMD CDX bus."];
}>;
/**
 * What the `device_api` file of a mediated device's type in sysfs says, by the names of the C macros. They are
 * string literals in C, which is why a list of numeric constants cannot hold them. Source: `linux/vfio.h`.
 */
export declare const vfio_device_api: Readonly<{
    VFIO_DEVICE_API_PCI_STRING: "vfio-pci";
    VFIO_DEVICE_API_PLATFORM_STRING: "vfio-platform";
    VFIO_DEVICE_API_AMBA_STRING: "vfio-amba";
    VFIO_DEVICE_API_CCW_STRING: "vfio-ccw";
    VFIO_DEVICE_API_AP_STRING: "vfio-ap";
}>;
/** The capabilities behind {@link vfio_device_info}, by the id in their header. Source: `linux/vfio.h`. */
export declare const vfio_device_info_cap: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DEVICE_INFO_CAP_ZPCI_BASE: readonly [1, "s390: the PCI function as the machine sees it."];
    readonly VFIO_DEVICE_INFO_CAP_ZPCI_GROUP: readonly [2, "s390: what the functions of its group have in common."];
    readonly VFIO_DEVICE_INFO_CAP_ZPCI_UTIL: readonly [3, "s390: a string that describes the function."];
    readonly VFIO_DEVICE_INFO_CAP_ZPCI_PFIP: readonly [4, "s390: the path to the function inside its card."];
    readonly VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP: readonly [5, "Which widths of PCIe AtomicOps reach memory."];
}>;
/** The argument of {@link VFIO_DEVICE_GET_INFO}. Source: `linux/vfio.h`. */
export declare const vfio_device_info: import("../struct/struct.js").Struct<{
    readonly argsz: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly num_regions: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly num_irqs: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly cap_offset: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly pad: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}>;
/** Describes a device. */
export declare const VFIO_DEVICE_GET_INFO: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly num_regions: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly num_irqs: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly cap_offset: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly pad: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
}>>;
//# sourceMappingURL=device-info.d.ts.map