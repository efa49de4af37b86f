/**
 * Virtual IOMMUs: the slice of a physical IOMMU that one guest uses. `Device.allocViommu()` allocates one on a nest parent.
 * vDEVICEs, vEVENTQs and hardware queues are allocated on it, and it executes the guest's invalidations.
 */
import {
  IOMMU_VIOMMU_ALLOC,
  iommu_hwpt_invalidate_data_type,
  iommu_viommu_arm_smmuv3_invalidate,
  iommu_viommu_invalidate_selftest,
  iommu_viommu_selftest,
  iommu_viommu_tegra241_cmdqv,
  iommu_viommu_type,
} from '@iommufd/uapi';
import { decode, encode } from '@iommufd/uapi/struct';
import { Call } from '../calls/arguments/call.js';
import { optional, record, u32 } from '../calls/arguments/kinds.js';
import { viommuCause } from '../calls/causes/viommu.js';
import type { Context } from '../calls/context.js';
import type { Device } from './device.js';
import { typeOf } from '../calls/formats.js';
import { HwQueue, type HwQueueOptions, hwQueueOptions } from './hw-queue.js';
import { type Hwpt, hwptKind } from './hwpt.js';
import { invalidate, type InvalidationsOf, invalidations } from './invalidate.js';
import { Memory } from './memory.js';
import { IommufdObject } from './object.js';
import { Vdevice, type VdeviceOptions, vdeviceOptions } from './vdevice.js';
import { Veventq, type VeventqOptions, veventqOptions, type VeventqType } from '../queues/veventq.js';

/** The kernel's number of each type. */
export const types = {
  'arm-smmuv3': iommu_viommu_type.IOMMU_VIOMMU_TYPE_ARM_SMMUV3,
  'tegra241-cmdqv': iommu_viommu_type.IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV,
  selftest: iommu_viommu_type.IOMMU_VIOMMU_TYPE_SELFTEST,
} as const;

/**
 * Types of virtual IOMMU: `arm-smmuv3` (IOMMU_VIOMMU_TYPE_ARM_SMMUV3), `tegra241-cmdqv`
 * (IOMMU_VIOMMU_TYPE_TEGRA241_CMDQV), `selftest` (IOMMU_VIOMMU_TYPE_SELFTEST).
 * @useDeclaredType
 */
export type ViommuType = keyof typeof types;

/** Formats of the invalidations of a virtual IOMMU. */
export const invalidationFormats = {
  'arm-smmuv3': [
    iommu_hwpt_invalidate_data_type.IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
    iommu_viommu_arm_smmuv3_invalidate,
  ],
  selftest: [
    iommu_hwpt_invalidate_data_type.IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST,
    iommu_viommu_invalidate_selftest,
  ],
} as const;

/**
 * Invalidations of a virtual IOMMU: `arm-smmuv3` (IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3), commands as the guest wrote
 * them to its command queue, also for `tegra241-cmdqv`; `selftest` (IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST).
 */
export type ViommuInvalidations<T extends ViommuType = ViommuType> = InvalidationsOf<
  Pick<typeof invalidationFormats, T extends 'selftest' ? 'selftest' : 'arm-smmuv3'>
>;

/** Types of vEVENTQ that a type of virtual IOMMU supports. */
export type VeventqTypeOf<T extends ViommuType> = T extends 'tegra241-cmdqv'
  ? 'arm-smmuv3' | 'tegra241-cmdqv'
  : T & VeventqType;

/** Options of {@link Device.allocViommu}. */
export interface ViommuOptions<T extends ViommuType> {
  /** Its type, which the IOMMU of the device must support. */
  readonly type: T;
  /** The nest parent of all its page tables: it maps guest-physical memory. */
  readonly parent: Hwpt;
  /** Only for `selftest`: any number; it can be read from {@link Viommu.page}. */
  readonly selftestData?: T extends 'selftest' ? number : never;
}

/** {@link ViommuOptions} */
export const viommuOptions = record<ViommuOptions<ViommuType>>({
  type: typeOf(types),
  parent: hwptKind,
  selftestData: optional(u32),
});

const calls = {
  allocVdevice: new Call('Viommu.allocVdevice', { options: vdeviceOptions }),
  allocVeventq: new Call('Viommu.allocVeventq', { options: veventqOptions }),
  allocHwQueue: new Call('Viommu.allocHwQueue', { options: hwQueueOptions }),
  invalidate: new Call('Viommu.invalidate', { invalidations: invalidations(invalidationFormats) }),
  page: new Call('Viommu.page'),
};

/** The `mmap()` region of a register page. */
interface MmapRange {
  readonly offset: bigint;
  readonly length: bigint;
}

/** A virtual IOMMU: the slice of a physical one that belongs to a virtual machine. */
export class Viommu<T extends ViommuType = ViommuType> extends IommufdObject {
  readonly kind = 'viommu';
  /**
   * Its hardware queues by index.
   * @internal
   */
  readonly hwQueues = new Map<number, HwQueue>();
  /**
   * Its vDEVICEs by virtual id.
   * @internal
   */
  readonly vdevices = new Map<bigint, Vdevice>();

  private constructor(
    context: Context,
    id: number,
    /** @internal */
    readonly madeFor: Device,
    /** Its type. */
    readonly type: T,
    /** The nest parent of all its page tables. */
    readonly parent: Hwpt,
    private readonly mmapRange: MmapRange | undefined,
  ) {
    super(context, id, [parent]);
  }

