/**
 * The interface between drivers and virtual IOMMUs, vDEVICEs and hardware queues: the part of Linux's `include/linux/iommufd.h`
 * and `iommufd/driver.c` that drivers call. `iommufd/` implements it.
 */

import type { LocalMemory } from '../process/memory-object.js';
import type { Device } from './device.js';
import type { PagingDomain } from './domain.js';

/** Pages of a driver that user space can map. */
export interface MappedPages {
  /** The offset that the user passes to `mmap()`. */
  readonly offset: bigint;
  readonly memory: LocalMemory;
}

/** A virtual IOMMU: `struct iommufd_viommu`. */
export interface ViommuCore {
  /** The domain of its nest parent. */
  readonly parentDomain: PagingDomain;
  /** `iommufd_viommu_get_vdev_id()`: the virtual id of a device; undefined if it has none on this virtual IOMMU. */
  virtualIdOf(device: Device): bigint | undefined;
  /** `iommufd_viommu_find_dev()`: the device with a virtual id. */
  deviceOf(virtualId: bigint): Device | undefined;
  /** True if it has a vEVENTQ of this type. */
  hasQueue(type: number): boolean;
  /** `iommufd_viommu_report_event()`: queues an event. @throws EOPNOTSUPP if it has no vEVENTQ of this type */
  report(type: number, data: Uint8Array): void;
  /** `iommufd_viommu_alloc_mmap()`: allocates zeroed pages for the driver, which user space can map. */
  addMmap(pages: number): MappedPages;
  removeMmap(offset: bigint): void;
}

/** A device with a virtual id on a virtual IOMMU: `struct iommufd_vdevice`. */
export interface VdeviceCore {
  readonly device: Device;
  readonly virtualId: bigint;
}

/** A queue that hardware reads from the guest's memory: `struct iommufd_hw_queue`. */
export interface HwQueueCore {
  /** `iommufd_hw_queue_depend()`: records that another queue depends on it, which prevents its destruction. */
  depend(): void;
  undepend(): void;
}
