/**
 * Hardware queues (IOMMU_HW_QUEUE_ALLOC): `struct iommufd_hw_queue` of Linux's `drivers/iommu/iommufd/viommu.c`. A hardware queue
 * is a queue in guest memory that hardware reads directly. Its pages must be physically contiguous. They are pinned through an
 * internal access, so unmapping them fails with EBUSY.
 */
import { IOMMU_HW_QUEUE_ALLOC, iommu_hw_queue_type } from '@iommufd/uapi';
import { fail, invariant } from '../errno.js';
import type { HwQueueDriver } from '../iommu/driver.js';
import type { HwQueueCore } from '../iommu/viommu.js';
import { checkedLast } from '../ioas/io-page-table.js';
import type { Extent } from '../process/memory-object.js';
import { allocate } from '../process/failure-points.js';
import { PAGE, PAGE_MASK, ULONG_MAX } from '../process/page.js';
import { Access } from './access.js';
import { command } from './command.js';
import { IommufdObject } from './object.js';
import { Viommu } from './viommu.js';

/** The longest page list that can be allocated: `kvcalloc()` is limited to INT_MAX bytes. */
const MOST_PAGES = 0x7fff_ffff / 8;

/** A queue in guest memory that the hardware reads. */
export class HwQueue extends IommufdObject implements HwQueueCore {
  readonly kind = 'hw_queue';
  private access: Access | undefined;
  private holds = false;
  ops: HwQueueDriver | undefined;

  constructor(
    readonly viommu: Viommu,
    readonly type: number,
    /** Address of the queue, an IOVA of the nest parent, and its length in bytes. */
    readonly base: bigint,
    readonly length: bigint,
  ) {
    super();
  }

  depend(): void {
    this.get();
  }

  undepend(): void {
    this.put();
  }

  /** Pins the memory. @throws EFAULT if it is not physically contiguous; ERANGE | ENOMEM; as {@link Access.pinPages} */
  pin(): Extent {
    const { start, length } = this.pages;
    if (length > ULONG_MAX) throw fail('ERANGE');
    if (length / PAGE > MOST_PAGES) throw fail('ENOMEM');
    const access = Access.make(this.viommu.context);
    try {
      access.changeIoas(this.viommu.parent.ioas);
      allocate('kvcalloc() of the pages');
      const extents = access.pinPages(start, length, false);
      const whole = inOnePiece(extents);
      if (whole === undefined) {
        access.unpinPages(start, length);
        throw fail('EFAULT');
      }
      this.access = access;
      this.viommu.get();
      this.holds = true;
      return whole;
    } finally {
      if (this.access === undefined) access.end();
    }
  }

  /** The range of whole pages that contains the queue. */
  private get pages(): { readonly start: bigint; readonly length: bigint } {
    const start = this.base & PAGE_MASK;
    return { start, length: (this.base - start + this.length + PAGE - 1n) & PAGE_MASK };
  }

  override destroy(): void {
    this.ops?.destroy();
    if (this.access !== undefined) {
      const { start, length } = this.pages;
      this.access.unpinPages(start, length);
      this.access.end();
    }
    if (this.holds) this.viommu.put();
  }
}

/** The pages as one extent; undefined if they are not physically contiguous. */
function inOnePiece(extents: readonly Extent[]): Extent | undefined {
  const [first, ...rest] = extents;
  invariant(first !== undefined, () => 'a hardware queue without pages');
  let whole = first;
  for (const { object, index, count } of rest) {
    if (object !== whole.object || index !== whole.index + whole.count) return undefined;
    whole = { ...whole, count: whole.count + count };
  }
  const { first: start, count } = whole.object.block(whole.index);
  return whole.index + whole.count <= start + count ? whole : undefined;
}

/** IOMMU_HW_QUEUE_ALLOC */
export const hwQueueAlloc = command(IOMMU_HW_QUEUE_ALLOC, (cmd, call) => {
  if (cmd.flags !== 0 || cmd.type === iommu_hw_queue_type.IOMMU_HW_QUEUE_TYPE_DEFAULT)
    throw fail('EOPNOTSUPP');
  checkedLast(cmd.nesting_parent_iova, cmd.length);
  const viommu = call.hold(cmd.viommu_id, Viommu);
  const { ops } = viommu;
  if (ops.addQueue === undefined || ops.hasQueues?.(cmd.type) !== true) throw fail('EOPNOTSUPP');
  const queue = call.create(new HwQueue(viommu, cmd.type, cmd.nesting_parent_iova, cmd.length));
  queue.ops = ops.addQueue(queue, cmd.index, queue.pin());
  cmd.out_hw_queue_id = queue.id;
  call.respond();
});
