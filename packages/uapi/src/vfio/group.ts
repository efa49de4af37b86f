import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { flagSet } from '../struct/enumeration.js';
import { flags, s32 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { argsz, VFIO_BASE, VFIO_TYPE, vfioErrors } from './api.js';
import * as code from './group.generated.js';

/** The state of a group. Source: `linux/vfio.h`. */
export const vfio_group_status_flags = flagSet('vfio_group_status_flags', 'State of a group.', {
  VFIO_GROUP_FLAGS_VIABLE: [1, 'Every device of the group is bound to VFIO or to no driver that does DMA.'],
  VFIO_GROUP_FLAGS_CONTAINER_SET: [2, 'The group belongs to a container.'],
});

/** The argument of {@link VFIO_GROUP_GET_STATUS}. Source: `linux/vfio.h`. */
export const vfio_group_status = struct(
  'vfio_group_status',
  'The state of a group.',
  {
    argsz: argsz.in('Bytes allocated; at least 8.'),
    flags: flags(vfio_group_status_flags).out('The state of the group.'),
  },
  { code: code.vfio_group_status },
);

/** Returns the state of a group. */
export const VFIO_GROUP_GET_STATUS = ioctl(
  'VFIO_GROUP_GET_STATUS',
  _IO(VFIO_TYPE, VFIO_BASE + 3),
  ['vfio-group'],
  vfio_group_status,
  'Returns whether a group is viable and in a container.',
  { ...vfioErrors, EINVAL: 'argsz is less than 8.', ENODEV: 'The devices of the group have been removed.' },
);

/** Adds a group to a container. */
export const VFIO_GROUP_SET_CONTAINER = ioctl(
  'VFIO_GROUP_SET_CONTAINER',
  _IO(VFIO_TYPE, VFIO_BASE + 4),
  ['vfio-group'],
  s32.as({ kind: 'fd' }),
  'Adds the group to a container or to an iommufd. The argument points at its file descriptor.',
  {
    EFAULT: 'The argument cannot be read.',
    EBADF: 'The file descriptor is not open.',
    EBADFD: 'The file is neither a container nor an iommufd.',
    EINVAL: 'The group has a container already.',
    ENODEV: 'The devices of the group have been removed.',
  },
);

/** Removes a group from its container. */
export const VFIO_GROUP_UNSET_CONTAINER = ioctl(
  'VFIO_GROUP_UNSET_CONTAINER',
  _IO(VFIO_TYPE, VFIO_BASE + 5),
  ['vfio-group'],
  undefined,
  'Removes the group from its container. When the last group is removed, the mappings of the container are removed. No argument.',
  { EINVAL: 'The group has no container.', EBUSY: 'A device of the group is open.' },
);

/** Opens a device of a group: the ioctl returns the new file descriptor. */
export const VFIO_GROUP_GET_DEVICE_FD = ioctl(
  'VFIO_GROUP_GET_DEVICE_FD',
  _IO(VFIO_TYPE, VFIO_BASE + 6),
  ['vfio-group'],
  undefined,
  'Opens a device and returns its file descriptor. The argument points at its name, a NUL-terminated string.',
  {
    EFAULT: 'The name cannot be read.',
    EINVAL: 'The group has no container, or the name is too long.',
    ENODEV: 'The group has no device of that name.',
  },
);
