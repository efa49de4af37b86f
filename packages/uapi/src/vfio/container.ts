import { ioctl } from '../ioctl.js';
import { _IO } from '../request.js';
import { VFIO_BASE, VFIO_TYPE } from './api.js';

/** Sets the IOMMU backend of a container, after its first group was added. */
export const VFIO_SET_IOMMU = ioctl(
  'VFIO_SET_IOMMU',
  _IO(VFIO_TYPE, VFIO_BASE + 2),
  ['vfio-container', 'iommufd'],
  undefined,
  'Sets the IOMMU backend. The argument is its number, a vfio_extension, not a pointer.',
  {
    EINVAL:
      'The container has no group, or its backend is set already; on an iommufd, it is not a type-1 backend.',
    ENODEV: 'The kernel has no such backend; on an iommufd, no compatibility IOAS is set.',
    EADDRINUSE: 'On an iommufd, with VFIO_TYPE1_IOMMU: a mapping is not aligned to whole pages.',
  },
);

/** Enables the IOMMU, if the backend needs a separate step for it. `VFIO_DEVICE_GET_GFX_DMABUF` has the same number. */
export const VFIO_IOMMU_ENABLE = ioctl(
  'VFIO_IOMMU_ENABLE',
  _IO(VFIO_TYPE, VFIO_BASE + 15),
  ['vfio-container'],
  undefined,
  'Enables the IOMMU; only the first backend of POWER servers requires it. No argument.',
);

/** Disables the IOMMU. `VFIO_DEVICE_IOEVENTFD` has the same number. */
export const VFIO_IOMMU_DISABLE = ioctl(
  'VFIO_IOMMU_DISABLE',
  _IO(VFIO_TYPE, VFIO_BASE + 16),
  ['vfio-container'],
  undefined,
  'Disables the IOMMU; only the first backend of POWER servers requires it. No argument.',
);
