// Written by `pnpm compile` from device-gfx.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Describes what a virtual GPU displays. Format and sizes are 0 while the guest has the plane off. */
export interface VfioDeviceGfxPlaneInfo {
  /** Bytes allocated; at least 60. */
  argsz: number;
  /** How it is to be shown. Flags of vfio_gfx_plane_type. */
  flags: number;
  /** Which plane: DRM_PLANE_TYPE_OVERLAY 0, _PRIMARY 1 or _CURSOR 2. */
  drm_plane_type: number;
  /** (out) The format of its pixels, a DRM_FORMAT. */
  drm_format: number;
  /** (out) How it is tiled, a DRM_FORMAT_MOD. */
  drm_format_mod: bigint;
  /** (out) Width in pixels. */
  width: number;
  /** (out) Height in pixels. */
  height: number;
  /** (out) Bytes from a line to the next. */
  stride: number;
  /** (out) Length in bytes, whole pages. */
  size: number;
  /** (out) Where a cursor is, from the left. */
  x_pos: number;
  /** (out) Where a cursor is, from the top. */
  y_pos: number;
  /** (out) The hot spot of a cursor, from its left; 2^32-1 if it is not known. */
  x_hot: number;
  /** (out) The hot spot of a cursor, from its top; 2^32-1 if it is not known. */
  y_hot: number;
  /** (out) With REGION the index of the region; with DMABUF what VFIO_DEVICE_GET_GFX_DMABUF takes. */
  region_index: number;
  /** (out) With REGION the index of the region; with DMABUF what VFIO_DEVICE_GET_GFX_DMABUF takes. */
  dmabuf_id: number;
  /** Must be zero. */
  reserved: number;
}

export const vfio_device_gfx_plane_info: Named<VfioDeviceGfxPlaneInfo> = undefined;

/** A virtual GPU's monitor. To change the EDID: link down, write EDID and size, link up. */
export interface VfioRegionGfxEdid {
  /** (out) Where in the region the EDID is, in bytes. */
  edid_offset: number;
  /** (out) How long it may be, in bytes. */
  edid_max_size: number;
  /** (inout) How long it is, in bytes. */
  edid_size: number;
  /** (out) The greatest width of the display in pixels; 0 without a limit. */
  max_xres: number;
  /** (out) The greatest height of the display in pixels; 0 without a limit. */
  max_yres: number;
  /** (inout) Whether the monitor is plugged in. One of vfio_device_gfx_link_state. */
  link_state: number;
}

export const vfio_region_gfx_edid: Named<VfioRegionGfxEdid> = undefined;
