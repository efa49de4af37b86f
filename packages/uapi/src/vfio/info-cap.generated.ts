// Written by `pnpm compile` from info-cap.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Begins a capability. */
export interface VfioInfoCapHeader {
  /** (out) Which capability it is; the ids of each INFO request are its own. */
  id: number;
  /** (out) Version of its format, counted from 1. */
  version: number;
  /** (out) Where the next one begins, in bytes from the start of the INFO struct; 0 after the last. */
  next: number;
}

export const vfio_info_cap_header: Named<VfioInfoCapHeader> = undefined;
