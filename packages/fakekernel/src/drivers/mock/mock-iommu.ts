import type { PciIommu } from '../../hardware/pci/pci-iommu.js';
import { MockDevice } from './mock-device.js';

/** Puts PCI functions behind the mock driver's IOMMU. */
export const mockIommu: PciIommu = {
  addFunction: ({ pci, group }) => new MockDevice({ pci, group }),
};
