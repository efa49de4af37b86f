import { objectId, structSize } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './destroy.generated.js';

/** The argument of {@link IOMMU_DESTROY}. Source: `linux/iommufd.h`. */
export const iommu_destroy = struct(
  'iommu_destroy',
  'Destroys an object by its id.',
  {
    size: structSize.in('sizeof(struct iommu_destroy).'),
    id: objectId('ioas', 'hwpt', 'fault', 'viommu', 'vdevice', 'veventq', 'hw_queue', 'access').in(
      'The object, of any kind that user space allocates.',
    ),
  },
  { code: code.iommu_destroy },
);

/** Destroys any object that user space allocated. */
export const IOMMU_DESTROY = iommufdIoctl(
  'IOMMU_DESTROY',
  iommufd_cmd.IOMMUFD_CMD_DESTROY,
  iommu_destroy,
  'Destroys an object.',
  {
    ENOENT: 'No object has this id.',
    EBUSY: 'Another object uses it, a device is attached to it, or its file descriptor is still open.',
  },
);
