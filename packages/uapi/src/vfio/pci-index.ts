import { enumeration } from '../struct/enumeration.js';

/** Indexes of the regions of a PCI device. C has them in an enum without a tag. Source: `linux/vfio.h`. */
export const vfio_pci_region_index = enumeration(
  'vfio_pci_region_index',
  'Regions of a PCI device. A region that a device does not have has size 0.',
  {
    VFIO_PCI_BAR0_REGION_INDEX: [0, 'BAR 0.'],
    VFIO_PCI_BAR1_REGION_INDEX: [1, 'BAR 1; absent if BAR 0 has 64 bits.'],
    VFIO_PCI_BAR2_REGION_INDEX: [2, 'BAR 2.'],
    VFIO_PCI_BAR3_REGION_INDEX: [3, 'BAR 3; absent if BAR 2 has 64 bits.'],
    VFIO_PCI_BAR4_REGION_INDEX: [4, 'BAR 4.'],
    VFIO_PCI_BAR5_REGION_INDEX: [5, 'BAR 5; absent if BAR 4 has 64 bits.'],
    VFIO_PCI_ROM_REGION_INDEX: [6, 'The expansion ROM.'],
    VFIO_PCI_CONFIG_REGION_INDEX: [7, 'Configuration space: 256 bytes, or 4096 bytes for PCI Express.'],
    VFIO_PCI_VGA_REGION_INDEX: [
      8,
      'Ports 0x3b0 to 0x3bb and 0x3c0 to 0x3df and memory 0xa0000 to 0xbffff, each at its own address in the region.',
    ],
  },
);

/** Number of regions of every PCI device. Higher indexes are specific to a driver. Source: `linux/vfio.h`. */
export const VFIO_PCI_NUM_REGIONS = 9;

/** Indexes of the interrupts of a PCI device. C has them in an enum without a tag. Source: `linux/vfio.h`. */
export const vfio_pci_irq_index = enumeration(
  'vfio_pci_irq_index',
  'Kinds of interrupt of a PCI device. A kind that a device does not have has a count of 0.',
  {
    VFIO_PCI_INTX_IRQ_INDEX: [0, 'The interrupt line: level-triggered, masked whenever it fires.'],
    VFIO_PCI_MSI_IRQ_INDEX: [1, 'Message-signalled interrupts.'],
    VFIO_PCI_MSIX_IRQ_INDEX: [2, 'Message-signalled interrupts with a table in a BAR.'],
    VFIO_PCI_ERR_IRQ_INDEX: [3, 'The device has reported an uncorrectable error.'],
    VFIO_PCI_REQ_IRQ_INDEX: [4, 'The host requests the device back; the user should close it.'],
  },
);

/** Number of kinds of interrupt of every PCI device. Source: `linux/vfio.h`. */
export const VFIO_PCI_NUM_IRQS = 5;
