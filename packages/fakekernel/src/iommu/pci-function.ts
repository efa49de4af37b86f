import type { Device } from './device.js';

/** A PCI function that `createDevice` made. */
export interface PciEndpoint {
  /** Puts it behind an IOMMU: its DMA goes through this device. @internal */
  connect(device: Device): void;
  /** Is it a virtual function? @internal */
  readonly isVirtual: boolean;
  /** `pci_pri_supported()`: can it request pages? A virtual function shares what the physical one has. @internal */
  readonly hasPageRequests: boolean;
}

/**
 * The configuration space and BARs of a PCI function, which VFIO exposes to programs, as a test gives them by hand. `createDevice`
 * makes a function that has capabilities, interrupts and mappings as well.
 */
export interface PciFunction {
  /** Size of its configuration space in bytes: 256, or 4096 with PCI Express. */
  readonly configSize: number;
  /** Can it be reset? */
  readonly canReset: boolean;
  /** Size of a BAR in bytes; 0 if it is not implemented. */
  barSize(bar: number): number;
  /** Reads configuration space. The caller has checked the range. */
  readConfig(offset: number, length: number): Uint8Array;
  /** Writes configuration space. Read-only bits keep their value. */
  writeConfig(offset: number, bytes: Uint8Array): void;
  /** Reads a BAR. The caller has checked the range. @returns undefined if memory decoding is disabled */
  readBar(bar: number, offset: number, length: number): Uint8Array | undefined;
  /** Writes a BAR. @returns false if memory decoding is disabled */
  writeBar(bar: number, offset: number, bytes: Uint8Array): boolean;
  /** Called when a program binds the device: bus mastering is disabled until the program enables it. */
  opened(): void;
}
