/** How a device is bound. Source: `linux/vfio.h`. */
export declare const vfio_device_bind_iommufd_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DEVICE_BIND_FLAG_TOKEN: readonly [1, "token_uuid_ptr counts."];
}>;
/** The argument of {@link VFIO_DEVICE_BIND_IOMMUFD}. Source: `linux/vfio.h`. */
export declare const vfio_device_bind_iommufd: import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly iommufd: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_devid: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly token_uuid_ptr: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}>;
/** Binds a device to an iommufd. */
export declare const VFIO_DEVICE_BIND_IOMMUFD: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly iommufd: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly out_devid: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly token_uuid_ptr: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}>>;
/** What is attached. Source: `linux/vfio.h`. */
export declare const vfio_device_attach_iommufd_pt_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DEVICE_ATTACH_PASID: readonly [1, "A PASID of the device, which pasid tells, rather than the device."];
}>;
/** The argument of {@link VFIO_DEVICE_ATTACH_IOMMUFD_PT}. Source: `linux/vfio.h`. */
export declare const vfio_device_attach_iommufd_pt: import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly pt_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly pasid: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}>;
/** Attaches a device to an address space, or moves it to another one. */
export declare const VFIO_DEVICE_ATTACH_IOMMUFD_PT: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly pt_id: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly pasid: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}>>;
/** What is detached. Source: `linux/vfio.h`. */
export declare const vfio_device_detach_iommufd_pt_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DEVICE_DETACH_PASID: readonly [1, "A PASID of the device, which pasid tells, rather than the device."];
}>;
/** The argument of {@link VFIO_DEVICE_DETACH_IOMMUFD_PT}. Source: `linux/vfio.h`. */
export declare const vfio_device_detach_iommufd_pt: import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly pasid: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}>;
/** Detaches a device from its address space. */
export declare const VFIO_DEVICE_DETACH_IOMMUFD_PT: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, {
    readonly pasid: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}>>;
//# sourceMappingURL=device-cdev.d.ts.map