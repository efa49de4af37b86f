// Written by `pnpm compile` from device-region.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Describes a region of a device. Capabilities follow the struct if argsz has room for them. */
export interface VfioRegionInfo {
  /** (inout) Bytes allocated, at least 32; on return, the size of struct and capabilities. */
  argsz: number;
  /** (out) How it can be accessed. Flags of vfio_region_info_flags. */
  flags: number;
  /** Index of the region. Its meaning depends on the kind of device. */
  index: number;
  /** (out) Offset of the first capability, in bytes from the start of the struct; 0 if none is present. */
  cap_offset: number;
  /** (out) Its length in bytes; 0 if the device does not have it. */
  size: bigint;
  /** (out) Offset of the region in the device's file, in bytes. */
  offset: bigint;
}

export const vfio_region_info: Named<VfioRegionInfo> = undefined;
