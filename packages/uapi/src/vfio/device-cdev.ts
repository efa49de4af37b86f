import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { array } from '../struct/array.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, objectId, s32, u32, u8, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './device-cdev.generated.js';

/** How a device is bound. Source: `linux/vfio.h`. */
export const vfio_device_bind_iommufd_flags = flagSet(
  'vfio_device_bind_iommufd_flags',
  'What comes with a bind.',
  { VFIO_DEVICE_BIND_FLAG_TOKEN: [1, 'token_uuid_ptr counts.'] },
);

/** The argument of {@link VFIO_DEVICE_BIND_IOMMUFD}. Source: `linux/vfio.h`. */
export const vfio_device_bind_iommufd = struct(
  'vfio_device_bind_iommufd',
  'Binds a device to an iommufd, which gives it an id there.',
  {
    argsz: argsz.in('Bytes allocated; at least 16, and 24 with VFIO_DEVICE_BIND_FLAG_TOKEN.'),
    flags: flags(vfio_device_bind_iommufd_flags).in('What comes with it.'),
    iommufd: s32.as({ kind: 'fd' }).in('The iommufd.'),
    out_devid: objectId('device').out('The id of the device on that iommufd.'),
  },
  {
    added: {
      token_uuid_ptr: userPointer({ type: array(u8, 16) }).in(
        'With VFIO_DEVICE_BIND_FLAG_TOKEN, the 16-byte UUID that the PF was given as VFIO_DEVICE_FEATURE_PCI_VF_TOKEN.',
      ),
    },
    code: code.vfio_device_bind_iommufd,
  },
);

/** Binds a device to an iommufd. */
export const VFIO_DEVICE_BIND_IOMMUFD = ioctl(
  'VFIO_DEVICE_BIND_IOMMUFD',
  _IO(VFIO_TYPE, VFIO_BASE + 18),
  ['vfio-device'],
  vfio_device_bind_iommufd,
  'Binds a device, opened by its own file under /dev/vfio/devices, to an iommufd. Closing the file undoes it.',
  {
    ...vfioErrors,
    EINVAL:
      'argsz is too small, a flag is not known, iommufd is negative, the device is bound already or was opened through its group.',
    EBADF: 'iommufd is not open.',
    E2BIG: 'The struct is longer than the kernel knows, and what it does not know is not zero.',
    EBADFD: 'iommufd is another kind of file.',
    EBUSY: 'The group of the device is open.',
    EPERM: 'Another device of its IOMMU group is bound to another iommufd.',
    EACCES: 'The token is missing or wrong.',
  },
);

/** What is attached. Source: `linux/vfio.h`. */
export const vfio_device_attach_iommufd_pt_flags = flagSet(
  'vfio_device_attach_iommufd_pt_flags',
  'What is attached.',
  { VFIO_DEVICE_ATTACH_PASID: [1, 'A PASID of the device, which pasid tells, rather than the device.'] },
);

/** The argument of {@link VFIO_DEVICE_ATTACH_IOMMUFD_PT}. Source: `linux/vfio.h`. */
export const vfio_device_attach_iommufd_pt = struct(
  'vfio_device_attach_iommufd_pt',
  'Attaches a device, or a PASID of it, to an IOAS or a hardware page table.',
  {
    argsz: argsz.in('Bytes allocated; at least 12, and 16 with VFIO_DEVICE_ATTACH_PASID.'),
    flags: flags(vfio_device_attach_iommufd_pt_flags).in('What is attached.'),
    pt_id: objectId('ioas', 'hwpt').inout(
      'What to attach to; on return, for an IOAS, the page table that the kernel chose or made for it.',
    ),
  },
  {
    added: {
      pasid: u32.in('The process address space id, 0 to 2^20-1; counts only with VFIO_DEVICE_ATTACH_PASID.'),
    },
    code: code.vfio_device_attach_iommufd_pt,
  },
);

/** Attaches a device to an address space, or moves it to another one. */
export const VFIO_DEVICE_ATTACH_IOMMUFD_PT = ioctl(
  'VFIO_DEVICE_ATTACH_IOMMUFD_PT',
  _IO(VFIO_TYPE, VFIO_BASE + 19),
  ['vfio-device'],
  vfio_device_attach_iommufd_pt,
  'Attaches a device or a PASID to an address space. If it has one, it changes over without a gap.',
  {
    ...vfioErrors,
    EINVAL: 'argsz is too small, a flag is not known, or the device cannot use what pt_id names.',
    EADDRINUSE:
      'The IOAS maps what the device reserves, such as the window of its interrupts, or what its IOMMU cannot map.',
    EBUSY: 'The PASID is attached already, or the device, or another one of its group, is being reset.',
    ENODEV: 'The page table has a fault queue, and the device makes no page requests.',
    ENOENT: 'pt_id names nothing.',
    EOPNOTSUPP: 'The driver of the device has no PASIDs.',
    ENOSPC: 'pasid is 2^31 or more.',
    ENOMEM: 'Out of memory, or more would be pinned than the limit of locked memory allows.',
  },
);

/** What is detached. Source: `linux/vfio.h`. */
export const vfio_device_detach_iommufd_pt_flags = flagSet(
  'vfio_device_detach_iommufd_pt_flags',
  'What is detached.',
  { VFIO_DEVICE_DETACH_PASID: [1, 'A PASID of the device, which pasid tells, rather than the device.'] },
);

/** The argument of {@link VFIO_DEVICE_DETACH_IOMMUFD_PT}. Source: `linux/vfio.h`. */
export const vfio_device_detach_iommufd_pt = struct(
  'vfio_device_detach_iommufd_pt',
  'Detaches a device, or a PASID of it, from its address space.',
  {
    argsz: argsz.in('Bytes allocated; at least 8, and 12 with VFIO_DEVICE_DETACH_PASID.'),
    flags: flags(vfio_device_detach_iommufd_pt_flags).in('What is detached.'),
  },
  {
    added: {
      pasid: u32.in('The process address space id, 0 to 2^20-1; counts only with VFIO_DEVICE_DETACH_PASID.'),
    },
    code: code.vfio_device_detach_iommufd_pt,
  },
);

/** Detaches a device from its address space. */
export const VFIO_DEVICE_DETACH_IOMMUFD_PT = ioctl(
  'VFIO_DEVICE_DETACH_IOMMUFD_PT',
  _IO(VFIO_TYPE, VFIO_BASE + 20),
  ['vfio-device'],
  vfio_device_detach_iommufd_pt,
  'Detaches a device or a PASID from its address space: all its DMA is blocked then.',
  {
    ...vfioErrors,
    EINVAL: 'argsz is too small, or a flag is not known.',
    EOPNOTSUPP: 'The driver of the device has no PASIDs.',
  },
);
