import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { VFIO_BASE, VFIO_TYPE } from './api.js';

/** Chooses the IOMMU backend of a container, after its first group was added. */
export const VFIO_SET_IOMMU = ioctl(
  'VFIO_SET_IOMMU',
  _IO(VFIO_TYPE, VFIO_BASE + 2),
  ['vfio-container', 'iommufd'],
  undefined,
  'Chooses the IOMMU backend. The argument is its number, a vfio_extension, not a pointer.',
  {
    EINVAL:
      'The container has no group, or its backend is chosen already; on an iommufd, it is not a type-1 backend.',
    ENODEV: 'No such backend is there; on an iommufd, there is no compatibility IOAS.',
    EADDRINUSE: 'On an iommufd, with VFIO_TYPE1_IOMMU: a mapping is not aligned to whole pages.',
  },
);

/** Turns the IOMMU on, where that is a step of its own. The number is also `VFIO_DEVICE_GET_GFX_DMABUF`'s. */
export const VFIO_IOMMU_ENABLE = ioctl(
  'VFIO_IOMMU_ENABLE',
  _IO(VFIO_TYPE, VFIO_BASE + 15),
  ['vfio-container'],
  undefined,
  'Turns the IOMMU on; only the first backend of POWER servers wants it. No argument.',
);

/** Turns the IOMMU off again. The number is also `VFIO_DEVICE_IOEVENTFD`'s. */
export const VFIO_IOMMU_DISABLE = ioctl(
  'VFIO_IOMMU_DISABLE',
  _IO(VFIO_TYPE, VFIO_BASE + 16),
  ['vfio-container'],
  undefined,
  'Turns the IOMMU off; only the first backend of POWER servers wants it. No argument.',
);
