import { userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import * as code from './device-zpci.generated.js';

/** Data of VFIO_DEVICE_FEATURE_ZPCI_ERROR. Source: `linux/vfio.h`. */
export const vfio_device_feature_zpci_err = struct(
  'vfio_device_feature_zpci_err',
  'Takes a pending PCI error of an s390 device (GET); ENOMSG if no error is pending.',
  {
    data: userPointer({ out: true }).in(
      "Where to write the error, in the machine's own format; the capability VFIO_DEVICE_INFO_CAP_ZPCI_BASE tells how long that is.",
    ),
  },
  { code: code.vfio_device_feature_zpci_err },
);
