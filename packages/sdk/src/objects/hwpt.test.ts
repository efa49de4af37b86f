import { expect, test } from '@jest/globals';
import { pattern } from '@iommufd/testkit';
import { iommu_test_op } from '@iommufd/uapi';
import { onEveryBackend } from '../testing/testbed.testing.js';
import {
  counted,
  errorOf,
  HUGE,
  IOVA,
  mapped,
  NESTED,
  PAGE,
  plugged,
  unlike,
} from '../testing/devices.testing.js';

onEveryBackend((open) => {
  test('a page table contains the mappings of its IOAS, earlier and later ones', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const early = mapped(testbed, ioas, 1);
    const hwpt = device.allocHwpt({ ioas });
    expect(unlike(hwpt, { kind: 'hwpt', ioas, isClosed: false })).toEqual([]);
    expect(hwpt.describe()).toBe(`hwpt ${hwpt.id}`);
    device.attach(hwpt);
    const late = mapped(testbed, ioas, 1, IOVA + 0x1000n);
    await hardware.dma.write(IOVA + 4094n, Uint8Array.of(1, 2, 3, 4));
    expect([early.bytes(4094), late.bytes(0, 2)]).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
    const id = hwpt.id;
    const check_map = { iova: IOVA, length: 4096n, uptr: early.address };
    expect(testbed.testCmd({ op: iommu_test_op.IOMMU_TEST_OP_MD_CHECK_MAP, id, check_map } as never)).toBe(0);
  });

  test('data selects the format of a page table', async () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const hwpt = device.allocHwpt({ ioas, data: HUGE });
    // 38 bits, and alignment to whole pages.
    expect(ioas.iovaRanges()).toEqual({ ranges: [{ start: 0n, last: (1n << 38n) - 1n }], alignment: 4096n });
    device.attach(hwpt);
    mapped(testbed, ioas, 1, 1n << 37n);
    await hardware.dma.write(1n << 37n, pattern(4));
    expect(await hardware.dma.read(1n << 37n, 4)).toEqual(pattern(4));
    const unknown = { type: 'selftest', iotlb: 0, pagetable_type: 9 } as const;
    expect(errorOf(() => device.allocHwpt({ ioas, data: unknown })).code).toBe('EOPNOTSUPP');
  });

  test('data of another IOMMU is not supported', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const data = { type: 'vtd-s1', flags: 0n, pgtbl_addr: 0x1000n, addr_width: 48 } as const;
    const error = errorOf(() => device.allocHwpt({ ioas, data }));
    expect(error).toMatchObject({ call: 'IOMMU_HWPT_ALLOC', code: 'EOPNOTSUPP' });
    expect(error.args).toMatchObject({ dev_id: device.id, pt_id: ioas.id, data_type: 1, data_len: 24 });
    ioas.close();
  });

  test('unsupported options fail with EOPNOTSUPP', () => {
    const testbed = open();
    const { device } = plugged(testbed, { dirtyTracking: false });
    const ioas = testbed.iommufd.allocIoas();
    const faultQueue = testbed.iommufd.allocFaultQueue();
    const tracking = errorOf(() => device.allocHwpt({ ioas, dirtyTracking: true }));
    expect(tracking).toMatchObject({ call: 'IOMMU_HWPT_ALLOC', code: 'EOPNOTSUPP', errno: 95 });
    // The faults of nested page tables are reported to the guest.
    expect(errorOf(() => device.allocHwpt({ ioas, nestParent: true, faultQueue })).code).toBe('EOPNOTSUPP');
    ioas.close();
    faultQueue.close();
  });

  test('mappings that the IOMMU cannot map fail with EADDRINUSE', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const mapping = ioas.mapMemory(testbed.iommufd.allocMemory(PAGE), { iova: 0x1000n });
    const error = errorOf(() => device.allocHwpt({ ioas }));
    expect(error.code).toBe('EADDRINUSE');
    expect(error.meaning).toBe(
      `One of these: ${ioas.describe()} maps 0x1000-0x1fff: part of that is outside of the aperture of the IOMMU of ` +
        `${device.describe()}; the pages of the IOMMU of ${device.describe()} are larger than 4096 bytes, the alignment ` +
        'of the mappings.',
    );
    expect(device.allocHwpt({ ioas, data: HUGE }).isClosed).toBe(false);
    mapping.unmap();
    expect(device.allocHwpt({ ioas }).isClosed).toBe(false);
  });

  test('only a page table with dirtyTracking tracks', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const error = errorOf(() => device.allocHwpt({ ioas }).setDirtyTracking(true));
    expect(error).toMatchObject({ call: 'IOMMU_HWPT_SET_DIRTY_TRACKING', code: 'EOPNOTSUPP' });
    const hwpt = device.allocHwpt({ ioas, dirtyTracking: true });
    hwpt.setDirtyTracking(true);
    hwpt.setDirtyTracking(false);
    expect(device.allocHwpt({ ioas, dirtyTracking: true, nestParent: true, pasid: true }).id).toBeGreaterThan(
      hwpt.id,
    );
  });

  test('methods of a closed page table fail without a system call', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const ioas = testbed.iommufd.allocIoas();
    const faultQueue = testbed.iommufd.allocFaultQueue();
    const hwpt = device.allocHwpt({ ioas, nestParent: true, dirtyTracking: true });
    const bitmap = hwpt.dirtyBitmap({ iova: IOVA, length: 4096n });
    const nested = device.allocNestedHwpt({ on: hwpt, data: NESTED });
    nested.close();
    hwpt.close();
    faultQueue.close();
    const calls = counted(testbed.process);
    for (const use of [
      () => device.attach(hwpt),
      () => device.attach(nested),
      () => device.attach(nested, { pasid: 1 }),
      () => hwpt.setDirtyTracking(true),
      () => bitmap.read(),
      () => nested.invalidate({ type: 'selftest', entries: [{ flags: 0, iotlb_id: 0 }] }),
      () => device.allocNestedHwpt({ on: hwpt, data: NESTED }),
      () => device.allocViommu({ type: 'selftest', parent: hwpt }),
      () => device.allocHwpt({ ioas, faultQueue }),
    ])
      expect(errorOf(use)).toMatchObject({ code: 'EBADF', meaning: 'The object is closed.' });
    expect(calls()).toBe(0);
  });

  test('a closed page table allocates no bitmap', () => {
    const testbed = open();
    const { device } = plugged(testbed);
    const hwpt = device.allocHwpt({ ioas: testbed.iommufd.allocIoas(), dirtyTracking: true });
    hwpt.close();
    const calls = counted(testbed.process);
    expect(() => hwpt.dirtyBitmap({ iova: IOVA, length: 4096n })).toThrow(
      expect.objectContaining({ code: 'EBADF' }),
    );
    expect(calls()).toBe(0);
  });
});
