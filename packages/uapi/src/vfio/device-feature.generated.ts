// Written by `pnpm compile` from device-feature.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Gets, sets or probes a feature of a device. */
export interface VfioDeviceFeature {
  /** Bytes allocated, data included; at least 8. */
  argsz: number;
  /** The feature and the operation. Flags of vfio_device_feature_flags. */
  flags: number;
  /** (inout) The value, in the format from vfio_device_feature_data. */
  data: Uint8Array;
}

export const vfio_device_feature: Named<VfioDeviceFeature> = undefined;
