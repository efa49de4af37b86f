import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { VFIO_BASE, VFIO_TYPE } from './api.js';

/** Resets a device. */
export const VFIO_DEVICE_RESET = ioctl(
  'VFIO_DEVICE_RESET',
  _IO(VFIO_TYPE, VFIO_BASE + 11),
  ['vfio-device'],
  undefined,
  'Resets the device, if VFIO_DEVICE_FLAGS_RESET is set. No argument.',
  { ENOTTY: 'The driver does not support reset.', EINVAL: 'The device cannot be reset on its own.' },
);
