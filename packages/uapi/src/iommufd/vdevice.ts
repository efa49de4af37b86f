import { objectId, structSize, u64 } from '../struct/integer.js';
import { struct } from '../struct/struct.js';
import { iommufd_cmd, iommufdIoctl } from './command.js';
import * as code from './vdevice.generated.js';

/** The argument of {@link IOMMU_VDEVICE_ALLOC}. Source: `linux/iommufd.h`. */
export const iommu_vdevice_alloc = struct(
  'iommu_vdevice_alloc',
  'Assigns a device its id on a virtual IOMMU. The kernel reports events with that id, and finds the device by it in invalidations.',
  {
    size: structSize.in('sizeof(struct iommu_vdevice_alloc).'),
    viommu_id: objectId('viommu').in('The virtual IOMMU.'),
    dev_id: objectId('device').in('The physical device. It can have one vDEVICE.'),
    out_vdevice_id: objectId('vdevice').out(
      'The new vDEVICE. Destroy it before the device is unbound; otherwise its object id is not used again.',
    ),
    virt_id: u64
      .as({ kind: 'hex' })
      .in(
        'The id: StreamID on Arm SMMUv3, DeviceID on AMD, requester id on VT-d. Unique within the virtual IOMMU.',
      ),
  },
  { code: code.iommu_vdevice_alloc },
);

/** Assigns a device its id on a virtual IOMMU. */
export const IOMMU_VDEVICE_ALLOC = iommufdIoctl(
  'IOMMU_VDEVICE_ALLOC',
  iommufd_cmd.IOMMUFD_CMD_VDEVICE_ALLOC,
  iommu_vdevice_alloc,
  'Assigns a device its id on a virtual IOMMU.',
  {
    EEXIST: 'The device has a vDEVICE already, or virt_id is in use on the virtual IOMMU.',
    EINVAL:
      'The device is behind another physical IOMMU than that of the virtual IOMMU, or virt_id is invalid for it.',
  },
);
