import { objectId, structSize, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './vdevice.generated.js';

/** The argument of {@link IOMMU_VDEVICE_ALLOC}. Source: `linux/iommufd.h`. */
export const iommu_vdevice_alloc = struct(
  'iommu_vdevice_alloc',
  'Says which id a device has on a virtual IOMMU. The kernel puts that id into the events that it reports, and finds the device by it in invalidations.',
  {
    size: structSize.in('sizeof(struct iommu_vdevice_alloc).'),
    viommu_id: objectId('viommu').in('The virtual IOMMU.'),
    dev_id: objectId('device').in('The physical device; one vDEVICE each.'),
    out_vdevice_id: objectId('vdevice').out(
      'The new vDEVICE. Destroy it before the device goes, or the id is never used again.',
    ),
    virt_id: u64
      .as({ kind: 'hex' })
      .in(
        'The id: StreamID on Arm SMMUv3, DeviceID on AMD, requester id on VT-d. Unique within the virtual IOMMU.',
      ),
  },
  { code: code.iommu_vdevice_alloc },
);

/** Gives a device an id on a virtual IOMMU. */
export const IOMMU_VDEVICE_ALLOC = iommufdIoctl(
  'IOMMU_VDEVICE_ALLOC',
  iommufd_cmd.IOMMUFD_CMD_VDEVICE_ALLOC,
  iommu_vdevice_alloc,
  'Gives a device its id on a virtual IOMMU.',
  {
    EEXIST: 'The device has a vDEVICE already, or the virtual IOMMU has this virt_id already.',
    EINVAL:
      'The device is behind another physical IOMMU than the virtual one, or that cannot have this virt_id.',
  },
);
