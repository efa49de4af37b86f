import { enumeration } from '../struct/enumeration.js';
import { enumOf } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import * as code from './device-bus-master.generated.js';

/** Whether a device may do DMA. Source: `linux/vfio.h`. */
export const vfio_device_feature_bus_master_op = enumeration(
  'vfio_device_feature_bus_master_op',
  'Whether a device may do DMA.',
  {
    VFIO_DEVICE_FEATURE_CLEAR_MASTER: [0, 'DMA is disabled.'],
    VFIO_DEVICE_FEATURE_SET_MASTER: [1, 'DMA is enabled.'],
  },
);

/** Data of VFIO_DEVICE_FEATURE_BUS_MASTER. Source: `linux/vfio.h`. */
export const vfio_device_feature_bus_master = struct(
  'vfio_device_feature_bus_master',
  'Enables or disables DMA of a device (SET), on buses whose devices have no register for it; today the CDX bus.',
  { op: enumOf(vfio_device_feature_bus_master_op).in('Whether to enable or to disable it.') },
  { code: code.vfio_device_feature_bus_master },
);
