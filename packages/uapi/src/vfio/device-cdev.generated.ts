// Written by `pnpm compile` from device-cdev.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Attaches a device, or a PASID of it, to an IOAS or a hardware page table. */
export interface VfioDeviceAttachIommufdPt {
  /** Bytes allocated; at least 12, and 16 with VFIO_DEVICE_ATTACH_PASID. */
  argsz: number;
  /** What is attached. Flags of vfio_device_attach_iommufd_pt_flags. */
  flags: number;
  /** (inout) What to attach to; on return, for an IOAS, the page table that the kernel chose or made for it. Id of ioas or hwpt. */
  pt_id: number;
  /** The process address space id, 0 to 2^20-1; counts only with VFIO_DEVICE_ATTACH_PASID. */
  pasid?: number;
}

export const vfio_device_attach_iommufd_pt: Named<VfioDeviceAttachIommufdPt> = undefined;

/** Binds a device to an iommufd, which gives it an id there. */
export interface VfioDeviceBindIommufd {
  /** Bytes allocated; at least 16, and 24 with VFIO_DEVICE_BIND_FLAG_TOKEN. */
  argsz: number;
  /** What comes with it. Flags of vfio_device_bind_iommufd_flags. */
  flags: number;
  /** The iommufd. */
  iommufd: number;
  /** (out) The id of the device on that iommufd. Id of device. */
  out_devid: number;
  /** With VFIO_DEVICE_BIND_FLAG_TOKEN, the 16-byte UUID that the PF was given as VFIO_DEVICE_FEATURE_PCI_VF_TOKEN. */
  token_uuid_ptr?: bigint;
}

export const vfio_device_bind_iommufd: Named<VfioDeviceBindIommufd> = undefined;

/** Detaches a device, or a PASID of it, from its address space. */
export interface VfioDeviceDetachIommufdPt {
  /** Bytes allocated; at least 8, and 12 with VFIO_DEVICE_DETACH_PASID. */
  argsz: number;
  /** What is detached. Flags of vfio_device_detach_iommufd_pt_flags. */
  flags: number;
  /** The process address space id, 0 to 2^20-1; counts only with VFIO_DEVICE_DETACH_PASID. */
  pasid?: number;
}

export const vfio_device_detach_iommufd_pt: Named<VfioDeviceDetachIommufdPt> = undefined;
