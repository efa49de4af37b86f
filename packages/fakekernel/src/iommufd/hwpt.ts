import { iommufd_hwpt_alloc_flags } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { Device } from '../iommu/device.js';
import type { Domain, NestedDomain, PagingDomain } from '../iommu/domain.js';
import type { UserData } from '../iommu/user-data.js';
import type { IommufdContext } from './context.js';
import type { FaultQueue } from './fault-queue.js';
import type { Ioas } from './ioas.js';
import { IommufdObject } from './object.js';
import type { Viommu } from './viommu.js';

const {
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
  IOMMU_HWPT_ALLOC_NEST_PARENT,
  IOMMU_HWPT_ALLOC_PASID,
  IOMMU_HWPT_FAULT_ID_VALID,
} = iommufd_hwpt_alloc_flags;

const KNOWN_FLAGS =
  IOMMU_HWPT_ALLOC_NEST_PARENT |
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING |
  IOMMU_HWPT_FAULT_ID_VALID |
  IOMMU_HWPT_ALLOC_PASID;

/** A hardware page table: a domain with an id. */
export abstract class Hwpt extends IommufdObject {
  readonly kind = 'hwpt';
  abstract readonly domain: Domain;
  /** It may be used together with PASIDs. */
  readonly forPasid: boolean;
  /** Where page faults of devices on it go. */
  faults: FaultQueue | undefined;

  constructor(flags: number) {
    super();
    this.forPasid = (flags & IOMMU_HWPT_ALLOC_PASID) !== 0;
  }

  /** Sends page faults to a queue. */
  takeFaults(queue: FaultQueue): void {
    queue.get();
    this.faults = queue;
    this.domain.faultHandler = (group) => queue.deliver(group);
  }

  protected freeDomain(): void {
    this.domain.free();
    this.faults?.put();
  }
}

/** A page table that the kernel fills from an IOAS. */
export class HwptPaging extends Hwpt {
  /** Made by attaching a device to an IOAS: it goes with the last device. */
  isAutomatic = false;
  readonly isNestParent: boolean;

  private constructor(
    readonly ioas: Ioas,
    readonly domain: PagingDomain,
    flags: number,
    /** Devices on it cannot bypass the CPU's caches. */
    readonly enforcesCoherency: boolean,
  ) {
    super(flags);
    ioas.get();
    this.isNestParent = (flags & IOMMU_HWPT_ALLOC_NEST_PARENT) !== 0;
  }

  /** Makes a page table for a device. It shows nothing yet. @throws EOPNOTSUPP; Errno of the driver */
  static alloc(ioas: Ioas, device: Device, flags: number, data: UserData | undefined): HwptPaging {
    const { driver } = device;
    if ((flags & ~KNOWN_FLAGS) !== 0) throw fail('EOPNOTSUPP');
    const { dirtyTracking, enforceCacheCoherency } = driver.capabilities(device);
    if ((flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING) !== 0 && !dirtyTracking) throw fail('EOPNOTSUPP');
    if ((flags & IOMMU_HWPT_FAULT_ID_VALID) !== 0 && (flags & IOMMU_HWPT_ALLOC_NEST_PARENT) !== 0) {
      throw fail('EOPNOTSUPP');
    }
    const domain = driver.allocPaging(device, flags & ~IOMMU_HWPT_FAULT_ID_VALID, data);
    return new HwptPaging(ioas, domain, flags, enforceCacheCoherency);
  }

  /** Shows what the IOAS maps. @throws EADDRINUSE | EINVAL | EFAULT | ENOMEM */
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
    /** The virtual IOMMU that it was made on, if it was. */
    readonly viommu: Viommu | undefined,
    flags: number,
  ) {
    super(flags);
    (viommu ?? parent).get();
  }

  override destroy(): void {
    this.freeDomain();
    (this.viommu ?? this.parent).put();
  }
}

/** The page table whose IOAS a page table shows: itself, or the parent of a nested one on a virtual IOMMU. */
export function pagingOf(hwpt: Hwpt): HwptPaging | undefined {
  if (hwpt instanceof HwptPaging) return hwpt;
  return hwpt instanceof HwptNested ? hwpt.parent : undefined;
}

/** Gives back a device's reference; a page table that was made automatically goes with the last one. */
export function putHwpt({ objects }: IommufdContext, hwpt: Hwpt): void {
  if (hwpt instanceof HwptPaging && hwpt.isAutomatic) objects.putAndDestroy(hwpt);
  else hwpt.put();
}
