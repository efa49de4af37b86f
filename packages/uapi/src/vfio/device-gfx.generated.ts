// Written by `pnpm compile` from device-gfx.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Describes what a virtual GPU displays. Format and sizes are 0 while the guest has the plane off. */
export interface VfioDeviceGfxPlaneInfo {
  /** Bytes allocated; at least 60. */
  argsz: number;
  /** How the plane is exposed. Flags of vfio_gfx_plane_type. */
  flags: number;
  /** Which plane: DRM_PLANE_TYPE_OVERLAY 0, _PRIMARY 1 or _CURSOR 2. */
  drm_plane_type: number;
  /** (out) Format of the pixels, a DRM_FORMAT. */
  drm_format: number;
  /** (out) Tiling, a DRM_FORMAT_MOD. */
  drm_format_mod: bigint;
  /** (out) Width in pixels. */
  width: number;
  /** (out) Height in pixels. */
  height: number;
  /** (out) Distance of two lines in bytes. */
  stride: number;
  /** (out) Length in bytes, whole pages. */
  size: number;
  /** (out) Position of a cursor, from the left. */
  x_pos: number;
  /** (out) Position of a cursor, from the top. */
  y_pos: number;
  /** (out) The hot spot of a cursor, from its left; 2^32-1 if unknown. */
  x_hot: number;
  /** (out) The hot spot of a cursor, from its top; 2^32-1 if unknown. */
  y_hot: number;
  /** (out) With REGION, the index of the region; with DMABUF, the id for VFIO_DEVICE_GET_GFX_DMABUF. */
  region_index: number;
  /** (out) With REGION, the index of the region; with DMABUF, the id for VFIO_DEVICE_GET_GFX_DMABUF. */
  dmabuf_id: number;
  /** Must be zero. */
  reserved: number;
}

export const vfio_device_gfx_plane_info: Named<VfioDeviceGfxPlaneInfo> = undefined;

/** A virtual GPU's monitor. To change the EDID: link down, write EDID and size, link up. */
export interface VfioRegionGfxEdid {
  /** (out) Offset of the EDID in the region, in bytes. */
  edid_offset: number;
  /** (out) Maximum length of the EDID, in bytes. */
  edid_max_size: number;
  /** (inout) Length of the EDID, in bytes. */
  edid_size: number;
  /** (out) Maximum width of the display in pixels; 0 without a limit. */
  max_xres: number;
  /** (out) Maximum height of the display in pixels; 0 without a limit. */
  max_yres: number;
  /** (inout) Whether the monitor is plugged in. One of vfio_device_gfx_link_state. */
  link_state: number;
}

export const vfio_region_gfx_edid: Named<VfioRegionGfxEdid> = undefined;
