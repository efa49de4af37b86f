import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flexible } from '../struct/array.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, s32, u16, u32, u8 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { union } from '../struct/union.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './pci-hot-reset.generated.js';

/**
 * A `devid` of {@link vfio_pci_dependent_device}: a device that is not bound, in a group that the caller owns. Source:
 * `linux/vfio.h`.
 */
export const VFIO_PCI_DEVID_OWNED = 0;

/**
 * A `devid` of {@link vfio_pci_dependent_device}: a device that the caller does not own. C has -1, which is this number in an
 * unsigned 32-bit field. Source: `linux/vfio.h`.
 */
export const VFIO_PCI_DEVID_NOT_OWNED = 0xffff_ffff;

/** One of the devices of {@link vfio_pci_hot_reset_info}. Source: `linux/vfio.h`. */
export const vfio_pci_dependent_device = struct(
  'vfio_pci_dependent_device',
  'A device that a hot reset would reset too.',
  {
    '': union({ group_id: u32, devid: u32 }).out(
      'With VFIO_PCI_HOT_RESET_FLAG_DEV_ID, its id in the iommufd, VFIO_PCI_DEVID_OWNED or VFIO_PCI_DEVID_NOT_OWNED; otherwise the number of its IOMMU group.',
    ),
    segment: u16.out('PCI segment, also called domain.'),
    bus: u8.out('Bus.'),
    devfn: u8.out('Slot in the upper five bits, function in the lower three.'),
  },
  { code: code.vfio_pci_dependent_device },
);

/** How the devices of {@link vfio_pci_hot_reset_info} are identified. Source: `linux/vfio.h`. */
export const vfio_pci_hot_reset_info_flags = flagSet(
  'vfio_pci_hot_reset_info_flags',
  'How devices are identified, and whether the caller may reset them.',
  {
    VFIO_PCI_HOT_RESET_FLAG_DEV_ID: [1, 'By devid. Always set if the device was opened as a cdev.'],
    VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED: [
      2,
      'The caller owns all of them, so that it may use VFIO_DEVICE_PCI_HOT_RESET.',
    ],
  },
);

/** The argument of {@link VFIO_DEVICE_GET_PCI_HOT_RESET_INFO}. Source: `linux/vfio.h`. */
export const vfio_pci_hot_reset_info = struct(
  'vfio_pci_hot_reset_info',
  'Lists the devices that a hot reset would reset.',
  {
    argsz: argsz.in('Bytes allocated, at least 12 plus 8 for each device.'),
    flags: flags(vfio_pci_hot_reset_info_flags).out('How the devices are identified.'),
    count: u32.out('Number of devices, also if argsz has no room for them.'),
    devices: flexible(vfio_pci_dependent_device).out("The devices, including the caller's own."),
  },
  { code: code.vfio_pci_hot_reset_info },
);

/** Lists the devices that a hot reset would reset. `VFIO_IOMMU_GET_INFO` has the same number. */
export const VFIO_DEVICE_GET_PCI_HOT_RESET_INFO = ioctl(
  'VFIO_DEVICE_GET_PCI_HOT_RESET_INFO',
  _IO(VFIO_TYPE, VFIO_BASE + 12),
  ['vfio-device'],
  vfio_pci_hot_reset_info,
  'Lists the devices that a reset of the slot or bus would reset.',
  {
    ...vfioErrors,
    ENOSPC: 'argsz has no room for the list; count is the number of devices.',
    ENODEV: 'The device cannot be reset this way: neither its slot nor its bus supports reset.',
  },
);

/** The argument of {@link VFIO_DEVICE_PCI_HOT_RESET}. Source: `linux/vfio.h`. */
export const vfio_pci_hot_reset = struct(
  'vfio_pci_hot_reset',
  'Resets the slot or bus of a device.',
  {
    argsz: argsz.in('Bytes allocated, at least 12 plus 4 for each file descriptor.'),
    flags: u32.in('No flags are defined: 0.'),
    count: u32.in('Number of file descriptors that follow; 0 if the device was opened as a cdev.'),
    group_fds: flexible(s32.as({ kind: 'fd' })).in(
      'File descriptors of the groups of all devices that are reset, which prove that the caller owns them.',
    ),
  },
  { code: code.vfio_pci_hot_reset },
);

/** Resets a slot or bus. `VFIO_IOMMU_MAP_DMA` has the same number. */
export const VFIO_DEVICE_PCI_HOT_RESET = ioctl(
  'VFIO_DEVICE_PCI_HOT_RESET',
  _IO(VFIO_TYPE, VFIO_BASE + 13),
  ['vfio-device'],
  vfio_pci_hot_reset,
  'Resets the slot or bus of a PCI device, if the caller owns all devices on it.',
  {
    ...vfioErrors,
    EINVAL:
      'argsz is too small, flags is not 0, count is not 0 on a cdev or is 0 on a device of a group, or the groups do not cover all devices.',
    ENODEV: 'The device cannot be reset this way.',
    EBADF: 'A file descriptor is not open.',
    EBUSY: 'A device that would be reset is in use.',
    ENOTTY: 'The reset failed: the bus or its link did not recover.',
  },
);
