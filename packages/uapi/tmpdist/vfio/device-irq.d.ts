/** What can be done with the interrupts of an index. Source: `linux/vfio.h`. */
export declare const vfio_irq_info_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_IRQ_INFO_EVENTFD: readonly [1, "They can signal an eventfd."];
    readonly VFIO_IRQ_INFO_MASKABLE: readonly [2, "They can be masked and unmasked."];
    readonly VFIO_IRQ_INFO_AUTOMASKED: readonly [4, "Each is masked when it fires, until it is unmasked: level-triggered lines."];
    readonly VFIO_IRQ_INFO_NORESIZE: readonly [8, "They are set up together: to add one, disable the whole index first."];
}>;
/** The argument of {@link VFIO_DEVICE_GET_IRQ_INFO}. Source: `linux/vfio.h`. */
export declare const vfio_irq_info: import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly index: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly count: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>;
/** Describes the interrupts of an index. */
export declare const VFIO_DEVICE_GET_IRQ_INFO: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly index: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly count: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
}, Record<never, never>>>;
/** What to do with interrupts. Source: `linux/vfio.h`. */
export declare const vfio_irq_set_flags: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_IRQ_SET_DATA_NONE: readonly [1, "No data: the action is done to all of them, now."];
    readonly VFIO_IRQ_SET_DATA_BOOL: readonly [2, "A byte for each: the action is done, now, to those with 1."];
    readonly VFIO_IRQ_SET_DATA_EVENTFD: readonly [4, "A file descriptor for each: an eventfd to tie to the action, or -1."];
    readonly VFIO_IRQ_SET_ACTION_MASK: readonly [8, "Mask."];
    readonly VFIO_IRQ_SET_ACTION_UNMASK: readonly [16, "Unmask."];
    readonly VFIO_IRQ_SET_ACTION_TRIGGER: readonly [32, "Fire; with eventfds, have the device signal them."];
}>;
/** The argument of {@link VFIO_DEVICE_SET_IRQS}. Source: `linux/vfio.h`. */
export declare const vfio_irq_set: import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly index: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly start: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly count: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data: import("../index.js").Field<import("../struct/array.js").RawBytes, false>;
}, Record<never, never>>;
/** Sets up interrupts. */
export declare const VFIO_DEVICE_SET_IRQS: import("../ioctl.js").Ioctl<import("../struct/struct.js").Struct<{
    readonly argsz: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly flags: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly index: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly start: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly count: import("../index.js").Field<import("../struct/integer.js").SmallInteger, false>;
    readonly data: import("../index.js").Field<import("../struct/array.js").RawBytes, false>;
}, Record<never, never>>>;
/** The flags of {@link VFIO_DEVICE_IOEVENTFD} that give the width of the write: 1, 2, 4 or 8 bytes. Source: `linux/vfio.h`. */
export declare const VFIO_DEVICE_IOEVENTFD_SIZE_MASK = 15;
/** Ties an eventfd to a write. The number is also `VFIO_IOMMU_DISABLE`'s. */
export declare const VFIO_DEVICE_IOEVENTFD: import("../ioctl.js").Ioctl<undefined>;
//# sourceMappingURL=device-irq.d.ts.map