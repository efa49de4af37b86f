// Written by `pnpm compile` from device-low-power.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Allows a device to enter a low power state once (SET). Its mapped regions cannot be accessed until it has left that state. */
export interface VfioDeviceLowPowerEntryWithWakeup {
  /** An eventfd that is signalled when the device leaves the low power state, if it has entered it. */
  wakeup_eventfd: number;
  /** Ignored. */
  reserved: number;
}

export const vfio_device_low_power_entry_with_wakeup: Named<VfioDeviceLowPowerEntryWithWakeup> = undefined;
