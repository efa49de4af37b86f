// Written by `pnpm compile` from vdevice.ts: change that, and run it again.
import type { Compiled, ToEncode } from '../struct/compiled.js';
import { hasOnly, isU64 } from '../struct/value-checks.js';

/** Assigns a device its id on a virtual IOMMU. The kernel reports events with that id, and finds the device by it in invalidations. */
export interface IommuVdeviceAlloc {
  /** sizeof(struct iommu_vdevice_alloc). */
  size: number;
  /** The virtual IOMMU. Id of viommu. */
  viommu_id: number;
  /** The physical device. It can have one vDEVICE. Id of device. */
  dev_id: number;
  /** (out) The new vDEVICE. Destroy it before the device is unbound; otherwise its object id is not used again. Id of vdevice. */
  out_vdevice_id: number;
  /** The id: StreamID on Arm SMMUv3, DeviceID on AMD, requester id on VT-d. Unique within the virtual IOMMU. */
  virt_id: bigint;
}

const iommu_vdevice_alloc_names = ['size', 'viommu_id', 'dev_id', 'out_vdevice_id', 'virt_id'];

export const iommu_vdevice_alloc: Compiled<IommuVdeviceAlloc, ToEncode<IommuVdeviceAlloc>> = {
  read(view, at) {
    return {
      size: view.getUint32(at, true),
      viommu_id: view.getUint32(at + 4, true),
      dev_id: view.getUint32(at + 8, true),
      out_vdevice_id: view.getUint32(at + 12, true),
      virt_id: view.getBigUint64(at + 16, true),
    };
  },
  write(view, at, value) {
    const { size, viommu_id, dev_id, out_vdevice_id, virt_id } = value;
    if (typeof size !== 'number' || size >>> 0 !== size) return false;
    if (typeof viommu_id !== 'number' || viommu_id >>> 0 !== viommu_id) return false;
    if (typeof dev_id !== 'number' || dev_id >>> 0 !== dev_id) return false;
    if (typeof out_vdevice_id !== 'number' || out_vdevice_id >>> 0 !== out_vdevice_id) return false;
    if (!isU64(virt_id)) return false;
    if (!hasOnly(value, iommu_vdevice_alloc_names)) return false;
    view.setUint32(at, size, true);
    view.setUint32(at + 4, viommu_id, true);
    view.setUint32(at + 8, dev_id, true);
    view.setUint32(at + 12, out_vdevice_id, true);
    view.setBigUint64(at + 16, virt_id, true);
    return true;
  },
};
