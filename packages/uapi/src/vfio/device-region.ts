import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, u32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './device-region.generated.js';

/** How a region can be accessed. Source: `linux/vfio.h`. */
export const vfio_region_info_flags = flagSet('vfio_region_info_flags', 'How a region can be accessed.', {
  VFIO_REGION_INFO_FLAG_READ: [1, 'With read().'],
  VFIO_REGION_INFO_FLAG_WRITE: [2, 'With write().'],
  VFIO_REGION_INFO_FLAG_MMAP: [4, 'With mmap().'],
  VFIO_REGION_INFO_FLAG_CAPS: [
    8,
    'The region has capabilities; cap_offset is valid if argsz has room for them.',
  ],
});

/** The argument of {@link VFIO_DEVICE_GET_REGION_INFO}. Source: `linux/vfio.h`. */
export const vfio_region_info = struct(
  'vfio_region_info',
  'Describes a region of a device. Capabilities follow the struct if argsz has room for them.',
  {
    argsz: argsz.inout('Bytes allocated, at least 32; on return, the size of struct and capabilities.'),
    flags: flags(vfio_region_info_flags).out('How it can be accessed.'),
    index: u32.in('Index of the region. Its meaning depends on the kind of device.'),
    cap_offset: u32.out(
      'Offset of the first capability, in bytes from the start of the struct; 0 if none is present.',
    ),
    size: u64.out('Its length in bytes; 0 if the device does not have it.'),
    offset: u64.as({ kind: 'hex' }).out("Offset of the region in the device's file, in bytes."),
  },
  { code: code.vfio_region_info },
);

/** Describes a region of a device. */
export const VFIO_DEVICE_GET_REGION_INFO = ioctl(
  'VFIO_DEVICE_GET_REGION_INFO',
  _IO(VFIO_TYPE, VFIO_BASE + 8),
  ['vfio-device'],
  vfio_region_info,
  'Returns size and offset of a region: MMIO, I/O ports, configuration space and others.',
  { ...vfioErrors, EINVAL: 'argsz is less than 32, or index is out of range.' },
);
