// Written by `pnpm compile` from precopy-info.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Returns estimates of the amount of state that can be read while the device runs. */
export interface VfioPrecopyInfo {
  /** Bytes allocated; at least 24. */
  argsz: number;
  /** (out) Set by the kernel; must be 0 on input. Flags of vfio_precopy_info_flags. */
  flags: number;
  /** (out) Remaining initial data in bytes. When it has reached 0, the caller should go to STOP_COPY. */
  initial_bytes: bigint;
  /** (out) Amount of state that has changed since it was read, in bytes. */
  dirty_bytes: bigint;
}

export const vfio_precopy_info: Named<VfioPrecopyInfo> = undefined;
