/** One of the ranges of {@link vfio_device_feature_dma_logging_control}. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_dma_logging_range: import("../struct/struct.js").Struct<{
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Data of VFIO_DEVICE_FEATURE_DMA_LOGGING_START. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_dma_logging_control: import("../struct/struct.js").Struct<{
    readonly page_size: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly num_ranges: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly __reserved: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, true>;
    readonly ranges: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Data of VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_dma_logging_report: import("../struct/struct.js").Struct<{
    readonly iova: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly page_size: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly bitmap: import("../struct/type.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
//# sourceMappingURL=device-dma-logging.d.ts.map