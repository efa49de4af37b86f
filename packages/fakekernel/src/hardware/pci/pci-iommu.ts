import type { Device } from '../../iommu/device.js';
import type { Group } from '../../iommu/group.js';
import type { FakePciDevice } from './function.js';

/** A plugged function, for its IOMMU. */
export interface PciPlace {
  /** The function. */
  readonly pci: FakePciDevice;
  /** Its requester ID: bus in the upper 8 bits, slot in the next 5, function in the lower 3. */
  readonly requesterId: number;
  /** Of a virtual function: the requester ID of its physical function. */
  readonly physicalRequesterId?: number;
  /** Its IOMMU group, which is new or already has other functions. @internal */
  readonly group: Group;
}

/** An IOMMU in sysfs. */
export interface ShownIommu {
  readonly name: string;
  /** The name of its driver's directory, and the attributes in it. */
  readonly driver: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** An IOMMU for PCI functions. */
export interface PciIommu {
  /** Its description in `/sys/class/iommu`; undefined if it is not listed there. @internal */
  readonly shown?: ShownIommu;
  /** Creates the device that does the DMA of a function. @internal */
  addFunction(place: PciPlace): Device;
  /** Removes a device that {@link addFunction} has created. @internal */
  removeFunction?(device: Device): void;
}
