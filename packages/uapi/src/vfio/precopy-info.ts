import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './precopy-info.generated.js';

/** Flags of {@link vfio_precopy_info}. Source: `linux/vfio.h`. */
export const vfio_precopy_info_flags = flagSet(
  'vfio_precopy_info_flags',
  'Flags of vfio_precopy_info; only after VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2 was set.',
  { VFIO_PRECOPY_INFO_REINIT: [1, 'The device has new initial data, and both sizes were reset.'] },
);

/** The argument of {@link VFIO_MIG_GET_PRECOPY_INFO}. Source: `linux/vfio.h`. */
export const vfio_precopy_info = struct(
  'vfio_precopy_info',
  'Returns estimates of the amount of state that can be read while the device runs.',
  {
    argsz: argsz.in('Bytes allocated; at least 24.'),
    flags: flags(vfio_precopy_info_flags).out('Set by the kernel; must be 0 on input.'),
    initial_bytes: u64.out(
      'Remaining initial data in bytes. When it has reached 0, the caller should go to STOP_COPY.',
    ),
    dirty_bytes: u64.out('Amount of state that has changed since it was read, in bytes.'),
  },
  { code: code.vfio_precopy_info },
);

/** Returns estimates of the amount of state to copy before the device is stopped. */
export const VFIO_MIG_GET_PRECOPY_INFO = ioctl(
  'VFIO_MIG_GET_PRECOPY_INFO',
  _IO(VFIO_TYPE, VFIO_BASE + 21),
  ['vfio-migration'],
  vfio_precopy_info,
  'Returns estimates of the amount of state that can be read while the device runs.',
  {
    ...vfioErrors,
    EINVAL: 'argsz is less than 24, or the device is in neither of the PRE_COPY states.',
    ENODEV: 'The device is in the ERROR state, or the migration file was disabled.',
  },
);
