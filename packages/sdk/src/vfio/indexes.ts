/** Names of the regions and interrupts of a PCI device, and the kernel's indexes. */

/** Regions: `vfio_pci_region_index`. */
export const regionIndexes = {
  bar0: 0,
  bar1: 1,
  bar2: 2,
  bar3: 3,
  bar4: 4,
  bar5: 5,
  rom: 6,
  config: 7,
  vga: 8,
} as const;

/** A region of a PCI device. */
export type RegionName = keyof typeof regionIndexes;

/** Interrupts: `vfio_pci_irq_index`. */
export const irqIndexes = { intx: 0, msi: 1, msix: 2, error: 3, request: 4 } as const;

/**
 * A kind of interrupt: the line (`intx`), messages (`msi`, `msix`), an error of the device (`error`), and the host's request to close
 * the device (`request`).
 */
export type InterruptKind = keyof typeof irqIndexes;

/** Kinds with several vectors. */
export type MessageKind = 'msi' | 'msix';
