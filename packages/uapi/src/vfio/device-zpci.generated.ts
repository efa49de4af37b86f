// Written by `pnpm compile` from device-zpci.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Takes a pending PCI error of an s390 device (GET); ENOMSG if no error is pending. */
export interface VfioDeviceFeatureZpciErr {
  /** Where to write the error, in the machine's own format; the capability VFIO_DEVICE_INFO_CAP_ZPCI_BASE tells how long that is. */
  data: bigint;
}

export const vfio_device_feature_zpci_err: Named<VfioDeviceFeatureZpciErr> = undefined;
