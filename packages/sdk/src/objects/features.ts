/** The features of {@link Iommufd.supports}, and the ioctl by which each is tested. */
import {
  IOMMU_FAULT_QUEUE_ALLOC,
  IOMMU_GET_HW_INFO,
  IOMMU_HW_QUEUE_ALLOC,
  IOMMU_HWPT_ALLOC,
  IOMMU_HWPT_INVALIDATE,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
  IOMMU_IOAS_CHANGE_PROCESS,
  IOMMU_IOAS_MAP_FILE,
  IOMMU_TEST_CMD,
  IOMMU_VDEVICE_ALLOC,
  IOMMU_VEVENTQ_ALLOC,
  IOMMU_VIOMMU_ALLOC,
  type Ioctl,
} from '@iommufd/uapi';

/** Declares the ioctl of each feature. Its type has their names alone, not the types of all structs. */
const ioctls = <Name extends string>(of: Readonly<Record<Name, Ioctl>>): Readonly<Record<Name, Ioctl>> => of;

/** The ioctl of each feature. */
export const FEATURES = ioctls({
  hwpt: IOMMU_HWPT_ALLOC,
  hwInfo: IOMMU_GET_HW_INFO,
  dirtyTracking: IOMMU_HWPT_SET_DIRTY_TRACKING,
  invalidate: IOMMU_HWPT_INVALIDATE,
  faultQueue: IOMMU_FAULT_QUEUE_ALLOC,
  mapFile: IOMMU_IOAS_MAP_FILE,
  changeProcess: IOMMU_IOAS_CHANGE_PROCESS,
  viommu: IOMMU_VIOMMU_ALLOC,
  vdevice: IOMMU_VDEVICE_ALLOC,
  veventq: IOMMU_VEVENTQ_ALLOC,
  hwQueue: IOMMU_HW_QUEUE_ALLOC,
  selftest: IOMMU_TEST_CMD,
});

/** A feature that a kernel may have. */
export type Feature = keyof typeof FEATURES;

/** The names of all features. */
// FEATURES has exactly the keys of its type.
export const FEATURE_NAMES = Object.keys(FEATURES) as Feature[];
