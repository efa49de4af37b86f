// Written by `pnpm compile` from pci-hot-reset.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** A device that a hot reset would reset too. */
export interface VfioPciDependentDevice {
  /** (out) With VFIO_PCI_HOT_RESET_FLAG_DEV_ID, its id in the iommufd, VFIO_PCI_DEVID_OWNED or VFIO_PCI_DEVID_NOT_OWNED; otherwise the number of its IOMMU group. */
  group_id: number;
  /** (out) With VFIO_PCI_HOT_RESET_FLAG_DEV_ID, its id in the iommufd, VFIO_PCI_DEVID_OWNED or VFIO_PCI_DEVID_NOT_OWNED; otherwise the number of its IOMMU group. */
  devid: number;
  /** (out) PCI segment, also called domain. */
  segment: number;
  /** (out) Bus. */
  bus: number;
  /** (out) Slot in the upper five bits, function in the lower three. */
  devfn: number;
}

export const vfio_pci_dependent_device: Named<VfioPciDependentDevice> = undefined;

/** Resets the slot or bus of a device. */
export interface VfioPciHotReset {
  /** Bytes allocated, at least 12 plus 4 for each file descriptor. */
  argsz: number;
  /** No flags are defined: 0. */
  flags: number;
  /** Number of file descriptors that follow; 0 if the device was opened as a cdev. */
  count: number;
  /** File descriptors of the groups of all devices that are reset, which prove that the caller owns them. */
  group_fds: number[];
}

export const vfio_pci_hot_reset: Named<VfioPciHotReset> = undefined;

/** Lists the devices that a hot reset would reset. */
export interface VfioPciHotResetInfo {
  /** Bytes allocated, at least 12 plus 8 for each device. */
  argsz: number;
  /** (out) How the devices are identified. Flags of vfio_pci_hot_reset_info_flags. */
  flags: number;
  /** (out) Number of devices, also if argsz has no room for them. */
  count: number;
  /** (out) The devices, including the caller's own. */
  devices: VfioPciDependentDevice[];
}

export const vfio_pci_hot_reset_info: Named<VfioPciHotResetInfo> = undefined;
