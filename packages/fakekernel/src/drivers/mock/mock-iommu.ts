import type { PciIommu } from '../../hardware/pci/pci-iommu.js';
import { constant } from '../../lib/restorable.js';
import { MockDevice } from './mock-device.js';

/** The mock driver's IOMMU for PCI functions. */
export const mockIommu = constant<PciIommu>('mockIommu', {
  addFunction: ({ pci, group }) => new MockDevice({ pci, group }),
});
