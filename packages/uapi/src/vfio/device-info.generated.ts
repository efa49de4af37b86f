// Written by `pnpm compile` from device-info.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';
import type { VfioInfoCapHeader } from '../vfio/info-cap.generated.js';

/** Describes a device; capabilities follow the struct where argsz leaves room for them. */
export interface VfioDeviceInfo {
  /** (inout) Bytes allocated, at least 16; on return, what struct and capabilities take. */
  argsz: number;
  /** (out) Kind and abilities. Flags of vfio_device_info_flags. */
  flags: number;
  /** (out) Indexes of regions go from 0 to below this. */
  num_regions: number;
  /** (out) Indexes of interrupts go from 0 to below this. */
  num_irqs: number;
  /** (out) Where the first capability begins, in bytes from the start of the struct; 0 if none is there. */
  cap_offset?: number;
  /** Must be zero. */
  pad?: number;
}

export const vfio_device_info: Named<VfioDeviceInfo> = undefined;

/** Which PCIe AtomicOps of the device the root port completes. */
export interface VfioDeviceInfoCapPciAtomicComp {
  /** (out) The id is VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP, the version 1. */
  header: VfioInfoCapHeader;
  /** (out) Their widths. Flags of vfio_pci_atomic_comp_flags. */
  flags: number;
  /** Must be zero. */
  reserved: number;
}

export const vfio_device_info_cap_pci_atomic_comp: Named<VfioDeviceInfoCapPciAtomicComp> = undefined;
