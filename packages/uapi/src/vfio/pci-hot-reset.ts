import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flexible } from '../struct/array.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, s32, u16, u32, u8 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { union } from '../struct/union.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './pci-hot-reset.generated.js';

/** A `devid` of {@link vfio_pci_dependent_device}: not bound, but of a group that the caller owns. Source: `linux/vfio.h`. */
export const VFIO_PCI_DEVID_OWNED = 0;

/**
 * A `devid` of {@link vfio_pci_dependent_device}: not the caller's. C has -1, which is this number in a field of 32 bits
 * without a sign. Source: `linux/vfio.h`.
 */
export const VFIO_PCI_DEVID_NOT_OWNED = 0xffff_ffff;

/** One of the devices of {@link vfio_pci_hot_reset_info}. Source: `linux/vfio.h`. */
export const vfio_pci_dependent_device = struct(
  'vfio_pci_dependent_device',
  'A device that a hot reset would reset too.',
  {
    '': union({ group_id: u32, devid: u32 }).out(
      'With VFIO_PCI_HOT_RESET_FLAG_DEV_ID its id in the iommufd, or VFIO_PCI_DEVID_OWNED or _NOT_OWNED; otherwise the number of its IOMMU group.',
    ),
    segment: u16.out('PCI segment, also called domain.'),
    bus: u8.out('Bus.'),
    devfn: u8.out('Slot in the upper five bits, function in the lower three.'),
  },
  { code: code.vfio_pci_dependent_device },
);

/** What the devices of {@link vfio_pci_hot_reset_info} are named by. Source: `linux/vfio.h`. */
export const vfio_pci_hot_reset_info_flags = flagSet(
  'vfio_pci_hot_reset_info_flags',
  'What devices are named by, and whether the caller may reset them.',
  {
    VFIO_PCI_HOT_RESET_FLAG_DEV_ID: [1, 'By devid; always if the device was opened as a cdev.'],
    VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED: [
      2,
      'The caller owns all of them, so VFIO_DEVICE_PCI_HOT_RESET works.',
    ],
  },
);

/** The argument of {@link VFIO_DEVICE_GET_PCI_HOT_RESET_INFO}. Source: `linux/vfio.h`. */
export const vfio_pci_hot_reset_info = struct(
  'vfio_pci_hot_reset_info',
  'Lists the devices that a hot reset would reset.',
  {
    argsz: argsz.in('Bytes allocated, at least 12, and 8 more for each device.'),
    flags: flags(vfio_pci_hot_reset_info_flags).out('What the devices are named by.'),
    count: u32.out('How many devices there are, also if there is no room for them.'),
    devices: flexible(vfio_pci_dependent_device).out('The devices, the one of the caller among them.'),
  },
  { code: code.vfio_pci_hot_reset_info },
);

/** Asks which devices a hot reset would reset. The number is also `VFIO_IOMMU_GET_INFO`'s. */
export const VFIO_DEVICE_GET_PCI_HOT_RESET_INFO = ioctl(
  'VFIO_DEVICE_GET_PCI_HOT_RESET_INFO',
  _IO(VFIO_TYPE, VFIO_BASE + 12),
  ['vfio-device'],
  vfio_pci_hot_reset_info,
  'Lists the devices that a reset of the slot or bus would reset.',
  {
    ...vfioErrors,
    ENOSPC: 'argsz has no room for the list; count tells how many devices there are.',
    ENODEV: 'The device cannot be reset this way: neither its slot nor its bus has a reset.',
  },
);

/** The argument of {@link VFIO_DEVICE_PCI_HOT_RESET}. Source: `linux/vfio.h`. */
export const vfio_pci_hot_reset = struct(
  'vfio_pci_hot_reset',
  'Resets the slot or bus of a device.',
  {
    argsz: argsz.in('Bytes allocated, at least 12, and 4 more for each file descriptor.'),
    flags: u32.in('No flags are defined: 0.'),
    count: u32.in('How many file descriptors follow; 0 if the device was opened as a cdev.'),
    group_fds: flexible(s32.as({ kind: 'fd' })).in(
      'Files of the groups of all devices that are reset, as a proof that the caller owns them.',
    ),
  },
  { code: code.vfio_pci_hot_reset },
);

/** Resets a slot or bus. The number is also `VFIO_IOMMU_MAP_DMA`'s. */
export const VFIO_DEVICE_PCI_HOT_RESET = ioctl(
  'VFIO_DEVICE_PCI_HOT_RESET',
  _IO(VFIO_TYPE, VFIO_BASE + 13),
  ['vfio-device'],
  vfio_pci_hot_reset,
  'Resets the slot or bus of a PCI device, if the caller owns all devices on it.',
  {
    ...vfioErrors,
    EINVAL:
      'argsz is too small, flags is not 0, file descriptors were given on a cdev or none on a device of a group, or they do not cover all devices.',
    ENODEV: 'The device cannot be reset this way.',
    EBADF: 'A file descriptor is not open.',
    EBUSY: 'A device that would be reset is in use.',
    ENOTTY: 'The reset failed: the bus or its link did not come back.',
  },
);
