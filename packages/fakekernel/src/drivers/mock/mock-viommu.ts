import {
  IOMMU_TEST_HW_QUEUE_MAX,
  iommu_hw_queue_type,
  iommu_test_invalidate_flags,
  iommu_viommu_invalidate_selftest,
  iommu_viommu_selftest,
  iommu_viommu_type,
  iommu_hwpt_invalidate_data_type,
  MOCK_DEV_CACHE_ID_MAX,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../../errno.js';
import type { HwQueueDriver, ViommuDriver } from '../../iommu/driver.js';
import type { UserArray, UserData } from '../../iommu/user-data.js';
import type { HwQueueCore, ViommuCore } from '../../iommu/viommu.js';
import { PAGE_SIZE } from '../../process/page.js';
import { mockHardware } from './mock-hardware.js';
import { MockNested } from './mock-nested.js';
import { restorable } from '../../lib/restorable.js';

const { IOMMU_VIOMMU_TYPE_SELFTEST } = iommu_viommu_type;
const { IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST } = iommu_hwpt_invalidate_data_type;
const { IOMMU_TEST_INVALIDATE_FLAG_ALL } = iommu_test_invalidate_flags;

/** Number of pages of a virtual IOMMU that user space can `mmap()`. */
const PAGES = 2;
/** The largest `kmalloc()`, in bytes. */
const KMALLOC_MAX_SIZE = 4 << 20;

/** A virtual IOMMU of the mock driver: `struct mock_viommu` of Linux's `drivers/iommu/iommufd/selftest.c`. */
export class MockViommu implements ViommuDriver {
  private readonly queues: (HwQueueCore | undefined)[] = new Array<HwQueueCore | undefined>(
    IOMMU_TEST_HW_QUEUE_MAX,
  ).fill(undefined);
  private mmapOffset: bigint | undefined;

  /** @throws EINVAL | E2BIG | EFAULT */
  constructor(
    private readonly viommu: ViommuCore,
    data: UserData | undefined,
  ) {
    if (data === undefined) return;
    // The struct's first version ended with out_data.
    const bytes = data.read(IOMMU_VIOMMU_TYPE_SELFTEST, iommu_viommu_selftest, 8);
    const cmd = view(iommu_viommu_selftest, bytes);
    const { offset, memory } = viommu.addMmap(PAGES);
    const page = memory.page(0);
    new DataView(page.buffer, page.byteOffset).setUint32(0, cmd.in_data, true);
    cmd.out_data = cmd.in_data;
    cmd.out_mmap_length = BigInt(PAGES * PAGE_SIZE);
    cmd.out_mmap_offset = offset;
    try {
      data.write(IOMMU_VIOMMU_TYPE_SELFTEST, bytes, 8);
    } catch (cause) {
      viommu.removeMmap(offset);
      throw cause;
    }
    this.mmapOffset = offset;
  }

  destroy(): void {
    if (this.mmapOffset !== undefined) this.viommu.removeMmap(this.mmapOffset);
  }

  allocNested(flags: number, data: UserData): MockNested {
    return MockNested.make(flags, data, this.viommu.parentDomain, this.viommu);
  }

  /**
   * `mock_viommu_cache_invalidate()`: clears slots of device caches. All entries are copied in before the first one is handled.
   */
  invalidate(array: UserArray): void {
    if (array.count === 0 && array.type === IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST) return;
    const struct = iommu_viommu_invalidate_selftest;
    if (array.count * struct.byteLength > KMALLOC_MAX_SIZE) {
      // Linux does not change the caller's entry_num in this case.
      array.done = array.count;
      throw fail('ENOMEM');
    }
    if (array.type !== IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST || array.count === 0) throw fail('EINVAL');
    const entries = array.readAll(struct).map((entry) => view(struct, entry));
    for (const { flags, vdev_id, cache_id } of entries) {
      if ((flags & ~IOMMU_TEST_INVALIDATE_FLAG_ALL) !== 0) throw fail('EOPNOTSUPP');
      if (cache_id > MOCK_DEV_CACHE_ID_MAX) throw fail('EINVAL');
      const device = this.viommu.deviceOf(BigInt(vdev_id));
      if (device === undefined) throw fail('EINVAL');
      const { cache } = mockHardware(device);
      if ((flags & IOMMU_TEST_INVALIDATE_FLAG_ALL) !== 0) cache.fill(0);
      else cache[cache_id] = 0;
      array.done++;
    }
  }

  hasQueues(type: number): boolean {
    return type === iommu_hw_queue_type.IOMMU_HW_QUEUE_TYPE_SELFTEST;
  }

  /**
   * Queues are allocated in the order of their index, and each depends on the previous one. Linux's mock driver never stores the
   * index in the queue: destroying any queue frees slot 0, and slot 1 stays in use.
   */
  addQueue(queue: HwQueueCore, index: number): HwQueueDriver {
    if (index >= IOMMU_TEST_HW_QUEUE_MAX) throw fail('EINVAL');
    if (this.queues[index] !== undefined) throw fail('EEXIST');
    const previous = index === 0 ? undefined : this.queues[index - 1];
    if (index > 0 && previous === undefined) throw fail('EIO');
    previous?.depend();
    this.queues[index] = queue;
    return MockViommu.freesQueue(this, previous);
  }

  private static readonly freesQueue = restorable(
    'MockViommu.addQueue',
    (viommu: MockViommu, previous: HwQueueCore | undefined): HwQueueDriver => ({
      destroy: () => {
        viommu.queues[0] = undefined;
        previous?.undepend();
      },
    }),
  );
}
