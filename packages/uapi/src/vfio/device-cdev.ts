import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { array } from '../struct/array.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, objectId, s32, u32, u8, userPointer } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './device-cdev.generated.js';

/** Flags of a bind. Source: `linux/vfio.h`. */
export const vfio_device_bind_iommufd_flags = flagSet('vfio_device_bind_iommufd_flags', 'Flags of a bind.', {
  VFIO_DEVICE_BIND_FLAG_TOKEN: [1, 'token_uuid_ptr is valid.'],
});

/** The argument of {@link VFIO_DEVICE_BIND_IOMMUFD}. Source: `linux/vfio.h`. */
export const vfio_device_bind_iommufd = struct(
  'vfio_device_bind_iommufd',
  'Binds a device to an iommufd, which assigns it an id.',
  {
    argsz: argsz.in('Bytes allocated; at least 16, and 24 with VFIO_DEVICE_BIND_FLAG_TOKEN.'),
    flags: flags(vfio_device_bind_iommufd_flags).in('Whether a token is passed.'),
    iommufd: s32.as({ kind: 'fd' }).in('The iommufd.'),
    out_devid: objectId('device').out('The id of the device on that iommufd.'),
  },
  {
    added: {
      token_uuid_ptr: userPointer({ type: array(u8, 16) }).in(
        'With VFIO_DEVICE_BIND_FLAG_TOKEN, the 16-byte UUID that was set on the PF by VFIO_DEVICE_FEATURE_PCI_VF_TOKEN.',
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
  'Binds a device, opened by its own file under /dev/vfio/devices, to an iommufd. Closing the file unbinds it.',
  {
    ...vfioErrors,
    EINVAL:
      'argsz is too small, a flag is unknown, iommufd is negative, or the device is bound already or was opened through its group.',
    EBADF: 'iommufd is not open.',
    E2BIG: 'The struct is longer than the one that the kernel knows, and the part beyond that is not zero.',
    EBADFD: 'iommufd is not a file of /dev/iommu.',
    EBUSY: 'The group of the device is open.',
    EPERM: 'Another device of its IOMMU group is bound to another iommufd.',
    EACCES: 'The token is missing or wrong.',
  },
);

/** Flags of an attach. Source: `linux/vfio.h`. */
export const vfio_device_attach_iommufd_pt_flags = flagSet(
  'vfio_device_attach_iommufd_pt_flags',
  'Flags of an attach.',
  { VFIO_DEVICE_ATTACH_PASID: [1, 'Attach the PASID in pasid, rather than the device.'] },
);

/** The argument of {@link VFIO_DEVICE_ATTACH_IOMMUFD_PT}. Source: `linux/vfio.h`. */
export const vfio_device_attach_iommufd_pt = struct(
  'vfio_device_attach_iommufd_pt',
  'Attaches a device, or a PASID of it, to an IOAS or a hardware page table.',
  {
    argsz: argsz.in('Bytes allocated; at least 12, and 16 with VFIO_DEVICE_ATTACH_PASID.'),
    flags: flags(vfio_device_attach_iommufd_pt_flags).in('Whether to attach the device or a PASID.'),
    pt_id: objectId('ioas', 'hwpt').inout(
      'The IOAS or page table; on return, for an IOAS, the page table that the kernel chose or allocated for it.',
    ),
  },
  {
    added: {
      pasid: u32.in('The process address space id, 0 to 2^20-1; used only with VFIO_DEVICE_ATTACH_PASID.'),
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
  'Attaches a device or a PASID to an address space. If it is attached already, the address space is replaced without a gap.',
  {
    ...vfioErrors,
    EINVAL: 'argsz is too small, a flag is unknown, or the device cannot use the object pt_id.',
    EADDRINUSE:
      'The IOAS maps IOVAs that the device reserves, such as the window of its interrupts, or that its IOMMU cannot map.',
    EBUSY: 'The PASID is attached already, or the device, or another one of its group, is being reset.',
    ENODEV: 'The page table has a fault queue, and the device does not support page requests.',
    ENOENT: 'No object has the id pt_id.',
    EOPNOTSUPP: 'The driver of the device does not support PASIDs.',
    ENOSPC: 'pasid is 2^31 or more.',
    ENOMEM: 'Out of memory, or the pinned pages would exceed the limit of locked memory.',
  },
);

/** Flags of a detach. Source: `linux/vfio.h`. */
export const vfio_device_detach_iommufd_pt_flags = flagSet(
  'vfio_device_detach_iommufd_pt_flags',
  'Flags of a detach.',
  { VFIO_DEVICE_DETACH_PASID: [1, 'Detach the PASID in pasid, rather than the device.'] },
);

/** The argument of {@link VFIO_DEVICE_DETACH_IOMMUFD_PT}. Source: `linux/vfio.h`. */
export const vfio_device_detach_iommufd_pt = struct(
  'vfio_device_detach_iommufd_pt',
  'Detaches a device, or a PASID of it, from its address space.',
  {
    argsz: argsz.in('Bytes allocated; at least 8, and 12 with VFIO_DEVICE_DETACH_PASID.'),
    flags: flags(vfio_device_detach_iommufd_pt_flags).in('Whether to detach the device or a PASID.'),
  },
  {
    added: {
      pasid: u32.in('The process address space id, 0 to 2^20-1; used only with VFIO_DEVICE_DETACH_PASID.'),
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
  'Detaches a device or a PASID from its address space. All its DMA is then blocked.',
  {
    ...vfioErrors,
    EINVAL: 'argsz is too small, or a flag is unknown.',
    EOPNOTSUPP: 'The driver of the device does not support PASIDs.',
  },
);
