/** Data of VFIO_DEVICE_FEATURE_ZPCI_ERROR. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_zpci_err: import("../struct/struct.js").Struct<{
    readonly data: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
//# sourceMappingURL=device-zpci.d.ts.map