// Written by `pnpm compile` from device-info.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';
import type { VfioInfoCapHeader } from '../vfio/info-cap.generated.js';

/** Describes a device. Capabilities follow the struct if argsz has room for them. */
export interface VfioDeviceInfo {
  /** (inout) Bytes allocated, at least 16; on return, the size of struct and capabilities. */
  argsz: number;
  /** (out) Kind and capabilities. Flags of vfio_device_info_flags. */
  flags: number;
  /** (out) Number of region indexes, from 0. */
  num_regions: number;
  /** (out) Number of interrupt indexes, from 0. */
  num_irqs: number;
  /** (out) Offset of the first capability, in bytes from the start of the struct; 0 if none is present. */
  cap_offset?: number;
  /** Must be zero. */
  pad?: number;
}

export const vfio_device_info: Named<VfioDeviceInfo> = undefined;

/** The PCIe AtomicOps of the device that the root port completes. */
export interface VfioDeviceInfoCapPciAtomicComp {
  /** (out) The id is VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP, the version 1. */
  header: VfioInfoCapHeader;
  /** (out) Their widths. Flags of vfio_pci_atomic_comp_flags. */
  flags: number;
  /** Must be zero. */
  reserved: number;
}

export const vfio_device_info_cap_pci_atomic_comp: Named<VfioDeviceInfoCapPciAtomicComp> = undefined;
