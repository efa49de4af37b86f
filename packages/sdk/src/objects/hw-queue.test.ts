import { expect, test } from '@jest/globals';
import { type Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import { errorOf, IOVA, mapped, PAGE, plugged, unlike } from '../testing/devices.testing.js';
import type { HwQueueOptions, Viommu } from '../index.js';

const start = (testbed: Testbed) => {
  const ioas = testbed.iommufd.allocIoas();
  const { device } = plugged(testbed);
  const parent = device.allocHwpt({ ioas, nestParent: true });
  // Of any type, so that invalid calls compile.
  const viommu: Viommu = device.allocViommu({ type: 'selftest', parent });
  const queue = (options: Partial<HwQueueOptions> = {}) =>
    viommu.allocHwQueue({ type: 'selftest', index: 0, iova: IOVA, length: 64n, ...options });
  return { ioas, viommu, queue };
};

onEveryBackend((open) => {
  test('queues are allocated in ascending and closed in descending order', () => {
    const testbed = open();
    const { ioas, viommu, queue } = start(testbed);
    mapped(testbed, ioas, 1);
    const early = errorOf(() => queue({ index: 1 }));
    expect(early).toMatchObject({ call: 'IOMMU_HW_QUEUE_ALLOC', code: 'EIO' });
    expect(early.meaning).toBe(
      'The queue of index 0 is not allocated yet: allocate queues in ascending order.',
    );
    expect(early.args).toMatchObject({
      viommu_id: viommu.id,
      index: 1,
      nesting_parent_iova: IOVA,
      length: 64n,
    });
    const first = queue();
    expect(unlike(first, { kind: 'hw_queue', viommu, index: 0 })).toEqual([]);
    expect(errorOf(() => queue()).code).toBe('EEXIST');
    const second = queue({ index: 1, iova: IOVA + 64n });
    expect(errorOf(() => queue({ index: 2 })).code).toBe('EINVAL');
    expect(errorOf(() => first.close())).toMatchObject({ code: 'EBUSY' });
    second.close();
    first.close();
    expect(queue().isClosed).toBe(false);
  });

  test('its memory must be mapped, readable and contiguous', () => {
    const testbed = open();
    const { ioas, queue } = start(testbed);
    expect(errorOf(() => queue()).code).toBe('ENOENT');
    expect(errorOf(() => queue({ length: 0n })).code).toBe('EINVAL');
    expect(errorOf(() => queue({ iova: (1n << 64n) - 32n })).code).toBe('EOVERFLOW');
    const memory = testbed.iommufd.allocMemory(2 * PAGE);
    ioas.mapMemory(memory, { iova: IOVA, read: false });
    expect(errorOf(() => queue()).code).toBe('EPERM');
    ioas.unmapAll();
    ioas.mapMemory(memory, { iova: IOVA });
    // The pages are not contiguous.
    expect(errorOf(() => queue({ iova: IOVA + 4064n })).code).toBe('EFAULT');
    expect(errorOf(() => queue({ type: 'tegra241-cmdqv' })).code).toBe('EOPNOTSUPP');
    ioas.unmapAll();
    const huge = testbed.iommufd.allocMemory(2 << 20, { hugePages: true });
    ioas.mapMemory(huge, { iova: 0x0120_0000n });
    expect(queue({ iova: 0x0120_0000n, length: 65536n }).index).toBe(0);
  });

  test('its memory cannot be unmapped while it is open', () => {
    const testbed = open();
    const { ioas, queue } = start(testbed);
    const mapping = ioas.mapMemory(testbed.iommufd.allocMemory(PAGE), { iova: IOVA });
    const hwQueue = queue();
    for (const unmap of [() => mapping.unmap(), () => ioas.unmapAll(), () => mapping[Symbol.dispose]()]) {
      const error = errorOf(unmap);
      expect(error).toMatchObject({ call: 'IOMMU_IOAS_UNMAP', code: 'EBUSY', usedBy: [hwQueue.describe()] });
    }
    hwQueue.close();
    // The failed close() did not mark it as closed.
    mapping.unmap();
    expect(ioas.unmapAll()).toBe(0n);
  });
});
