/** Regions of a PCI function, and their offsets in the file: `linux/vfio.h` and `linux/vfio_pci_core.h`. */
import { vfio_pci_region_index } from '@iommufd/uapi';

export { VFIO_PCI_NUM_REGIONS } from '@iommufd/uapi';
export const { VFIO_PCI_CONFIG_REGION_INDEX, VFIO_PCI_ROM_REGION_INDEX, VFIO_PCI_VGA_REGION_INDEX } =
  vfio_pci_region_index;

/** `VFIO_PCI_OFFSET_SHIFT`: the region is encoded in the upper bits of the file offset. */
export const VFIO_PCI_OFFSET_SHIFT = 40n;
