/** `link_state` in the EDID region of a virtual GPU. Source: `linux/vfio.h`. */
export declare const vfio_device_gfx_link_state: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly VFIO_DEVICE_GFX_LINK_STATE_UP: readonly [1, "It is."];
    readonly VFIO_DEVICE_GFX_LINK_STATE_DOWN: readonly [2, "It is not; the EDID may be changed now."];
}>;
/** Asks for what a virtual GPU displays. The number is also `VFIO_IOMMU_UNMAP_DMA`'s. */
export declare const VFIO_DEVICE_QUERY_GFX_PLANE: import("../ioctl.js").Ioctl<undefined>;
/** Opens what a virtual GPU displays: the ioctl returns the new file descriptor. The number is also `VFIO_IOMMU_ENABLE`'s. */
export declare const VFIO_DEVICE_GET_GFX_DMABUF: import("../ioctl.js").Ioctl<import("../struct/integer.js").SmallInteger>;
//# sourceMappingURL=device-gfx.d.ts.map