import { enumeration } from '../struct/enumeration.js';
import { objectId, structSize, u16 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './vfio-ioas.generated.js';

/** The operations on the compatibility IOAS. Source: `linux/iommufd.h`. */
export const iommufd_vfio_ioas_op = enumeration(
  'iommufd_vfio_ioas_op',
  "Operations on the IOAS that VFIO's type-1 requests use.",
  {
    IOMMU_VFIO_IOAS_GET: [0, 'Return it.'],
    IOMMU_VFIO_IOAS_SET: [1, 'Set it.'],
    IOMMU_VFIO_IOAS_CLEAR: [2, 'Clear it.'],
  },
);

/** The argument of {@link IOMMU_VFIO_IOAS}. Source: `linux/iommufd.h`. */
export const iommu_vfio_ioas = struct(
  'iommu_vfio_ioas',
  'Sets, returns or clears the IOAS that requests of a VFIO container use when they are made on an iommufd.',
  {
    size: structSize.in('sizeof(struct iommu_vfio_ioas).'),
    ioas_id: objectId('ioas').inout('The IOAS: read by IOMMU_VFIO_IOAS_SET, written by IOMMU_VFIO_IOAS_GET.'),
    op: u16.as({ kind: 'enum', of: iommufd_vfio_ioas_op }).in('The operation.'),
    __reserved: reserved(u16),
  },
  { code: code.iommu_vfio_ioas },
);

/** Sets, returns or clears the compatibility IOAS. */
export const IOMMU_VFIO_IOAS = iommufdIoctl(
  'IOMMU_VFIO_IOAS',
  iommufd_cmd.IOMMUFD_CMD_VFIO_IOAS,
  iommu_vfio_ioas,
  "Sets, returns or clears the IOAS that VFIO's type-1 requests use.",
  { ENODEV: 'IOMMU_VFIO_IOAS_GET: no compatibility IOAS is set.' },
);
