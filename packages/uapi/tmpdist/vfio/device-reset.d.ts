/** Resets a device. */
export declare const VFIO_DEVICE_RESET: import("../ioctl.js").Ioctl<undefined>;
/** Asks whom a hot reset would hit. The number is also `VFIO_IOMMU_GET_INFO`'s. */
export declare const VFIO_DEVICE_GET_PCI_HOT_RESET_INFO: import("../ioctl.js").Ioctl<undefined>;
/** Resets a slot or bus. The number is also `VFIO_IOMMU_MAP_DMA`'s. */
export declare const VFIO_DEVICE_PCI_HOT_RESET: import("../ioctl.js").Ioctl<undefined>;
//# sourceMappingURL=device-reset.d.ts.map