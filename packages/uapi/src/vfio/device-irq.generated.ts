// Written by `pnpm compile` from device-irq.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Describes the interrupts of an index. */
export interface VfioIrqInfo {
  /** Bytes allocated; at least 16. */
  argsz: number;
  /** (out) Their capabilities. Flags of vfio_irq_info_flags. */
  flags: number;
  /** Kind of interrupt. Its meaning depends on the kind of device. */
  index: number;
  /** (out) Number of interrupts; 0 if the device does not have this kind. */
  count: number;
}

export const vfio_irq_info: Named<VfioIrqInfo> = undefined;

/** Sets up, masks, unmasks or fires interrupts. */
export interface VfioIrqSet {
  /** Bytes allocated, data included; at least 20. */
  argsz: number;
  /** The action, and the kind of data. Flags of vfio_irq_set_flags. */
  flags: number;
  /** Kind of interrupt. */
  index: number;
  /** First interrupt of the kind. */
  start: number;
  /** Number of interrupts; 0 with DATA_NONE and ACTION_TRIGGER disables the index. */
  count: number;
  /** By the DATA flag: count bytes, count file descriptors of 4 bytes, or nothing. */
  data: Uint8Array;
}

export const vfio_irq_set: Named<VfioIrqSet> = undefined;
