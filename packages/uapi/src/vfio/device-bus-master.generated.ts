// Written by `pnpm compile` from device-bus-master.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Enables or disables DMA of a device (SET), on buses whose devices have no register for it; today the CDX bus. */
export interface VfioDeviceFeatureBusMaster {
  /** Whether to enable or to disable it. One of vfio_device_feature_bus_master_op. */
  op: number;
}

export const vfio_device_feature_bus_master: Named<VfioDeviceFeatureBusMaster> = undefined;
