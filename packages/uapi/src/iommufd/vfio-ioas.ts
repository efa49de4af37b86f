import { enumeration } from '../struct/enumeration.js';
import { objectId, structSize, u16 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { reserved } from '../struct/type.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './vfio-ioas.generated.js';

/** What to do with the compatibility IOAS. Source: `linux/iommufd.h`. */
export const iommufd_vfio_ioas_op = enumeration(
  'iommufd_vfio_ioas_op',
  "Operations on the IOAS that VFIO's old requests use.",
  {
    IOMMU_VFIO_IOAS_GET: [0, 'Return it.'],
    IOMMU_VFIO_IOAS_SET: [1, 'Set it.'],
    IOMMU_VFIO_IOAS_CLEAR: [2, 'Have none.'],
  },
);

/** The argument of {@link IOMMU_VFIO_IOAS}. Source: `linux/iommufd.h`. */
export const iommu_vfio_ioas = struct(
  'iommu_vfio_ioas',
  'Chooses the IOAS on which the requests of a VFIO container act when they are made on an iommufd.',
  {
    size: structSize.in('sizeof(struct iommu_vfio_ioas).'),
    ioas_id: objectId('ioas').inout(
      'The IOAS: given to IOMMU_VFIO_IOAS_SET, returned by IOMMU_VFIO_IOAS_GET.',
    ),
    op: u16.as({ kind: 'enum', of: iommufd_vfio_ioas_op }).in('What to do.'),
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
