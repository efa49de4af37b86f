// Written by `pnpm compile` from device-cdev.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Attaches a device, or a PASID of it, to an IOAS or a hardware page table. */
export interface VfioDeviceAttachIommufdPt {
  /** Bytes allocated; at least 12, and 16 with VFIO_DEVICE_ATTACH_PASID. */
  argsz: number;
  /** Whether to attach the device or a PASID. Flags of vfio_device_attach_iommufd_pt_flags. */
  flags: number;
  /** (inout) The IOAS or page table; on return, for an IOAS, the page table that the kernel chose or allocated for it. Id of ioas or hwpt. */
  pt_id: number;
  /** The process address space id, 0 to 2^20-1; used only with VFIO_DEVICE_ATTACH_PASID. */
  pasid?: number;
}

export const vfio_device_attach_iommufd_pt: Named<VfioDeviceAttachIommufdPt> = undefined;

/** Binds a device to an iommufd, which assigns it an id. */
export interface VfioDeviceBindIommufd {
  /** Bytes allocated; at least 16, and 24 with VFIO_DEVICE_BIND_FLAG_TOKEN. */
  argsz: number;
  /** Whether a token is passed. Flags of vfio_device_bind_iommufd_flags. */
  flags: number;
  /** The iommufd. */
  iommufd: number;
  /** (out) The id of the device on that iommufd. Id of device. */
  out_devid: number;
  /** With VFIO_DEVICE_BIND_FLAG_TOKEN, the 16-byte UUID that was set on the PF by VFIO_DEVICE_FEATURE_PCI_VF_TOKEN. */
  token_uuid_ptr?: bigint;
}

export const vfio_device_bind_iommufd: Named<VfioDeviceBindIommufd> = undefined;

/** Detaches a device, or a PASID of it, from its address space. */
export interface VfioDeviceDetachIommufdPt {
  /** Bytes allocated; at least 8, and 12 with VFIO_DEVICE_DETACH_PASID. */
  argsz: number;
  /** Whether to detach the device or a PASID. Flags of vfio_device_detach_iommufd_pt_flags. */
  flags: number;
  /** The process address space id, 0 to 2^20-1; used only with VFIO_DEVICE_DETACH_PASID. */
  pasid?: number;
}

export const vfio_device_detach_iommufd_pt: Named<VfioDeviceDetachIommufdPt> = undefined;
