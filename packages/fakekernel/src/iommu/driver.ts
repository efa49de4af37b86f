import type { Extent } from '../process/memory-object.js';
import type { Device } from './device.js';
import type { Domain, NestedDomain, PagingDomain } from './domain.js';
import type { UserArray, UserData } from './user-data.js';
import type { HwQueueCore, VdeviceCore, ViommuCore } from './viommu.js';

/** What a device's IOMMU can do. */
export interface Capabilities {
  /** DMA sees what the CPU's caches hold: without it no device can be bound. */
  readonly cacheCoherency: boolean;
  readonly dirtyTracking: boolean;
  /** It can be made to ignore requests to bypass the caches. */
  readonly enforceCacheCoherency: boolean;
  readonly ats: boolean;
}

/** What a driver tells of its hardware. */
export interface HardwareInfo {
  /** Of `iommu_hw_info_type`. */
  readonly type: number;
  readonly data: Uint8Array;
}

/** What a driver makes of a virtual IOMMU. */
export interface ViommuDriver {
  /** The virtual IOMMU goes. */
  destroy?(): void;
  /** Makes a user-managed page table. @throws Errno */
  allocNested?(flags: number, data: UserData): NestedDomain;
  /** Invalidates caches; sets `array.done`, whether or not it throws. */
  invalidate?(array: UserArray): void;
  /** A device gets its id. @throws Errno to refuse it */
  addVdevice?(vdevice: VdeviceCore): void;
  /** Does it have queues of this type? */
  hasQueues?(type: number): boolean;
  /** Lets hardware read a queue. @throws Errno */
  addQueue?(queue: HwQueueCore, index: number, memory: Extent): HwQueueDriver;
}

/** What a driver makes of a hardware queue. */
export interface HwQueueDriver {
  destroy(): void;
}

/** Takes what a driver has to say: `dev_printk()`. */
export interface DriverLog {
  /** Takes a line of it. */
  log(message: string): void;
}

/** A driver of an IOMMU: what the layers above ask of it, and no more. Failures are thrown as Errno. */
export interface IommuDriver {
  readonly name: string;
  /** User space manages the PASID table, so faults of unknown PASIDs belong to the device's own domain. */
  readonly userPasidTable: boolean;
  capabilities(device: Device): Capabilities;
  /** @param type what is asked for; 0 for whatever there is */
  hardwareInfo?(device: Device, type: number): HardwareInfo;
  /** @param data undefined if the caller gave none */
  allocPaging(device: Device, flags: number, data: UserData | undefined): PagingDomain;
  allocNested?(device: Device, parent: PagingDomain, flags: number, data: UserData): NestedDomain;
  /** Can it make a virtual IOMMU of this type for the device? */
  hasViommu?(device: Device, type: number): boolean;
  allocViommu?(
    viommu: ViommuCore,
    device: Device,
    parent: PagingDomain,
    data: UserData | undefined,
  ): ViommuDriver;
  /** Lets the device do nothing. */
  block(device: Device): void;
  /** Lets a PASID of the device do nothing. */
  blockPasid(device: Device, pasid: number, old: Domain): void;
}
