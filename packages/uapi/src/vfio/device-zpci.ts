import { userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import * as code from './device-zpci.generated.js';

/** Data of VFIO_DEVICE_FEATURE_ZPCI_ERROR. Source: `linux/vfio.h`. */
export const vfio_device_feature_zpci_err = struct(
  'vfio_device_feature_zpci_err',
  'Reads and clears a pending PCI error of an s390 device (GET). Fails with ENOMSG if no error is pending.',
  {
    data: userPointer({ out: true }).in(
      "Buffer for the error, in the machine's format. The capability VFIO_DEVICE_INFO_CAP_ZPCI_BASE has its length.",
    ),
  },
  { code: code.vfio_device_feature_zpci_err },
);
