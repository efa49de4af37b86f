// Written by `pnpm compile` from device-bus-master.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Lets a device do DMA or not (SET), on buses where no register of the device does that; today the CDX bus. */
export interface VfioDeviceFeatureBusMaster {
  /** Which of both. One of vfio_device_feature_bus_master_op. */
  op: number;
}

export const vfio_device_feature_bus_master: Named<VfioDeviceFeatureBusMaster> = undefined;
