/** How a region can be accessed. Source: `linux/vfio.h`. */
export declare const vfio_region_info_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_REGION_INFO_FLAG_READ: readonly [1, "With read()."];
    readonly VFIO_REGION_INFO_FLAG_WRITE: readonly [2, "With write()."];
    readonly VFIO_REGION_INFO_FLAG_MMAP: readonly [4, "With mmap()."];
    readonly VFIO_REGION_INFO_FLAG_CAPS: readonly [8, "cap_offset counts: there are capabilities, though maybe no room for them."];
}>;
/** The argument of {@link VFIO_DEVICE_GET_REGION_INFO}. Source: `linux/vfio.h`. */
export declare const vfio_region_info: import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly index: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly cap_offset: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly size: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly offset: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Describes a region of a device. */
export declare const VFIO_DEVICE_GET_REGION_INFO: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly index: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly cap_offset: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly size: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly offset: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>>;
//# sourceMappingURL=device-region.d.ts.map