/** A PCI function as a program sees it through VFIO: its registers. */
export interface PciFunction {
  /** Bytes of its configuration space: 256, or 4096 with PCI Express. */
  readonly configSize: number;
  /** Can it be reset? */
  readonly canReset: boolean;
  /** Bytes of a BAR; 0 for one that is not there. */
  barSize(bar: number): number;
  /** Reads configuration space. What is asked for is inside it. */
  readConfig(offset: number, length: number): Uint8Array;
  /** Writes configuration space. What is not writable stays as it is. */
  writeConfig(offset: number, bytes: Uint8Array): void;
  /** Reads registers. What is asked for is inside the BAR. @returns undefined if they do not answer */
  readBar(bar: number, offset: number, length: number): Uint8Array | undefined;
  /** Writes registers. @returns false if they do not answer */
  writeBar(bar: number, offset: number, bytes: Uint8Array): boolean;
  /** A program has bound it: it may not do DMA until bus mastering is enabled. */
  opened(): void;
}
