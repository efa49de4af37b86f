/**
 * Hardware page tables: `struct iommufd_hw_pagetable` of Linux's `drivers/iommu/iommufd/hw_pagetable.c`. A {@link HwptPaging}
 * maps an IOAS. A {@link HwptNested} is managed by the user, on top of a nest parent. `hwpt-alloc.ts` allocates them for an
 * ioctl, `attach.ts` allocates automatic ones for an IOAS.
 */
import { iommufd_hwpt_alloc_flags } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { Device } from '../iommu/device.js';
import type { Domain, NestedDomain, PagingDomain } from '../iommu/domain.js';
import type { UserData } from '../iommu/user-data.js';
import { allocate } from '../process/failure-points.js';
import type { MemoryObject } from '../process/memory-object.js';
import type { Features } from '../versions/kernel-version.js';
import type { IommufdContext } from './context.js';
import type { FaultQueue } from './fault-queue.js';
import type { Ioas } from './ioas.js';
import { IommufdObject } from './object.js';
import { swMsi } from './sw-msi.js';
import type { Viommu } from './viommu.js';
import { restorable } from '../lib/restorable.js';
import type { FaultGroup } from '../iommu/page-fault.js';

const {
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
  IOMMU_HWPT_ALLOC_NEST_PARENT,
  IOMMU_HWPT_ALLOC_PASID,
  IOMMU_HWPT_FAULT_ID_VALID,
} = iommufd_hwpt_alloc_flags;

/** The callback `swMsi` of a domain: {@link swMsi} of its page table. */
const showsDoorbells = restorable(
  'HwptPaging.swMsi',
  (hwpt: HwptPaging) => (device: Device, page: MemoryObject) => swMsi(hwpt, device, page),
);

/** The valid flags of a paging HWPT. */
const knownFlags = (features: Features): number =>
  IOMMU_HWPT_ALLOC_NEST_PARENT |
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING |
  (features.IOMMU_HWPT_FAULT_ID_VALID ? IOMMU_HWPT_FAULT_ID_VALID : 0) |
  (features.IOMMU_HWPT_ALLOC_PASID ? IOMMU_HWPT_ALLOC_PASID : 0);

/** The fault handler of a domain: delivers page faults to a queue. */
const deliversTo = restorable(
  'FaultQueue.deliver',
  (queue: FaultQueue) => (group: FaultGroup) => queue.deliver(group),
);

/** A hardware page table: a domain with an id. */
export abstract class Hwpt extends IommufdObject {
  readonly kind = 'hwpt';
  abstract readonly domain: Domain;
  /** True if made with IOMMU_HWPT_ALLOC_PASID: PASIDs, and devices with attached PASIDs, may be attached to it. */
  readonly forPasid: boolean;
  /** The queue for page faults of attached devices. */
  faults: FaultQueue | undefined;

  constructor(flags: number) {
    super();
    this.forPasid = (flags & IOMMU_HWPT_ALLOC_PASID) !== 0;
  }

  /** Sends page faults to a queue. */
  takeFaults(queue: FaultQueue): void {
    queue.get();
    this.faults = queue;
    this.domain.faultHandler = deliversTo(queue);
  }

  protected freeDomain(): void {
    this.domain.free();
    this.faults?.put();
  }
}

/** A page table that the kernel fills from an IOAS. */
export class HwptPaging extends Hwpt {
  /** `auto_domain`: true if created by attaching a device to an IOAS. It is destroyed when its last device is detached. */
  isAutomatic = false;
  readonly isNestParent: boolean;
  /** The doorbells that it maps, with their IOVAs: `present_sw_msi`. */
  readonly doorbells = new Map<MemoryObject, bigint>();

  private constructor(
    readonly ioas: Ioas,
    readonly domain: PagingDomain,
    flags: number,
    /** True if it ignores no-snoop requests of attached devices. */
    readonly enforcesCoherency: boolean,
  ) {
    super(flags);
    ioas.get();
    domain.swMsi = showsDoorbells(this);
    this.isNestParent = (flags & IOMMU_HWPT_ALLOC_NEST_PARENT) !== 0;
  }

  /** `iommufd_hwpt_paging_alloc()`: creates an empty page table for a device. @throws EOPNOTSUPP; Errno of the driver */
  static alloc(ioas: Ioas, device: Device, flags: number, data: UserData | undefined): HwptPaging {
    const { driver, features } = device;
    if ((flags & ~knownFlags(features)) !== 0) throw fail('EOPNOTSUPP');
    const { dirtyTracking, enforceCacheCoherency } = driver.capabilities(device);
    if ((flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING) !== 0 && !dirtyTracking) throw fail('EOPNOTSUPP');
    if ((flags & IOMMU_HWPT_FAULT_ID_VALID) !== 0 && (flags & IOMMU_HWPT_ALLOC_NEST_PARENT) !== 0) {
      throw fail('EOPNOTSUPP');
    }
    allocate('domain_alloc_paging_flags()');
    const domain = driver.allocPaging(device, flags & ~IOMMU_HWPT_FAULT_ID_VALID, data);
    return new HwptPaging(ioas, domain, flags, enforceCacheCoherency);
  }

  /** Maps all areas of the IOAS. @throws EADDRINUSE | EINVAL | EFAULT | ENOMEM */
  fill(): void {
    this.ioas.table.addDomain(this.domain);
    this.ioas.hwpts.push(this);
  }

  override destroy(): void {
    const index = this.ioas.hwpts.indexOf(this);
    if (index !== -1) {
      this.ioas.hwpts.splice(index, 1);
      this.ioas.table.removeDomain(this.domain);
    }
    this.freeDomain();
    this.ioas.put();
  }
}

/** A page table that the user manages, on a nest parent or a virtual IOMMU. */
export class HwptNested extends Hwpt {
  constructor(
    readonly domain: NestedDomain,
    readonly parent: HwptPaging,
    /** The virtual IOMMU on which it was allocated; undefined if it was allocated directly on the parent. */
    readonly viommu: Viommu | undefined,
    flags: number,
  ) {
    super(flags);
    (viommu ?? parent).get();
    domain.swMsi = showsDoorbells(parent);
  }

  override destroy(): void {
    this.freeDomain();
    (this.viommu ?? this.parent).put();
  }
}

/** `find_hwpt_paging()`: the paging HWPT itself, or the parent of a nested one. */
export function pagingOf(hwpt: Hwpt): HwptPaging | undefined {
  if (hwpt instanceof HwptPaging) return hwpt;
  return hwpt instanceof HwptNested ? hwpt.parent : undefined;
}

/** `iommufd_hw_pagetable_put()`: puts a device's reference. With the last one, an automatic page table is destroyed. */
export function putHwpt({ objects }: IommufdContext, hwpt: Hwpt): void {
  if (hwpt instanceof HwptPaging && hwpt.isAutomatic) objects.putAndDestroy(hwpt);
  else hwpt.put();
}
