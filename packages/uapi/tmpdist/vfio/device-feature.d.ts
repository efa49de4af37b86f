import { type AnyType } from '../struct/type.js';
/** The bits of `flags` in {@link vfio_device_feature} that hold the number of the feature. Source: `linux/vfio.h`. */
export declare const VFIO_DEVICE_FEATURE_MASK = 65535;
/** What {@link VFIO_DEVICE_FEATURE} gets and sets. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_index: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DEVICE_FEATURE_PCI_VF_TOKEN: readonly [0, "SET: the secret that users of the VFs of a PF must know, a 16-byte UUID."];
    readonly VFIO_DEVICE_FEATURE_MIGRATION: readonly [1, "GET: how it can be migrated."];
    readonly VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE: readonly [2, "GET, SET: its migration state."];
    readonly VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY: readonly [3, "SET, no data: it may go to a low power state whenever it is idle."];
    readonly VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP: readonly [4, "SET: likewise, once; an eventfd, given as a signed 32-bit number and 4 zero bytes, tells when it wakes up."];
    readonly VFIO_DEVICE_FEATURE_LOW_POWER_EXIT: readonly [5, "SET, no data: it may not do so any more."];
    readonly VFIO_DEVICE_FEATURE_DMA_LOGGING_START: readonly [6, "SET: log which pages it writes to."];
    readonly VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP: readonly [7, "SET, no data: log no more."];
    readonly VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT: readonly [8, "GET: read and clear the log."];
    readonly VFIO_DEVICE_FEATURE_MIG_DATA_SIZE: readonly [9, "GET: how much a migration will have to transfer."];
    readonly VFIO_DEVICE_FEATURE_BUS_MASTER: readonly [10, "SET: whether it may do DMA."];
    readonly VFIO_DEVICE_FEATURE_DMA_BUF: readonly [11, "GET: make a dma-buf of a region."];
    readonly VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2: readonly [12, "SET, no data: the flags that VFIO_MIG_GET_PRECOPY_INFO returns are to mean something."];
    readonly VFIO_DEVICE_FEATURE_ZPCI_ERROR: readonly [13, "GET, s390: take a pending PCI error."];
}>;
/** What to do with a feature, above its number in the low 16 bits. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DEVICE_FEATURE_GET: readonly [65536, "Read it into data."];
    readonly VFIO_DEVICE_FEATURE_SET: readonly [131072, "Set it from data."];
    readonly VFIO_DEVICE_FEATURE_PROBE: readonly [262144, "Do nothing, but fail if the device cannot do it; no data needed."];
}>;
/** The argument of {@link VFIO_DEVICE_FEATURE}. Source: `linux/vfio.h`. */
export declare const vfio_device_feature: import("../struct/struct.js").Struct<{
    readonly argsz: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data: import("../struct/type.js").Field<import("../struct/array.js").RawBytes, false>;
}, Record<never, never>>;
/**
 * The form of `data` in {@link vfio_device_feature}, by the number of the feature; features without data, and those
 * whose data is no struct that is declared here, are not in it.
 */
export declare const vfio_device_feature_data: Readonly<Record<number, AnyType>>;
/** Gets, sets or probes a feature. The number is also `VFIO_IOMMU_DIRTY_PAGES`'. */
export declare const VFIO_DEVICE_FEATURE: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../struct/type.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data: import("../struct/type.js").Field<import("../struct/array.js").RawBytes, false>;
}, Record<never, never>>>;
//# sourceMappingURL=device-feature.d.ts.map