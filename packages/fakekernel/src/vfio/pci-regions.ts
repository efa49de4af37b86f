/** Regions of a PCI function: six BARs, the ROM, configuration space, VGA. Source: `linux/vfio.h`. */
export const VFIO_PCI_ROM_REGION_INDEX = 6;
export const VFIO_PCI_CONFIG_REGION_INDEX = 7;
export const VFIO_PCI_VGA_REGION_INDEX = 8;
export const VFIO_PCI_NUM_REGIONS = 9;

/** `VFIO_PCI_OFFSET_SHIFT`: the region is encoded in the upper bits of the file offset. Source: `linux/vfio_pci_core.h`. */
export const VFIO_PCI_OFFSET_SHIFT = 40n;
