/** One of the slices of {@link vfio_device_feature_dma_buf}. Source: `linux/vfio.h`. */
export declare const vfio_region_dma_range: import("../struct/struct.js").Struct<{
    readonly offset: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
    readonly length: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** Data of VFIO_DEVICE_FEATURE_DMA_BUF. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_dma_buf: import("../struct/struct.js").Struct<{
    readonly region_index: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly open_flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly nr_ranges: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly dma_ranges: import("../index.js").Field<import("../struct/array.js").FlexibleArray<{
        offset: bigint;
        length: bigint;
    }, {
        readonly offset: bigint;
        readonly length: bigint;
    }, {
        offset: bigint;
        length: bigint;
    }>, false>;
}, Record<never, never>>;
//# sourceMappingURL=device-dma-buf.d.ts.map