import type { Device } from '../../iommu/device.js';
import type { Group } from '../../iommu/group.js';
import type { FakePciDevice } from './function.js';

/** A function where it is plugged in, as its IOMMU needs to know it. */
export interface PciPlace {
  /** The function. */
  readonly pci: FakePciDevice;
  /** Bus in the upper 8 bits, slot in the next 5, function in the lower 3. */
  readonly requesterId: number;
  /** Its IOMMU group: a new one, or one that has other functions. @internal */
  readonly group: Group;
}

/** An IOMMU in sysfs. */
export interface ShownIommu {
  readonly name: string;
  /** The directory of its driver, and what is in it. */
  readonly driver: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What puts PCI functions behind an IOMMU. */
export interface PciIommu {
  /** How it is shown in `/sys/class/iommu`, if it is. @internal */
  readonly shown?: ShownIommu;
  /** Makes the device through which a function does its DMA. @internal */
  addFunction(place: PciPlace): Device;
  /** The function is not there any more. @internal */
  removeFunction?(device: Device): void;
}
