import { enumeration, flagSet } from '../struct/enumeration.js';
import { enumOf, flags64, s32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import * as code from './device-migration.generated.js';

/** The migration capabilities of a device. Source: `linux/vfio.h`. */
export const vfio_device_feature_migration_flags = flagSet(
  'vfio_device_feature_migration_flags',
  'States of vfio_device_mig_state that a device supports, besides RUNNING and ERROR.',
  {
    VFIO_MIGRATION_STOP_COPY: [1, 'STOP, STOP_COPY and RESUMING; always set.'],
    VFIO_MIGRATION_P2P: [2, 'RUNNING_P2P; with VFIO_MIGRATION_PRE_COPY also PRE_COPY_P2P.'],
    VFIO_MIGRATION_PRE_COPY: [4, 'PRE_COPY.'],
  },
);

/** Data of VFIO_DEVICE_FEATURE_MIGRATION. Source: `linux/vfio.h`. */
export const vfio_device_feature_migration = struct(
  'vfio_device_feature_migration',
  'Migration capabilities of a device (GET).',
  { flags: flags64(vfio_device_feature_migration_flags).out('The supported states.') },
  { code: code.vfio_device_feature_migration },
);

/** The states of a device that is being migrated. Source: `linux/vfio.h`. */
export const vfio_device_mig_state = enumeration(
  'vfio_device_mig_state',
  'States of a device that is being migrated.',
  {
    VFIO_DEVICE_STATE_ERROR: [0, 'Failed. Only VFIO_DEVICE_RESET leaves this state. Cannot be set.'],
    VFIO_DEVICE_STATE_STOP: [1, 'Stopped: no DMA, no interrupts, no change of its internal state.'],
    VFIO_DEVICE_STATE_RUNNING: [2, 'Running.'],
    VFIO_DEVICE_STATE_STOP_COPY: [3, 'Stopped, and its state can be read from data_fd.'],
    VFIO_DEVICE_STATE_RESUMING: [4, 'Stopped, and loads the state that is written to data_fd.'],
    VFIO_DEVICE_STATE_RUNNING_P2P: [5, 'Running, but starts no DMA to other devices.'],
    VFIO_DEVICE_STATE_PRE_COPY: [6, 'Running, and its state so far can be read from data_fd.'],
    VFIO_DEVICE_STATE_PRE_COPY_P2P: [7, 'Like PRE_COPY, but starts no DMA to other devices.'],
  },
);

/** Number of states of {@link vfio_device_mig_state}. Source: `linux/vfio.h`. */
export const VFIO_DEVICE_STATE_NR = 8;

/** The mask of `device_state` in version 1 of the migration protocol, which is obsolete. Source: `linux/vfio.h`. */
export const VFIO_DEVICE_STATE_MASK = 7;

/** Data of VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE. Source: `linux/vfio.h`. */
export const vfio_device_feature_mig_state = struct(
  'vfio_device_feature_mig_state',
  'Returns the migration state of a device (GET), or changes it (SET).',
  {
    device_state: enumOf(vfio_device_mig_state).inout('GET: the current state. SET: the new state.'),
    data_fd: s32
      .as({ kind: 'fd' })
      .out(
        'SET: the file of a data transfer, if the new state starts one; the caller closes it. Otherwise -1.',
      ),
  },
  { code: code.vfio_device_feature_mig_state },
);

/** Data of VFIO_DEVICE_FEATURE_MIG_DATA_SIZE. Source: `linux/vfio.h`. */
export const vfio_device_feature_mig_data_size = struct(
  'vfio_device_feature_mig_data_size',
  'Amount of data to transfer (GET).',
  { stop_copy_length: u64.out('Estimated amount of data that STOP_COPY will transfer, in bytes.') },
  { code: code.vfio_device_feature_mig_data_size },
);
