// Written by `pnpm compile` from precopy-info.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Estimates how much of the state of a device can be read while it runs. */
export interface VfioPrecopyInfo {
  /** Bytes allocated; at least 24. */
  argsz: number;
  /** (out) What has changed; to be 0 on the way in. Flags of vfio_precopy_info_flags. */
  flags: number;
  /** (out) How much of the first state is still to be read, in bytes. It shrinks to 0, and then is the time for STOP_COPY. */
  initial_bytes: bigint;
  /** (out) How much has changed since it was read, in bytes. */
  dirty_bytes: bigint;
}

export const vfio_precopy_info: Named<VfioPrecopyInfo> = undefined;
