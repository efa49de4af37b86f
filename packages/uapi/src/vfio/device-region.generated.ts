// Written by `pnpm compile` from device-region.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Describes a region of a device; capabilities follow the struct where argsz leaves room for them. */
export interface VfioRegionInfo {
  /** (inout) Bytes allocated, at least 32; on return, what struct and capabilities take. */
  argsz: number;
  /** (out) How it can be accessed. Flags of vfio_region_info_flags. */
  flags: number;
  /** Which region; what is where depends on the kind of device. */
  index: number;
  /** (out) Where the first capability begins, in bytes from the start of the struct; 0 if none is there. */
  cap_offset: number;
  /** (out) Its length in bytes; 0 if the device does not have it. */
  size: bigint;
  /** (out) Where it begins in the device's file, in bytes. */
  offset: bigint;
}

export const vfio_region_info: Named<VfioRegionInfo> = undefined;
