import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { enumeration, flagSet } from '../struct/enumeration.js';
import { flags, u32 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import { vfio_info_cap_header } from './info-cap.js';
import * as code from './device-info.generated.js';

/** The kind and the capabilities of a device. Source: `linux/vfio.h`. */
export const vfio_device_info_flags = flagSet(
  'vfio_device_info_flags',
  'Kind and capabilities of a device.',
  {
    VFIO_DEVICE_FLAGS_RESET: [1, 'VFIO_DEVICE_RESET is supported.'],
    VFIO_DEVICE_FLAGS_PCI: [2, 'A PCI device.'],
    VFIO_DEVICE_FLAGS_PLATFORM: [4, 'A platform device.'],
    VFIO_DEVICE_FLAGS_AMBA: [8, 'An Arm AMBA device.'],
    VFIO_DEVICE_FLAGS_CCW: [0x10, 'An s390 channel I/O device.'],
    VFIO_DEVICE_FLAGS_AP: [0x20, 'An s390 crypto adapter.'],
    VFIO_DEVICE_FLAGS_FSL_MC: [0x40, 'A device on the NXP management complex bus.'],
    VFIO_DEVICE_FLAGS_CAPS: [
      0x80,
      'The device has capabilities; cap_offset is valid if argsz has room for them.',
    ],
    VFIO_DEVICE_FLAGS_CDX: [0x100, 'A device on the AMD CDX bus.'],
  },
);

/**
 * The contents of the `device_api` file of a mediated device's type in sysfs, by the names of the C macros. These are string
 * literals in C, so they are not among the numeric constants. Source: `linux/vfio.h`.
 */
export const vfio_device_api = Object.freeze({
  VFIO_DEVICE_API_PCI_STRING: 'vfio-pci',
  VFIO_DEVICE_API_PLATFORM_STRING: 'vfio-platform',
  VFIO_DEVICE_API_AMBA_STRING: 'vfio-amba',
  VFIO_DEVICE_API_CCW_STRING: 'vfio-ccw',
  VFIO_DEVICE_API_AP_STRING: 'vfio-ap',
});

/** The capabilities that follow {@link vfio_device_info}, by the id in their header. Source: `linux/vfio.h`. */
export const vfio_device_info_cap = enumeration(
  'vfio_device_info_cap',
  'Ids of the capabilities of a device.',
  {
    VFIO_DEVICE_INFO_CAP_ZPCI_BASE: [1, 's390: the base information of the PCI function.'],
    VFIO_DEVICE_INFO_CAP_ZPCI_GROUP: [2, 's390: the common information of the functions of its group.'],
    VFIO_DEVICE_INFO_CAP_ZPCI_UTIL: [3, 's390: a utility string that describes the function.'],
    VFIO_DEVICE_INFO_CAP_ZPCI_PFIP: [4, 's390: the path to the function inside its card.'],
    VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP: [5, 'Widths of PCIe AtomicOps that the root port completes.'],
  },
);

/** Widths of AtomicOps. Source: `linux/vfio.h`. */
export const vfio_pci_atomic_comp_flags = flagSet(
  'vfio_pci_atomic_comp_flags',
  'Widths of AtomicOps that are completed.',
  {
    VFIO_PCI_ATOMIC_COMP32: [1, '32 bits.'],
    VFIO_PCI_ATOMIC_COMP64: [2, '64 bits.'],
    VFIO_PCI_ATOMIC_COMP128: [4, '128 bits: compare and swap.'],
  },
);

/** The capability VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP. Source: `linux/vfio.h`. */
export const vfio_device_info_cap_pci_atomic_comp = struct(
  'vfio_device_info_cap_pci_atomic_comp',
  'The PCIe AtomicOps of the device that the root port completes.',
  {
    header: vfio_info_cap_header.out('The id is VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP, the version 1.'),
    flags: flags(vfio_pci_atomic_comp_flags).out('Their widths.'),
    reserved: reserved(u32),
  },
  { code: code.vfio_device_info_cap_pci_atomic_comp },
);

/** The argument of {@link VFIO_DEVICE_GET_INFO}. Source: `linux/vfio.h`. */
export const vfio_device_info = struct(
  'vfio_device_info',
  'Describes a device. Capabilities follow the struct if argsz has room for them.',
  {
    argsz: argsz.inout('Bytes allocated, at least 16; on return, the size of struct and capabilities.'),
    flags: flags(vfio_device_info_flags).out('Kind and capabilities.'),
    num_regions: u32.out('Number of region indexes, from 0.'),
    num_irqs: u32.out('Number of interrupt indexes, from 0.'),
  },
  {
    added: {
      cap_offset: u32.out(
        'Offset of the first capability, in bytes from the start of the struct; 0 if none is present.',
      ),
      pad: reserved(u32),
    },
    code: code.vfio_device_info,
  },
);

/** Describes a device. */
export const VFIO_DEVICE_GET_INFO = ioctl(
  'VFIO_DEVICE_GET_INFO',
  _IO(VFIO_TYPE, VFIO_BASE + 7),
  ['vfio-device'],
  vfio_device_info,
  'Returns the kind of a device and its numbers of regions and interrupts.',
  { ...vfioErrors, EINVAL: 'argsz is less than 16, or the device is not bound to an iommufd yet.' },
);
