import { enumeration } from '../struct/enumeration.js';
import { enumOf } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import * as code from './device-bus-master.generated.js';

/** Whether a device may do DMA. Source: `linux/vfio.h`. */
export const vfio_device_feature_bus_master_op = enumeration(
  'vfio_device_feature_bus_master_op',
  'Whether a device may do DMA.',
  {
    VFIO_DEVICE_FEATURE_CLEAR_MASTER: [0, 'It may not.'],
    VFIO_DEVICE_FEATURE_SET_MASTER: [1, 'It may.'],
  },
);

/** Data of VFIO_DEVICE_FEATURE_BUS_MASTER. Source: `linux/vfio.h`. */
export const vfio_device_feature_bus_master = struct(
  'vfio_device_feature_bus_master',
  'Lets a device do DMA or not (SET), on buses where no register of the device does that; today the CDX bus.',
  { op: enumOf(vfio_device_feature_bus_master_op).in('Which of both.') },
  { code: code.vfio_device_feature_bus_master },
);
