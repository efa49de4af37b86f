// Written by `pnpm compile` from device-irq.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Describes the interrupts of an index. */
export interface VfioIrqInfo {
  /** Bytes allocated; at least 16. */
  argsz: number;
  /** (out) What can be done with them. Flags of vfio_irq_info_flags. */
  flags: number;
  /** Which kind of interrupt; what is where depends on the kind of device. */
  index: number;
  /** (out) How many there are; 0 if the device does not have them. */
  count: number;
}

export const vfio_irq_info: Named<VfioIrqInfo> = undefined;

/** Sets up, masks, unmasks or fires interrupts. */
export interface VfioIrqSet {
  /** Bytes allocated, data included; at least 20. */
  argsz: number;
  /** What to do, and what data holds. Flags of vfio_irq_set_flags. */
  flags: number;
  /** Which kind of interrupt. */
  index: number;
  /** The first of them. */
  start: number;
  /** How many; 0 with DATA_NONE and ACTION_TRIGGER disables the index. */
  count: number;
  /** count bytes, or count file descriptors of 4 bytes, or nothing: the DATA flag tells. */
  data: Uint8Array;
}

export const vfio_irq_set: Named<VfioIrqSet> = undefined;
