import { IOMMU_HW_QUEUE_ALLOC, iommu_hw_queue_type } from '@iommufd/uapi';
import { record, u32, u64 } from '../calls/arguments/kinds.js';
import { hwQueueCause } from '../calls/causes/viommu.js';
import type { Context } from '../calls/context.js';
import { typeOf } from '../calls/formats.js';
import { IommufdObject } from './object.js';
import type { Viommu } from './viommu.js';

/** The kernel's number of each type. */
export const types = {
  'tegra241-cmdqv': iommu_hw_queue_type.IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV,
  selftest: iommu_hw_queue_type.IOMMU_HW_QUEUE_TYPE_SELFTEST,
} as const;

/**
 * Types of hardware queues: `tegra241-cmdqv` (IOMMU_HW_QUEUE_TYPE_TEGRA241_CMDQV), `selftest`
 * (IOMMU_HW_QUEUE_TYPE_SELFTEST).
 * @useDeclaredType
 */
export type HwQueueType = keyof typeof types;

/** Options of {@link Viommu.allocHwQueue}. */
export interface HwQueueOptions {
  /** Its type, which the virtual IOMMU must support. */
  readonly type: HwQueueType;
  /** Its index, starting at 0. Queues are allocated in ascending order and closed in descending order. */
  readonly index: number;
  /** The IOVA of its memory in the nest parent: for a guest's queue, the guest-physical address. */
  readonly iova: bigint;
  /** Length in bytes; for `tegra241-cmdqv` a power of two, of which `iova` is a multiple. */
  readonly length: bigint;
}

/** {@link HwQueueOptions} */
export const hwQueueOptions = record<HwQueueOptions>({
  type: typeOf(types),
  index: u32,
  iova: u64,
  length: u64,
});

/** A queue in guest memory that hardware reads. While it is open its memory is pinned, and unmapping it fails with EBUSY. */
export class HwQueue extends IommufdObject {
  readonly kind = 'hw_queue';
  /** Its index, starting at 0. */
  readonly index: number;
  private readonly letGo: () => void;

  private constructor(
    context: Context,
    id: number,
    /** Its virtual IOMMU. */
    readonly viommu: Viommu,
    { index, iova, length }: HwQueueOptions,
  ) {
    // Each queue depends on the previous one.
    const before = viommu.hwQueues.get(index - 1);
    super(context, id, before === undefined ? [viommu] : [viommu, before]);
    this.index = index;
    this.letGo = viommu.parent.ioas.hold(this, { iova, length });
    viommu.hwQueues.set(index, this);
  }

  protected override leave(): void {
    super.leave();
    this.letGo();
    this.viommu.hwQueues.delete(this.index);
  }

  /** @internal */
  static alloc(context: Context, viommu: Viommu, options: HwQueueOptions): HwQueue {
    const { type, index, iova, length } = options;
    const { out_hw_queue_id } = context.ioctl(
      IOMMU_HW_QUEUE_ALLOC,
      {
        flags: 0,
        viommu_id: viommu.use(),
        type: types[type],
        index,
        nesting_parent_iova: iova,
        length,
      },
      { cause: hwQueueCause(viommu, options) },
    );
    return new HwQueue(context, out_hw_queue_id, viommu, options);
  }
}
