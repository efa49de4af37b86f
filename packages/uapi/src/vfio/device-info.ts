import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { enumeration, flagSet } from '../struct/enumeration.js';
import { flags, u32 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import { vfio_info_cap_header } from './info-cap.js';
import * as code from './device-info.generated.js';

/** What kind of device it is, and what it can do. Source: `linux/vfio.h`. */
export const vfio_device_info_flags = flagSet('vfio_device_info_flags', 'Kind and abilities of a device.', {
  VFIO_DEVICE_FLAGS_RESET: [1, 'VFIO_DEVICE_RESET works.'],
  VFIO_DEVICE_FLAGS_PCI: [2, 'A PCI device.'],
  VFIO_DEVICE_FLAGS_PLATFORM: [4, 'A platform device.'],
  VFIO_DEVICE_FLAGS_AMBA: [8, 'An Arm AMBA device.'],
  VFIO_DEVICE_FLAGS_CCW: [0x10, 'An s390 channel I/O device.'],
  VFIO_DEVICE_FLAGS_AP: [0x20, 'An s390 crypto adapter.'],
  VFIO_DEVICE_FLAGS_FSL_MC: [0x40, 'A device on the NXP management complex bus.'],
  VFIO_DEVICE_FLAGS_CAPS: [0x80, 'cap_offset counts: there are capabilities, though maybe no room for them.'],
  VFIO_DEVICE_FLAGS_CDX: [0x100, 'A device on the AMD CDX bus.'],
});

/**
 * What the `device_api` file of a mediated device's type in sysfs says, by the names of the C macros. They are
 * string literals in C, which is why a list of numeric constants cannot hold them. Source: `linux/vfio.h`.
 */
export const vfio_device_api = Object.freeze({
  VFIO_DEVICE_API_PCI_STRING: 'vfio-pci',
  VFIO_DEVICE_API_PLATFORM_STRING: 'vfio-platform',
  VFIO_DEVICE_API_AMBA_STRING: 'vfio-amba',
  VFIO_DEVICE_API_CCW_STRING: 'vfio-ccw',
  VFIO_DEVICE_API_AP_STRING: 'vfio-ap',
});

/** The capabilities behind {@link vfio_device_info}, by the id in their header. Source: `linux/vfio.h`. */
export const vfio_device_info_cap = enumeration(
  'vfio_device_info_cap',
  'Ids of the capabilities of a device.',
  {
    VFIO_DEVICE_INFO_CAP_ZPCI_BASE: [1, 's390: the PCI function as the machine sees it.'],
    VFIO_DEVICE_INFO_CAP_ZPCI_GROUP: [2, 's390: what the functions of its group have in common.'],
    VFIO_DEVICE_INFO_CAP_ZPCI_UTIL: [3, 's390: a string that describes the function.'],
    VFIO_DEVICE_INFO_CAP_ZPCI_PFIP: [4, 's390: the path to the function inside its card.'],
    VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP: [5, 'Which widths of PCIe AtomicOps reach memory.'],
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
  'Which PCIe AtomicOps of the device the root port completes.',
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
  'Describes a device; capabilities follow the struct where argsz leaves room for them.',
  {
    argsz: argsz.inout('Bytes allocated, at least 16; on return, what struct and capabilities take.'),
    flags: flags(vfio_device_info_flags).out('Kind and abilities.'),
    num_regions: u32.out('Indexes of regions go from 0 to below this.'),
    num_irqs: u32.out('Indexes of interrupts go from 0 to below this.'),
  },
  {
    added: {
      cap_offset: u32.out(
        'Where the first capability begins, in bytes from the start of the struct; 0 if none is there.',
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
  'Tells what kind of device it is and how many regions and interrupts it has.',
  { ...vfioErrors, EINVAL: 'argsz is less than 16, or the device is not bound to an iommufd yet.' },
);
