import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { enumeration } from '../struct/enumeration.js';
import { u32 } from '../struct/integer.js';
import { VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
/** `link_state` in the EDID region of a virtual GPU. Source: `linux/vfio.h`. */
export const vfio_device_gfx_link_state = enumeration('vfio_device_gfx_link_state', 'Whether the virtual monitor is plugged in.', {
    VFIO_DEVICE_GFX_LINK_STATE_UP: [1, 'It is.'],
    VFIO_DEVICE_GFX_LINK_STATE_DOWN: [2, 'It is not; the EDID may be changed now.'],
});
/** Asks for what a virtual GPU displays. The number is also `VFIO_IOMMU_UNMAP_DMA`'s. */
export const VFIO_DEVICE_QUERY_GFX_PLANE = ioctl('VFIO_DEVICE_QUERY_GFX_PLANE', _IO(VFIO_TYPE, VFIO_BASE + 14), ['vfio-device'], undefined, 'Describes what a virtual GPU displays. The argument points at struct vfio_device_gfx_plane_info.', vfioErrors);
/** Opens what a virtual GPU displays: the ioctl returns the new file descriptor. The number is also `VFIO_IOMMU_ENABLE`'s. */
export const VFIO_DEVICE_GET_GFX_DMABUF = ioctl('VFIO_DEVICE_GET_GFX_DMABUF', _IO(VFIO_TYPE, VFIO_BASE + 15), ['vfio-device'], u32, 'Opens the framebuffer of a virtual GPU as a dma-buf and returns its file descriptor. The argument points at the id that VFIO_DEVICE_QUERY_GFX_PLANE gave.', { EFAULT: 'The argument cannot be read.', EINVAL: 'There is no such framebuffer.' });
//# sourceMappingURL=device-gfx.js.map