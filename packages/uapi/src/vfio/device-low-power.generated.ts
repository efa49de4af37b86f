// Written by `pnpm compile` from device-low-power.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Lets a device go to a low power state once (SET). Its mapped regions cannot be accessed until it has left that. */
export interface VfioDeviceLowPowerEntryWithWakeup {
  /** An eventfd that is signalled when the device wakes up, if it ever went to sleep. */
  wakeup_eventfd: number;
  /** Not looked at. */
  reserved: number;
}

export const vfio_device_low_power_entry_with_wakeup: Named<VfioDeviceLowPowerEntryWithWakeup> = undefined;
