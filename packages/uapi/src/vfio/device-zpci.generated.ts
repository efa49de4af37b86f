// Written by `pnpm compile` from device-zpci.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Reads and clears a pending PCI error of an s390 device (GET). Fails with ENOMSG if no error is pending. */
export interface VfioDeviceFeatureZpciErr {
  /** Buffer for the error, in the machine's format. The capability VFIO_DEVICE_INFO_CAP_ZPCI_BASE has its length. */
  data: bigint;
}

export const vfio_device_feature_zpci_err: Named<VfioDeviceFeatureZpciErr> = undefined;