  /** @internal */
  static alloc<T extends ViommuType>(context: Context, device: Device, options: ViommuOptions<T>): Viommu<T> {
    const { type, parent, selftestData } = options;
    const cause = viommuCause(device, options);
    return context.with(driverData(type, selftestData), (data_uptr, bytes) => {
      const { out_viommu_id } = context.ioctl(
        IOMMU_VIOMMU_ALLOC,
        {
          flags: 0,
          type: types[type],
          dev_id: device.use(),
          hwpt_id: parent.use(context),
          data_len: bytes.length,
          data_uptr,
        },
        { cause },
      );
      return new Viommu(context, out_viommu_id, device, type, parent, mmapRange(type, bytes));
    });
  }

  /**
   * Assigns a virtual id to a device: IOMMU_VDEVICE_ALLOC. On Arm SMMUv3 this must precede attaching the device to a nested
   * page table of this virtual IOMMU.
   * @param options the device and its virtual id
   * @throws IommufdError EEXIST if the device has a vDEVICE, or the id is in use; EINVAL if the device is behind another
   *   physical IOMMU; EBADF if one of the objects is closed
   */
  allocVdevice(options: VdeviceOptions): Vdevice {
    return Vdevice.alloc(calls.allocVdevice.check(this, options), this, options);
  }

  /**
   * Allocates a vEVENTQ: IOMMU_VEVENTQ_ALLOC. It receives only later events.
   * @param options the type and depth of the queue
   * @throws IommufdError EEXIST if there is a queue of this type; EINVAL if the depth is out of range; EMFILE if no file
   *   descriptor is free; EBADF if this is closed
   */
  allocVeventq<Q extends VeventqTypeOf<T>>(options: VeventqOptions<Q>): Veventq<Q> {
    return Veventq.alloc(calls.allocVeventq.check(this, options), this, options);
  }

  /**
   * Allocates a hardware queue in guest memory: IOMMU_HW_QUEUE_ALLOC.
   * @param options the type and index of the queue, and the IOVA range of its memory
   * @throws IommufdError EOPNOTSUPP if queues of the type are not supported; EEXIST if the index is allocated; EIO if the
   *   previous index is not; ENOENT if its memory is not mapped; EFAULT if it is not physically contiguous
   */
  allocHwQueue(options: HwQueueOptions & { readonly type: T }): HwQueue {
    return HwQueue.alloc(calls.allocHwQueue.check(this, options), this, options);
  }

  /**
   * Invalidates hardware caches: IOMMU_HWPT_INVALIDATE. The entries are handled in order until one fails, and have
   * completed when this returns.
   *
   * For an Arm SMMUv3, Linux issues commands in batches of 63 and checks a whole batch first. The entries before the failed
   * one count as handled, but those of the same batch have not been issued. So after a failure, repeat the entries before
   * the failed one, starting at the last multiple of 63.
   * @param invalidations the format, and the entries in order: commands of the guest's queue. Does nothing if there are no
   *   entries.
   * @throws InvalidationError if an entry fails, with its index and the number of entries handled before: EIO for a command
   *   that a guest may not issue, or a StreamID without a vDEVICE
   * @throws IommufdError EBADF if this is closed
   * @throws TypeError | RangeError if an entry is invalid
   */
  invalidate(invalidations: ViommuInvalidations<T>): void {
    const context = calls.invalidate.check(this, invalidations);
    invalidate('Viommu.invalidate', context, this.id, invalidationFormats, invalidations);
  }

  /**
   * Maps the register page that the driver provides for the guest: `mmap()` of `/dev/iommu`. `tegra241-cmdqv` has one, and
   * `selftest` with `selftestData`.
   * @returns undefined if there is no page
   * @throws IommufdError of `mmap()`; EBADF if this is closed
   */
  page(): Memory | undefined {
    calls.page.check(this);
    if (this.mmapRange === undefined) return undefined;
    const { offset, length } = this.mmapRange;
    // The mapping holds a reference to the virtual IOMMU.
    const user = { describe: () => `the page at offset 0x${offset.toString(16)}` };
    const page = Memory.ofContext(this.context, offset, Number(length), () => this.removeUser(user));
    this.addUser(user);
    return page;
  }
}

function driverData(type: ViommuType, selftestData: number | undefined): Uint8Array {
  if (type === 'tegra241-cmdqv')
    return encode(iommu_viommu_tegra241_cmdqv, { out_vintf_mmap_offset: 0n, out_vintf_mmap_length: 0n });
  if (selftestData === undefined) return new Uint8Array();
  const in_data = selftestData;
  return encode(iommu_viommu_selftest, { in_data, out_data: 0, out_mmap_offset: 0n, out_mmap_length: 0n });
}

function mmapRange(type: ViommuType, bytes: Uint8Array): MmapRange | undefined {
  if (bytes.length === 0) return undefined;
  if (type === 'tegra241-cmdqv') {
    const { out_vintf_mmap_offset, out_vintf_mmap_length } = decode(iommu_viommu_tegra241_cmdqv, bytes);
    return { offset: out_vintf_mmap_offset, length: out_vintf_mmap_length };
  }
  const { out_mmap_offset, out_mmap_length } = decode(iommu_viommu_selftest, bytes);
  return { offset: out_mmap_offset, length: out_mmap_length };
}
