/**
 * What drivers see of a virtual IOMMU, of the devices that have an id on it, and of its hardware queues: the part of
 * Linux's `include/linux/iommufd.h` and `iommufd/driver.c` that they need. `iommufd/` implements it.
 */

import type { MemoryObject } from '../process/memory-object.js';
import type { Device } from './device.js';
import type { PagingDomain } from './domain.js';

/** A virtual IOMMU: `struct iommufd_viommu`. */
export interface ViommuCore {
  /** The domain of its nest parent. */
  readonly parentDomain: PagingDomain;
  /** `iommufd_viommu_get_vdev_id()`: the virtual id of a device; undefined if it has none. */
  virtualIdOf(device: Device): bigint | undefined;
  /** `iommufd_viommu_find_dev()`: the device of a virtual id. */
  deviceOf(virtualId: bigint): Device | undefined;
  /** Is there a queue for events of this type? */
  hasQueue(type: number): boolean;
  /** `iommufd_viommu_report_event()`: hands an event to the queue of its type. @throws EOPNOTSUPP if there is none */
  report(type: number, data: Uint8Array): void;
  /**
   * `iommufd_viommu_alloc_mmap()`: lets the user map pages of the driver's.
   * @returns the offset that the user passes to `mmap()`
   */
  addMmap(memory: MemoryObject): bigint;
  removeMmap(offset: bigint): void;
}

/** A device with an id on a virtual IOMMU: `struct iommufd_vdevice`. */
export interface VdeviceCore {
  readonly device: Device;
  readonly virtualId: bigint;
}

/** A queue that hardware reads from the guest's memory: `struct iommufd_hw_queue`. */
export interface HwQueueCore {
  /** `iommufd_hw_queue_depend()`: another one stands on it, so that it cannot be destroyed. */
  depend(): void;
  undepend(): void;
}
