import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flexibleBytes, RawBytes } from '../struct/array.js';
import { enumeration, flagSet } from '../struct/enumeration.js';
import { flags } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import type { AnyType } from '../struct/type.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import { vfio_device_feature_bus_master } from './device-bus-master.js';
import { vfio_device_feature_dma_buf } from './device-dma-buf.js';
import {
  vfio_device_feature_dma_logging_control,
  vfio_device_feature_dma_logging_report,
} from './device-dma-logging.js';
import { vfio_device_low_power_entry_with_wakeup } from './device-low-power.js';
import {
  vfio_device_feature_mig_data_size,
  vfio_device_feature_mig_state,
  vfio_device_feature_migration,
} from './device-migration.js';
import { vfio_device_feature_zpci_err } from './device-zpci.js';
import * as code from './device-feature.generated.js';

/** The bits of `flags` in {@link vfio_device_feature} that hold the number of the feature. Source: `linux/vfio.h`. */
export const VFIO_DEVICE_FEATURE_MASK = 0xffff;

/** The features of {@link VFIO_DEVICE_FEATURE}. Source: `linux/vfio.h`. */
export const vfio_device_feature_index = enumeration('vfio_device_feature_index', 'Features of devices.', {
  VFIO_DEVICE_FEATURE_PCI_VF_TOKEN: [
    0,
    'SET: the secret that users of the VFs of a PF must pass, a 16-byte UUID.',
  ],
  VFIO_DEVICE_FEATURE_MIGRATION: [1, 'GET: its migration capabilities.'],
  VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE: [2, 'GET, SET: its migration state.'],
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY: [
    3,
    'SET, no data: allow it to enter a low power state whenever it is idle.',
  ],
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP: [
    4,
    'SET: allow it once; an eventfd is signalled when the device wakes up.',
  ],
  VFIO_DEVICE_FEATURE_LOW_POWER_EXIT: [5, 'SET, no data: no longer allow it.'],
  VFIO_DEVICE_FEATURE_DMA_LOGGING_START: [6, 'SET: start logging the pages that it writes to.'],
  VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP: [7, 'SET, no data: stop logging.'],
  VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT: [8, 'GET: read and clear the log.'],
  VFIO_DEVICE_FEATURE_MIG_DATA_SIZE: [9, 'GET: the amount of data that a migration will transfer.'],
  VFIO_DEVICE_FEATURE_BUS_MASTER: [10, 'SET: whether it may do DMA.'],
  VFIO_DEVICE_FEATURE_DMA_BUF: [11, 'GET: export slices of a region as a dma-buf.'],
  VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2: [
    12,
    'SET, no data: enable the flags that VFIO_MIG_GET_PRECOPY_INFO returns.',
  ],
  VFIO_DEVICE_FEATURE_ZPCI_ERROR: [13, 'GET, s390: read and clear a pending PCI error.'],
});

/** The operations on a feature. The low 16 bits hold the number of the feature. Source: `linux/vfio.h`. */
export const vfio_device_feature_flags = flagSet(
  'vfio_device_feature_flags',
  'Operation on a feature: GET or SET, or PROBE with one or both of them. The low 16 bits are the number of the feature.',
  {
    VFIO_DEVICE_FEATURE_GET: [0x10000, 'Read it into data.'],
    VFIO_DEVICE_FEATURE_SET: [0x20000, 'Set it from data.'],
    VFIO_DEVICE_FEATURE_PROBE: [0x40000, 'Only check that the device supports the operation; no data.'],
  },
  { mask: VFIO_DEVICE_FEATURE_MASK, of: vfio_device_feature_index },
);

/** The argument of {@link VFIO_DEVICE_FEATURE}. Source: `linux/vfio.h`. */
export const vfio_device_feature = struct(
  'vfio_device_feature',
  'Gets, sets or probes a feature of a device.',
  {
    argsz: argsz.in('Bytes allocated, data included; at least 8.'),
    flags: flags(vfio_device_feature_flags).in('The feature and the operation.'),
    data: flexibleBytes.inout('The value, in the format from vfio_device_feature_data.'),
  },
  { code: code.vfio_device_feature },
);

/**
 * The UUID that is the data of VFIO_DEVICE_FEATURE_PCI_VF_TOKEN and the target of `token_uuid_ptr` of BIND. Source:
 * `linux/vfio.h`.
 */
export const vfio_pci_vf_token: RawBytes = new RawBytes(16);

/** The format of `data` in {@link vfio_device_feature}, by the number of the feature. Features without data are absent. */
export const vfio_device_feature_data: Readonly<Record<number, AnyType>> = Object.freeze({
  [vfio_device_feature_index.VFIO_DEVICE_FEATURE_PCI_VF_TOKEN]: vfio_pci_vf_token,
  [vfio_device_feature_index.VFIO_DEVICE_FEATURE_MIGRATION]: vfio_device_feature_migration,
  [vfio_device_feature_index.VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE]: vfio_device_feature_mig_state,
  [vfio_device_feature_index.VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP]:
    vfio_device_low_power_entry_with_wakeup,
  [vfio_device_feature_index.VFIO_DEVICE_FEATURE_DMA_LOGGING_START]: vfio_device_feature_dma_logging_control,
  [vfio_device_feature_index.VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT]: vfio_device_feature_dma_logging_report,
  [vfio_device_feature_index.VFIO_DEVICE_FEATURE_MIG_DATA_SIZE]: vfio_device_feature_mig_data_size,
  [vfio_device_feature_index.VFIO_DEVICE_FEATURE_BUS_MASTER]: vfio_device_feature_bus_master,
  [vfio_device_feature_index.VFIO_DEVICE_FEATURE_DMA_BUF]: vfio_device_feature_dma_buf,
  [vfio_device_feature_index.VFIO_DEVICE_FEATURE_ZPCI_ERROR]: vfio_device_feature_zpci_err,
});

/** Gets, sets or probes a feature. `VFIO_IOMMU_DIRTY_PAGES` has the same number. */
export const VFIO_DEVICE_FEATURE = ioctl(
  'VFIO_DEVICE_FEATURE',
  _IO(VFIO_TYPE, VFIO_BASE + 17),
  ['vfio-device'],
  vfio_device_feature,
  'Gets, sets or probes a feature of a device.',
  {
    ...vfioErrors,
    ENOTTY: 'The device does not have the feature.',
    EINVAL: 'argsz is too small for the data, a flag is unknown, or the feature does not support GET or SET.',
    ENOMSG: 'VFIO_DEVICE_FEATURE_ZPCI_ERROR: no error is pending.',
  },
);
