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

/** What {@link VFIO_DEVICE_FEATURE} gets and sets. Source: `linux/vfio.h`. */
export const vfio_device_feature_index = enumeration('vfio_device_feature_index', 'Features of devices.', {
  VFIO_DEVICE_FEATURE_PCI_VF_TOKEN: [
    0,
    'SET: the secret that users of the VFs of a PF must know, a 16-byte UUID.',
  ],
  VFIO_DEVICE_FEATURE_MIGRATION: [1, 'GET: how it can be migrated.'],
  VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE: [2, 'GET, SET: its migration state.'],
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY: [
    3,
    'SET, no data: it may go to a low power state whenever it is idle.',
  ],
  VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP: [
    4,
    'SET: likewise, once; an eventfd tells when it wakes up.',
  ],
  VFIO_DEVICE_FEATURE_LOW_POWER_EXIT: [5, 'SET, no data: it may not do so any more.'],
  VFIO_DEVICE_FEATURE_DMA_LOGGING_START: [6, 'SET: log which pages it writes to.'],
  VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP: [7, 'SET, no data: log no more.'],
  VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT: [8, 'GET: read and clear the log.'],
  VFIO_DEVICE_FEATURE_MIG_DATA_SIZE: [9, 'GET: how much a migration will have to transfer.'],
  VFIO_DEVICE_FEATURE_BUS_MASTER: [10, 'SET: whether it may do DMA.'],
  VFIO_DEVICE_FEATURE_DMA_BUF: [11, 'GET: make a dma-buf of a region.'],
  VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2: [
    12,
    'SET, no data: the flags that VFIO_MIG_GET_PRECOPY_INFO returns are to mean something.',
  ],
  VFIO_DEVICE_FEATURE_ZPCI_ERROR: [13, 'GET, s390: take a pending PCI error.'],
});

/** What to do with a feature, above its number in the low 16 bits. Source: `linux/vfio.h`. */
export const vfio_device_feature_flags = flagSet(
  'vfio_device_feature_flags',
  'What to do with a feature: GET or SET, or PROBE with any of both; the low 16 bits are its number.',
  {
    VFIO_DEVICE_FEATURE_GET: [0x10000, 'Read it into data.'],
    VFIO_DEVICE_FEATURE_SET: [0x20000, 'Set it from data.'],
    VFIO_DEVICE_FEATURE_PROBE: [0x40000, 'Do nothing, but fail if the device cannot do it; no data needed.'],
  },
  { mask: VFIO_DEVICE_FEATURE_MASK, of: vfio_device_feature_index },
);

/** The argument of {@link VFIO_DEVICE_FEATURE}. Source: `linux/vfio.h`. */
export const vfio_device_feature = struct(
  'vfio_device_feature',
  'Gets, sets or probes a feature of a device.',
  {
    argsz: argsz.in('Bytes allocated, data included; at least 8.'),
    flags: flags(vfio_device_feature_flags).in('Which feature, and what to do with it.'),
    data: flexibleBytes.inout('The value, in the form of vfio_device_feature_data.'),
  },
  { code: code.vfio_device_feature },
);

/** Data of VFIO_DEVICE_FEATURE_PCI_VF_TOKEN, and what `token_uuid_ptr` of BIND points at: a UUID. Source: `linux/vfio.h`. */
export const vfio_pci_vf_token: RawBytes = new RawBytes(16);

/** The form of `data` in {@link vfio_device_feature}, by the number of the feature; features without data are not in it. */
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

/** Gets, sets or probes a feature. The number is also `VFIO_IOMMU_DIRTY_PAGES`'. */
export const VFIO_DEVICE_FEATURE = ioctl(
  'VFIO_DEVICE_FEATURE',
  _IO(VFIO_TYPE, VFIO_BASE + 17),
  ['vfio-device'],
  vfio_device_feature,
  'Gets, sets or probes a feature of a device.',
  {
    ...vfioErrors,
    ENOTTY: 'The device does not have the feature.',
    EINVAL: 'argsz is too small for the data, a flag is not known, or the feature cannot be got or set.',
    ENOMSG: 'VFIO_DEVICE_FEATURE_ZPCI_ERROR: no error is pending.',
  },
);
