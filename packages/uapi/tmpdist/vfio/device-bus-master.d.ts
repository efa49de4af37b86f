/** Whether a device may do DMA. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_bus_master_op: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DEVICE_FEATURE_CLEAR_MASTER: readonly [0, "It may not."];
    readonly VFIO_DEVICE_FEATURE_SET_MASTER: readonly [1, "It may."];
}>;
/** Data of VFIO_DEVICE_FEATURE_BUS_MASTER. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_bus_master: import("../struct/struct.js").Struct<{
    readonly op: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
//# sourceMappingURL=device-bus-master.d.ts.map