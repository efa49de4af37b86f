import { expect, test } from '@jest/globals';
import { type Bench, onEveryBackend } from './bench.testing.js';
import { errorOf, IOVA, mapped, PAGE, plugged, unlike } from './devices.testing.js';
import type { HwQueueOptions, Viommu } from './index.js';

const start = (bench: Bench) => {
  const ioas = bench.iommufd.allocIoas();
  const { device } = plugged(bench);
  const parent = device.allocHwpt({ ioas, nestParent: true });
  // Of any make, so that wrong calls compile.
  const viommu: Viommu = device.allocViommu({ type: 'selftest', parent });
  const queue = (options: Partial<HwQueueOptions> = {}) =>
    viommu.allocHwQueue({ type: 'selftest', index: 0, iova: IOVA, length: 64n, ...options });
  return { ioas, viommu, queue };
};

onEveryBackend((open) => {
  test('queues are allocated upwards and closed downwards', () => {
    const bench = open();
    const { ioas, viommu, queue } = start(bench);
    mapped(bench, ioas, 1);
    const early = errorOf(() => queue({ index: 1 }));
    expect(early).toMatchObject({ call: 'IOMMU_HW_QUEUE_ALLOC', code: 'EIO' });
    expect(early.meaning).toBe('The queue of index 0 is not allocated yet: they are allocated upwards.');
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

  test('its memory must be mapped, to be read, and in one piece', () => {
    const bench = open();
    const { ioas, queue } = start(bench);
    expect(errorOf(() => queue()).code).toBe('ENOENT');
    expect(errorOf(() => queue({ length: 0n })).code).toBe('EINVAL');
    expect(errorOf(() => queue({ iova: (1n << 64n) - 32n })).code).toBe('EOVERFLOW');
    const memory = bench.iommufd.allocMemory(2 * PAGE);
    ioas.mapMemory(memory, { iova: IOVA, read: false });
    expect(errorOf(() => queue()).code).toBe('EPERM');
    ioas.unmapAll();
    ioas.mapMemory(memory, { iova: IOVA });
    // Pages are wherever there was room.
    expect(errorOf(() => queue({ iova: IOVA + 4064n })).code).toBe('EFAULT');
    expect(errorOf(() => queue({ type: 'tegra241-cmdqv' })).code).toBe('EOPNOTSUPP');
    ioas.unmapAll();
    const huge = bench.iommufd.allocMemory(2 << 20, { hugePages: true });
    ioas.mapMemory(huge, { iova: 0x0120_0000n });
    expect(queue({ iova: 0x0120_0000n, length: 65536n }).index).toBe(0);
  });

  test('its memory cannot be unmapped meanwhile', () => {
    const bench = open();
    const { ioas, queue } = start(bench);
    const mapping = ioas.mapMemory(bench.iommufd.allocMemory(PAGE), { iova: IOVA });
    const hwQueue = queue();
    for (const unmap of [() => mapping.unmap(), () => ioas.unmapAll(), () => mapping[Symbol.dispose]()]) {
      const error = errorOf(unmap);
      expect(error).toMatchObject({ call: 'IOMMU_IOAS_UNMAP', code: 'EBUSY', usedBy: [hwQueue.describe()] });
    }
    hwQueue.close();
    // It was not given up when it failed.
    mapping.unmap();
    expect(ioas.unmapAll()).toBe(0n);
  });
});
