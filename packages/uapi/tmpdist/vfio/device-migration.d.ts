/** What a device can do about migration. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_migration_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_MIGRATION_STOP_COPY: readonly [1, "STOP, STOP_COPY and RESUMING; always there."];
    readonly VFIO_MIGRATION_P2P: readonly [2, "RUNNING_P2P; with VFIO_MIGRATION_PRE_COPY also PRE_COPY_P2P."];
    readonly VFIO_MIGRATION_PRE_COPY: readonly [4, "PRE_COPY."];
}>;
/** Data of VFIO_DEVICE_FEATURE_MIGRATION. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_migration: import("../struct/struct.js").Struct<{
    readonly flags: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
/** The states of a device that is being migrated. Source: `linux/vfio.h`. */
export declare const vfio_device_mig_state: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DEVICE_STATE_ERROR: readonly [0, "Failed; only VFIO_DEVICE_RESET leads out. Cannot be set."];
    readonly VFIO_DEVICE_STATE_STOP: readonly [1, "Does nothing: no DMA, no interrupts, no change of its own state."];
    readonly VFIO_DEVICE_STATE_RUNNING: readonly [2, "Works."];
    readonly VFIO_DEVICE_STATE_STOP_COPY: readonly [3, "Stopped, and its state can be read from data_fd."];
    readonly VFIO_DEVICE_STATE_RESUMING: readonly [4, "Stopped, and takes in a state that is written to data_fd."];
    readonly VFIO_DEVICE_STATE_RUNNING_P2P: readonly [5, "Works, but starts no DMA to other devices."];
    readonly VFIO_DEVICE_STATE_PRE_COPY: readonly [6, "Works, and its state so far can be read from data_fd."];
    readonly VFIO_DEVICE_STATE_PRE_COPY_P2P: readonly [7, "Like PRE_COPY, but starts no DMA to other devices."];
}>;
/** How many states {@link vfio_device_mig_state} has. Source: `linux/vfio.h`. */
export declare const VFIO_DEVICE_STATE_NR = 8;
/** The bits of `device_state` that count in the first, obsolete form of the migration protocol. Source: `linux/vfio.h`. */
export declare const VFIO_DEVICE_STATE_MASK = 7;
/** Data of VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_mig_state: import("../struct/struct.js").Struct<{
    readonly device_state: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data_fd: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Data of VFIO_DEVICE_FEATURE_MIG_DATA_SIZE. Source: `linux/vfio.h`. */
export declare const vfio_device_feature_mig_data_size: import("../struct/struct.js").Struct<{
    readonly stop_copy_length: import("../index.js").Field<import("../struct/integer.js").BigInteger, false>;
}, Record<never, never>>;
//# sourceMappingURL=device-migration.d.ts.map