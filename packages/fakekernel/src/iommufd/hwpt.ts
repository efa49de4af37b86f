import { IOMMU_HWPT_ALLOC, iommu_hwpt_data_type, iommufd_hwpt_alloc_flags } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { Domain, NestedDomain, PagingDomain } from '../iommu/domain.js';
import { UserData } from '../iommu/user-data.js';
import { command, making } from './command.js';
import type { IommufdContext } from './context.js';
import { IommufdDevice } from './device.js';
import { FaultQueue } from './fault-queue.js';
import { Ioas } from './ioas.js';
import { IommufdObject } from './object.js';
import { Viommu } from './viommu.js';

const {
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
  IOMMU_HWPT_ALLOC_NEST_PARENT,
  IOMMU_HWPT_ALLOC_PASID,
  IOMMU_HWPT_FAULT_ID_VALID,
} = iommufd_hwpt_alloc_flags;

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

/** What happens while a page table is made, before anybody can see it. */
interface Making {
  /** Called before the page table is filled. */
  readonly attachFirst?: (hwpt: HwptPaging) => void;
  /** Undoes `attachFirst`. */
  readonly detach?: () => void;
  /** Called last; the page table is given up if it throws. */
  readonly finish: (hwpt: HwptPaging) => void;
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

  /** Makes a page table for a device and fills it. */
  static make(
    context: IommufdContext,
    ioas: Ioas,
    device: IommufdDevice,
    flags: number,
    data: UserData | undefined,
    { attachFirst, detach, finish }: Making,
  ): HwptPaging {
    const { driver } = device.device;
    const known =
      IOMMU_HWPT_ALLOC_NEST_PARENT |
      IOMMU_HWPT_ALLOC_DIRTY_TRACKING |
      IOMMU_HWPT_FAULT_ID_VALID |
      IOMMU_HWPT_ALLOC_PASID;
    if ((flags & ~known) !== 0) throw fail('EOPNOTSUPP');
    const { dirtyTracking, enforceCacheCoherency } = driver.capabilities(device.device);
    if ((flags & IOMMU_HWPT_ALLOC_DIRTY_TRACKING) !== 0 && !dirtyTracking) throw fail('EOPNOTSUPP');
    if ((flags & IOMMU_HWPT_FAULT_ID_VALID) !== 0 && (flags & IOMMU_HWPT_ALLOC_NEST_PARENT) !== 0) {
      throw fail('EOPNOTSUPP');
    }
    const domain = driver.allocPaging(device.device, flags & ~IOMMU_HWPT_FAULT_ID_VALID, data);
    return making(context, new HwptPaging(ioas, domain, flags, enforceCacheCoherency), (hwpt) => {
      attachFirst?.(hwpt);
      try {
        ioas.table.addDomain(domain);
      } catch (cause) {
        if (attachFirst !== undefined) {
          detach?.();
          hwpt.put();
        }
        throw cause;
      }
      ioas.hwpts.push(hwpt);
      finish(hwpt);
    });
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

/** IOMMU_HWPT_ALLOC */
export const hwptAlloc = command(IOMMU_HWPT_ALLOC, (cmd, call) => {
  const { context, process } = call;
  if (cmd.__reserved !== 0) throw fail('EOPNOTSUPP');
  const hasType = cmd.data_type !== iommu_hwpt_data_type.IOMMU_HWPT_DATA_NONE;
  if (hasType !== (cmd.data_len !== 0)) throw fail('EINVAL');
  const data = new UserData(process, cmd.data_type, cmd.data_uptr, cmd.data_len);
  const finish = (hwpt: Hwpt): void => {
    if ((cmd.flags & IOMMU_HWPT_FAULT_ID_VALID) !== 0) {
      context.with(cmd.fault_id, FaultQueue, (queue) => hwpt.takeFaults(queue));
    }
    cmd.out_hwpt_id = hwpt.id;
    call.respond();
  };
  context.with(cmd.dev_id, IommufdDevice, (device) => {
    const target = context.objects.find(cmd.pt_id);
    if (target === undefined) throw fail('EINVAL');
    context.with(cmd.pt_id, IommufdObject, () => {
      if (target instanceof Ioas) {
        HwptPaging.make(context, target, device, cmd.flags, cmd.data_len > 0 ? data : undefined, { finish });
      } else if (target instanceof HwptPaging) {
        making(context, nestedOnParent(target, device, cmd.flags, data), finish);
      } else if (target instanceof Viommu) {
        if (target.driver !== device.device.driver) throw fail('EINVAL');
        making(context, nestedOnViommu(target, cmd.flags, data), finish);
      } else {
        throw fail('EINVAL');
      }
    });
  });
});

const NESTED_FLAGS = IOMMU_HWPT_FAULT_ID_VALID | IOMMU_HWPT_ALLOC_PASID;

function nestedOnParent(
  parent: HwptPaging,
  { device }: IommufdDevice,
  flags: number,
  data: UserData,
): HwptNested {
  const { driver } = device;
  if ((flags & ~NESTED_FLAGS) !== 0 || data.length === 0 || driver.allocNested === undefined)
    throw fail('EOPNOTSUPP');
  if (parent.isAutomatic || !parent.isNestParent || parent.domain.driver !== driver) throw fail('EINVAL');
  const domain = driver.allocNested(device, parent.domain, flags & ~IOMMU_HWPT_FAULT_ID_VALID, data);
  return new HwptNested(domain, parent, undefined, flags);
}

function nestedOnViommu(viommu: Viommu, flags: number, data: UserData): HwptNested {
  if ((flags & ~NESTED_FLAGS) !== 0 || data.length === 0) throw fail('EOPNOTSUPP');
  const domain = viommu.ops.allocNested?.(flags & ~IOMMU_HWPT_FAULT_ID_VALID, data);
  if (domain === undefined) throw fail('EOPNOTSUPP');
  return new HwptNested(domain, viommu.parent, viommu, flags);
}
