// Written by `pnpm compile` from info-cap.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** The header of a capability. */
export interface VfioInfoCapHeader {
  /** (out) Id of the capability. Each INFO request has its own ids. */
  id: number;
  /** (out) Version of its format, from 1. */
  version: number;
  /** (out) Offset of the next capability, in bytes from the start of the INFO struct; 0 for the last one. */
  next: number;
}

export const vfio_info_cap_header: Named<VfioInfoCapHeader> = undefined;
