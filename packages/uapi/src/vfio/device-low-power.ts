import { s32, u32 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import * as code from './device-low-power.generated.js';

/** Data of VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP. Source: `linux/vfio.h`. */
export const vfio_device_low_power_entry_with_wakeup = struct(
  'vfio_device_low_power_entry_with_wakeup',
  'Allows a device to enter a low power state once (SET). Its mapped regions cannot be accessed until it has left that state.',
  {
    wakeup_eventfd: s32
      .as({ kind: 'fd' })
      .in('An eventfd that is signalled when the device leaves the low power state, if it has entered it.'),
    reserved: u32.in('Ignored.'),
  },
  { code: code.vfio_device_low_power_entry_with_wakeup },
);
