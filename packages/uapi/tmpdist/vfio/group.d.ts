/** The state of a group. Source: `linux/vfio.h`. */
export declare const vfio_group_status_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_GROUP_FLAGS_VIABLE: readonly [1, "Every device of the group is bound to VFIO or to no driver that does DMA."];
    readonly VFIO_GROUP_FLAGS_CONTAINER_SET: readonly [2, "The group belongs to a container."];
}>;
/** The argument of {@link VFIO_GROUP_GET_STATUS}. Source: `linux/vfio.h`. */
export declare const vfio_group_status: import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Asks for the state of a group. */
export declare const VFIO_GROUP_GET_STATUS: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>>;
/** Puts a group into a container. */
export declare const VFIO_GROUP_SET_CONTAINER: import("../ioctl.js").Ioctl<import("../struct/integer.js").SmallInteger>;
/** Takes a group out of its container. */
export declare const VFIO_GROUP_UNSET_CONTAINER: import("../ioctl.js").Ioctl<undefined>;
/** Opens a device of a group: the ioctl returns the new file descriptor. */
export declare const VFIO_GROUP_GET_DEVICE_FD: import("../ioctl.js").Ioctl<undefined>;
//# sourceMappingURL=group.d.ts.map