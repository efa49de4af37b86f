/**
 * The interface of an IOMMU driver: the operations of Linux's `struct iommu_ops`, `iommufd_viommu_ops` and related structs. The
 * mock driver and the SMMUv3 driver implement it, `iommufd/` calls it. Failures are thrown as `Errno`. If a driver lacks an
 * optional method, it does not support that operation.
 */
import type { Extent } from '../process/memory-object.js';
import type { Device } from './device.js';
import type { Domain, NestedDomain, PagingDomain } from './domain.js';
import type { UserArray, UserData } from './user-data.js';
import type { HwQueueCore, VdeviceCore, ViommuCore } from './viommu.js';

/** The capabilities of a device's IOMMU: `device_iommu_capable()`. */
export interface Capabilities {
  /** True if DMA is coherent with CPU caches. If false, binding fails with EINVAL. */
  readonly cacheCoherency: boolean;
  readonly dirtyTracking: boolean;
  /** True if a domain can ignore no-snoop requests. */
  readonly enforceCacheCoherency: boolean;
  readonly ats: boolean;
  /**
   * True if the device's writes can only cause its own interrupts (`msi_device_has_isolated_msi()`). If false, binding fails with
   * EPERM.
   */
  readonly isolatedMsi: boolean;
}

/** The hardware info of a driver: IOMMU_GET_HW_INFO. */
export interface HardwareInfo {
  /** One of `iommu_hw_info_type`. */
  readonly type: number;
  readonly data: Uint8Array;
}

/** The driver's part of a virtual IOMMU: `struct iommufd_viommu_ops`. */
export interface ViommuDriver {
  /** Called when the virtual IOMMU is destroyed. */
  destroy?(): void;
  /** `alloc_domain_nested()`. @throws Errno */
  allocNested?(flags: number, data: UserData): NestedDomain;
  /** `cache_invalidate()`: sets `array.done` to the number of handled entries, also if it throws. */
  invalidate?(array: UserArray): void;
  /** `vdevice_init()`. @throws Errno to refuse the vDEVICE */
  addVdevice?(vdevice: VdeviceCore): void;
  /** True if it supports hardware queues of this type. */
  hasQueues?(type: number): boolean;
  /** `hw_queue_init_phys()`. @throws Errno */
  addQueue?(queue: HwQueueCore, index: number, memory: Extent): HwQueueDriver;
}

/** The driver's part of a hardware queue. */
export interface HwQueueDriver {
  destroy(): void;
}

/** Receives the log messages of a driver: `dev_printk()`. */
export interface DriverLog {
  /** Receives a line. */
  log(message: string): void;
}

/** A driver of an IOMMU. */
export interface IommuDriver {
  readonly name: string;
  /** True if user space manages the PASID table: faults of unknown PASIDs then belong to the device's own domain. */
  readonly userPasidTable: boolean;
  capabilities(device: Device): Capabilities;
  /** @param type the requested type; 0 for the default */
  hardwareInfo?(device: Device, type: number): HardwareInfo;
  /** @param data undefined if the caller passes no data */
  allocPaging(device: Device, flags: number, data: UserData | undefined): PagingDomain;
  allocNested?(device: Device, parent: PagingDomain, flags: number, data: UserData): NestedDomain;
  /** `get_viommu_size()`: true if it supports a virtual IOMMU of this type for the device. */
  hasViommu?(device: Device, type: number): boolean;
  allocViommu?(
    viommu: ViommuCore,
    device: Device,
    parent: PagingDomain,
    data: UserData | undefined,
  ): ViommuDriver;
  /** Attaches the blocking domain: all DMA of the device is aborted. */
  block(device: Device): void;
  /** Attaches the blocking domain to a PASID. */
  blockPasid(device: Device, pasid: number, old: Domain): void;
}
