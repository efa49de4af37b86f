import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './precopy-info.generated.js';

/** What {@link vfio_precopy_info} says beside its sizes. Source: `linux/vfio.h`. */
export const vfio_precopy_info_flags = flagSet(
  'vfio_precopy_info_flags',
  'What has changed; only after VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2 was set.',
  { VFIO_PRECOPY_INFO_REINIT: [1, 'There is new initial data: both sizes have begun anew.'] },
);

/** The argument of {@link VFIO_MIG_GET_PRECOPY_INFO}. Source: `linux/vfio.h`. */
export const vfio_precopy_info = struct(
  'vfio_precopy_info',
  'Estimates how much of the state of a device can be read while it runs.',
  {
    argsz: argsz.in('Bytes allocated; at least 24.'),
    flags: flags(vfio_precopy_info_flags).out('What has changed; to be 0 on the way in.'),
    initial_bytes: u64.out(
      'How much of the first state is still to be read, in bytes. It shrinks to 0, and then is the time for STOP_COPY.',
    ),
    dirty_bytes: u64.out('How much has changed since it was read, in bytes.'),
  },
  { code: code.vfio_precopy_info },
);

/** Asks how much there is to copy before the device is stopped. */
export const VFIO_MIG_GET_PRECOPY_INFO = ioctl(
  'VFIO_MIG_GET_PRECOPY_INFO',
  _IO(VFIO_TYPE, VFIO_BASE + 21),
  ['vfio-migration'],
  vfio_precopy_info,
  'Estimates how much of the state can be read while the device runs.',
  {
    ...vfioErrors,
    EINVAL: 'argsz is less than 24, or the device is in neither of the PRE_COPY states.',
    ENODEV: 'The device has failed, or the migration was stopped.',
  },
);
