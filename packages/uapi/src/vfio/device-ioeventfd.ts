import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, s32, u32, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './device-ioeventfd.generated.js';

/** The mask of the flags of {@link vfio_device_ioeventfd} for the width of the write. Source: `linux/vfio.h`. */
export const VFIO_DEVICE_IOEVENTFD_SIZE_MASK = 0xf;

/** The width of the write. Source: `linux/vfio.h`. */
export const vfio_device_ioeventfd_flags = flagSet(
  'vfio_device_ioeventfd_flags',
  'The width of the write; exactly one flag is set.',
  {
    VFIO_DEVICE_IOEVENTFD_8: [1, '1 byte.'],
    VFIO_DEVICE_IOEVENTFD_16: [2, '2 bytes.'],
    VFIO_DEVICE_IOEVENTFD_32: [4, '4 bytes.'],
    VFIO_DEVICE_IOEVENTFD_64: [8, '8 bytes.'],
  },
);

/** The argument of {@link VFIO_DEVICE_IOEVENTFD}. Source: `linux/vfio.h`. */
export const vfio_device_ioeventfd = struct(
  'vfio_device_ioeventfd',
  'Connects an eventfd to a write of a value to a region, or disconnects it.',
  {
    argsz: argsz.in('Bytes allocated; at least 28.'),
    flags: flags(vfio_device_ioeventfd_flags).in('The width of the write.'),
    offset: u64
      .as({ kind: 'hex' })
      .in("Position of the write in the device's file: the offset of the region plus the offset in it."),
    data: u64
      .as({ kind: 'hex' })
      .in('The value, in the low bytes. The device receives them in little-endian order.'),
    fd: s32
      .as({ kind: 'fd' })
      .in('The eventfd; -1 disconnects the one with the same width, offset and data.'),
    reserved: reserved(u32),
  },
  { code: code.vfio_device_ioeventfd },
);

/** Connects an eventfd to a write. `VFIO_IOMMU_DISABLE` has the same number. */
export const VFIO_DEVICE_IOEVENTFD = ioctl(
  'VFIO_DEVICE_IOEVENTFD',
  _IO(VFIO_TYPE, VFIO_BASE + 16),
  ['vfio-device'],
  vfio_device_ioeventfd,
  'Makes the kernel write a value to a region whenever an eventfd is signalled.',
  {
    ...vfioErrors,
    EINVAL:
      'argsz is less than 28, flags is not one width, fd is less than -1 or not an eventfd, or the position is outside of the BARs or within the MSI-X table.',
    EEXIST: 'An eventfd with the same width, offset and data exists already.',
    ENODEV: 'No eventfd has this width, offset and data.',
    ENOSPC: 'The device has the maximum number of them.',
    EBADF: 'fd is not open.',
  },
);
