// Written by `pnpm compile` from group.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** The state of a group. */
export interface VfioGroupStatus {
  /** Bytes allocated; at least 8. */
  argsz: number;
  /** (out) The state of the group. Flags of vfio_group_status_flags. */
  flags: number;
}

export const vfio_group_status: Named<VfioGroupStatus> = undefined;
