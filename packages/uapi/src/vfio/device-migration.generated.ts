// Written by `pnpm compile` from device-migration.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Amount of data to transfer (GET). */
export interface VfioDeviceFeatureMigDataSize {
  /** (out) Estimated amount of data that STOP_COPY will transfer, in bytes. */
  stop_copy_length: bigint;
}

export const vfio_device_feature_mig_data_size: Named<VfioDeviceFeatureMigDataSize> = undefined;

/** Returns the migration state of a device (GET), or changes it (SET). */
export interface VfioDeviceFeatureMigState {
  /** (inout) GET: the current state. SET: the new state. One of vfio_device_mig_state. */
  device_state: number;
  /** (out) SET: the file of a data transfer, if the new state starts one; the caller closes it. Otherwise -1. */
  data_fd: number;
}

export const vfio_device_feature_mig_state: Named<VfioDeviceFeatureMigState> = undefined;

/** Migration capabilities of a device (GET). */
export interface VfioDeviceFeatureMigration {
  /** (out) The supported states. Flags of vfio_device_feature_migration_flags. */
  flags: bigint;
}

export const vfio_device_feature_migration: Named<VfioDeviceFeatureMigration> = undefined;
