import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { enumeration, flagSet } from '../struct/enumeration.js';
import { enumOf, flags, u32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { union } from '../struct/union.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './device-gfx.generated.js';

/** `link_state` in the EDID region of a virtual GPU. Source: `linux/vfio.h`. */
export const vfio_device_gfx_link_state = enumeration(
  'vfio_device_gfx_link_state',
  'Whether the virtual monitor is plugged in.',
  {
    VFIO_DEVICE_GFX_LINK_STATE_UP: [1, 'Plugged in.'],
    VFIO_DEVICE_GFX_LINK_STATE_DOWN: [2, 'Unplugged. The EDID may be changed now.'],
  },
);

/** The header of a region of VFIO_REGION_SUBTYPE_GFX_EDID. Source: `linux/vfio.h`. */
export const vfio_region_gfx_edid = struct(
  'vfio_region_gfx_edid',
  "A virtual GPU's monitor. To change the EDID: link down, write EDID and size, link up.",
  {
    edid_offset: u32.out('Offset of the EDID in the region, in bytes.'),
    edid_max_size: u32.out('Maximum length of the EDID, in bytes.'),
    edid_size: u32.inout('Length of the EDID, in bytes.'),
    max_xres: u32.out('Maximum width of the display in pixels; 0 without a limit.'),
    max_yres: u32.out('Maximum height of the display in pixels; 0 without a limit.'),
    link_state: enumOf(vfio_device_gfx_link_state).inout('Whether the monitor is plugged in.'),
  },
  { code: code.vfio_region_gfx_edid },
);

/** The types of a plane in {@link VFIO_DEVICE_QUERY_GFX_PLANE}. Source: `linux/vfio.h`. */
export const vfio_gfx_plane_type = flagSet(
  'vfio_gfx_plane_type',
  'How a plane is exposed: DMABUF or REGION, or one of them with PROBE.',
  {
    VFIO_GFX_PLANE_TYPE_PROBE: [1, 'Only check that the device supports it.'],
    VFIO_GFX_PLANE_TYPE_DMABUF: [2, 'As a dma-buf: dmabuf_id.'],
    VFIO_GFX_PLANE_TYPE_REGION: [4, 'In a region: region_index.'],
  },
);

/** The argument of {@link VFIO_DEVICE_QUERY_GFX_PLANE}. Source: `linux/vfio.h`. */
export const vfio_device_gfx_plane_info = struct(
  'vfio_device_gfx_plane_info',
  'Describes what a virtual GPU displays. Format and sizes are 0 while the guest has the plane off.',
  {
    argsz: argsz.in('Bytes allocated; at least 60.'),
    flags: flags(vfio_gfx_plane_type).in('How the plane is exposed.'),
    drm_plane_type: u32.in('Which plane: DRM_PLANE_TYPE_OVERLAY 0, _PRIMARY 1 or _CURSOR 2.'),
    drm_format: u32.as({ kind: 'hex' }).out('Format of the pixels, a DRM_FORMAT.'),
    drm_format_mod: u64.as({ kind: 'hex' }).out('Tiling, a DRM_FORMAT_MOD.'),
    width: u32.out('Width in pixels.'),
    height: u32.out('Height in pixels.'),
    stride: u32.out('Distance of two lines in bytes.'),
    size: u32.out('Length in bytes, whole pages.'),
    x_pos: u32.out('Position of a cursor, from the left.'),
    y_pos: u32.out('Position of a cursor, from the top.'),
    x_hot: u32.as({ kind: 'hex' }).out('The hot spot of a cursor, from its left; 2^32-1 if unknown.'),
    y_hot: u32.as({ kind: 'hex' }).out('The hot spot of a cursor, from its top; 2^32-1 if unknown.'),
    '': union({ region_index: u32, dmabuf_id: u32 }).out(
      'With REGION, the index of the region; with DMABUF, the id for VFIO_DEVICE_GET_GFX_DMABUF.',
    ),
    reserved: reserved(u32),
  },
  { code: code.vfio_device_gfx_plane_info },
);

/** Describes what a virtual GPU displays. `VFIO_IOMMU_UNMAP_DMA` has the same number. */
export const VFIO_DEVICE_QUERY_GFX_PLANE = ioctl(
  'VFIO_DEVICE_QUERY_GFX_PLANE',
  _IO(VFIO_TYPE, VFIO_BASE + 14),
  ['vfio-device'],
  vfio_device_gfx_plane_info,
  'Describes what a virtual GPU displays.',
  vfioErrors,
);

/**
 * Opens the framebuffer of a virtual GPU: the ioctl returns the new file descriptor. `VFIO_IOMMU_ENABLE` has the same
 * number.
 */
export const VFIO_DEVICE_GET_GFX_DMABUF = ioctl(
  'VFIO_DEVICE_GET_GFX_DMABUF',
  _IO(VFIO_TYPE, VFIO_BASE + 15),
  ['vfio-device'],
  u32,
  'Opens the framebuffer of a virtual GPU as a dma-buf and returns its file descriptor. The argument points at the id that VFIO_DEVICE_QUERY_GFX_PLANE returned.',
  { EFAULT: 'The argument cannot be read.', EINVAL: 'No framebuffer has this id.' },
);
