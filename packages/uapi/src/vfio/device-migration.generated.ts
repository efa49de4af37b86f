// Written by `pnpm compile` from device-migration.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** How much there is to transfer (GET). */
export interface VfioDeviceFeatureMigDataSize {
  /** (out) Estimate of what STOP_COPY will have to transfer, in bytes. */
  stop_copy_length: bigint;
}

export const vfio_device_feature_mig_data_size: Named<VfioDeviceFeatureMigDataSize> = undefined;

/** Asks for the migration state of a device (GET), or changes it (SET). */
export interface VfioDeviceFeatureMigState {
  /** (inout) The state: the present one, or the one to go to. One of vfio_device_mig_state. */
  device_state: number;
  /** (out) SET: the stream of the state, if one begins, which the caller closes. Otherwise -1. */
  data_fd: number;
}

export const vfio_device_feature_mig_state: Named<VfioDeviceFeatureMigState> = undefined;

/** Whether and how a device can be migrated (GET). */
export interface VfioDeviceFeatureMigration {
  /** (out) Which states it has. Flags of vfio_device_feature_migration_flags. */
  flags: bigint;
}

export const vfio_device_feature_migration: Named<VfioDeviceFeatureMigration> = undefined;
