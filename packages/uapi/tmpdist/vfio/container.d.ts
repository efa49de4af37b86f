/** Chooses the IOMMU backend of a container, after its first group was added. */
export declare const VFIO_SET_IOMMU: import("../ioctl.js").Ioctl<undefined>;
/** Turns the IOMMU on, where that is a step of its own. The number is also `VFIO_DEVICE_GET_GFX_DMABUF`'s. */
export declare const VFIO_IOMMU_ENABLE: import("../ioctl.js").Ioctl<undefined>;
/** Turns the IOMMU off again. The number is also `VFIO_DEVICE_IOEVENTFD`'s. */
export declare const VFIO_IOMMU_DISABLE: import("../ioctl.js").Ioctl<undefined>;
//# sourceMappingURL=container.d.ts.map