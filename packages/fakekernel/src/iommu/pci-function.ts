import type { Device } from './device.js';

/** A PCI function made by `createDevice`. */
export interface PciEndpoint {
  /** Connects it to its IOMMU: its DMA uses the given device. @internal */
  connect(device: Device): void;
  /** True if it is a virtual function. @internal */
  readonly isVirtual: boolean;
  /**
   * `pci_pri_supported()`: true if it can request pages. A virtual function uses the capability of its physical function.
   * @internal
   */
  readonly hasPageRequests: boolean;
}

/**
 * A PCI function that a test implements itself: its configuration space and BARs, which VFIO exposes to programs. A function made
 * by `createDevice` has capabilities, interrupts and mappings too.
 */
export interface PciFunction {
  /** Size of its configuration space in bytes: 256, or 4096 with PCI Express. */
  readonly configSize: number;
  /** True if it can be reset. */
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
