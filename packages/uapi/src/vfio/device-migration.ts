import { enumeration, flagSet } from '../struct/enumeration.js';
import { enumOf, flags64, s32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import * as code from './device-migration.generated.js';

/** What a device can do about migration. Source: `linux/vfio.h`. */
export const vfio_device_feature_migration_flags = flagSet(
  'vfio_device_feature_migration_flags',
  'Which states of vfio_device_mig_state a device has, beside RUNNING and ERROR.',
  {
    VFIO_MIGRATION_STOP_COPY: [1, 'STOP, STOP_COPY and RESUMING; always there.'],
    VFIO_MIGRATION_P2P: [2, 'RUNNING_P2P; with VFIO_MIGRATION_PRE_COPY also PRE_COPY_P2P.'],
    VFIO_MIGRATION_PRE_COPY: [4, 'PRE_COPY.'],
  },
);

/** Data of VFIO_DEVICE_FEATURE_MIGRATION. Source: `linux/vfio.h`. */
export const vfio_device_feature_migration = struct(
  'vfio_device_feature_migration',
  'Whether and how a device can be migrated (GET).',
  { flags: flags64(vfio_device_feature_migration_flags).out('Which states it has.') },
  { code: code.vfio_device_feature_migration },
);

/** The states of a device that is being migrated. Source: `linux/vfio.h`. */
export const vfio_device_mig_state = enumeration(
  'vfio_device_mig_state',
  'States of a device that is being migrated.',
  {
    VFIO_DEVICE_STATE_ERROR: [0, 'Failed; only VFIO_DEVICE_RESET leads out. Cannot be set.'],
    VFIO_DEVICE_STATE_STOP: [1, 'Does nothing: no DMA, no interrupts, no change of its own state.'],
    VFIO_DEVICE_STATE_RUNNING: [2, 'Works.'],
    VFIO_DEVICE_STATE_STOP_COPY: [3, 'Stopped, and its state can be read from data_fd.'],
    VFIO_DEVICE_STATE_RESUMING: [4, 'Stopped, and takes in a state that is written to data_fd.'],
    VFIO_DEVICE_STATE_RUNNING_P2P: [5, 'Works, but starts no DMA to other devices.'],
    VFIO_DEVICE_STATE_PRE_COPY: [6, 'Works, and its state so far can be read from data_fd.'],
    VFIO_DEVICE_STATE_PRE_COPY_P2P: [7, 'Like PRE_COPY, but starts no DMA to other devices.'],
  },
);

/** How many states {@link vfio_device_mig_state} has. Source: `linux/vfio.h`. */
export const VFIO_DEVICE_STATE_NR = 8;

/** The bits of `device_state` that count in the first, obsolete form of the migration protocol. Source: `linux/vfio.h`. */
export const VFIO_DEVICE_STATE_MASK = 7;

/** Data of VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE. Source: `linux/vfio.h`. */
export const vfio_device_feature_mig_state = struct(
  'vfio_device_feature_mig_state',
  'Asks for the migration state of a device (GET), or changes it (SET).',
  {
    device_state: enumOf(vfio_device_mig_state).inout('The state: the present one, or the one to go to.'),
    data_fd: s32
      .as({ kind: 'fd' })
      .out('SET: the stream of the state, if one begins, which the caller closes. Otherwise -1.'),
  },
  { code: code.vfio_device_feature_mig_state },
);

/** Data of VFIO_DEVICE_FEATURE_MIG_DATA_SIZE. Source: `linux/vfio.h`. */
export const vfio_device_feature_mig_data_size = struct(
  'vfio_device_feature_mig_data_size',
  'How much there is to transfer (GET).',
  { stop_copy_length: u64.out('Estimate of what STOP_COPY will have to transfer, in bytes.') },
  { code: code.vfio_device_feature_mig_data_size },
);
