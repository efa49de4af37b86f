import { expect, jest, test } from '@jest/globals';
import { thrownBy } from '@iommufd/testkit';
import { iommu_test_op } from '@iommufd/uapi';
import { Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import { counted, NESTED } from '../testing/devices.testing.js';
import { InvalidationError, type IommufdObject, type SelftestDevice, type Viommu } from '../index.js';

/** The content of the slots of a nested page table's TLB. */
const iotlb = (testbed: Testbed, { id }: IommufdObject, expected: readonly number[]): boolean =>
  expected.every(
    (iotlb, slot) =>
      testbed.testCmd({
        op: iommu_test_op.IOMMU_TEST_OP_MD_CHECK_IOTLB,
        id,
        check_iotlb: { id: slot, iotlb },
      } as never) === 0,
  );

/** The invalidated slots of a device's cache. */
const dropped = (testbed: Testbed, { id }: SelftestDevice, expected: readonly boolean[]): boolean =>
  expected.every(
    (isDropped, slot) =>
      testbed.testCmd({
        op: iommu_test_op.IOMMU_TEST_OP_DEV_CHECK_CACHE,
        id,
        check_dev_cache: { id: slot, cache: isDropped ? 0 : 0x00ba_ddad },
      } as never) === 0,
  );

const failureOf = (call: () => unknown): InvalidationError => thrownBy(InvalidationError, call);

const entry = (cache_id: number, vdev_id = 0x99, flags = 0) => ({ flags, vdev_id, cache_id });

test('handled is 0 if the kernel does not report the number of handled entries', () => {
  const testbed = new Testbed();
  const { viommu } = testbed.nested();
  // More than 4 MiB cannot be copied in; the number of entries is returned unchanged.
  const entries = Array<ReturnType<typeof entry>>(Math.floor((4 << 20) / 12) + 1).fill(entry(0));
  const error = failureOf(() => viommu.invalidate({ type: 'selftest', entries }));
  expect(error).toMatchObject({ code: 'ENOMEM', handled: 0, total: entries.length });
  expect([error.failedIndex, error.failedEntry]).toEqual([undefined, undefined]);
  expect(error.message).toContain(`The kernel did not report which of ${entries.length} entries failed.`);
  expect(testbed.end()).toEqual([]);
});

onEveryBackend((open) => {
  test('entries are handled on a nested page table', () => {
    const testbed = open();
    const { hwpt } = testbed.nested();
    expect(iotlb(testbed, hwpt, [1, 1, 1, 1])).toBe(true);
    hwpt.invalidate({
      type: 'selftest',
      entries: [
        { flags: 0, iotlb_id: 2 },
        { flags: 0, iotlb_id: 0 },
      ],
    });
    expect(iotlb(testbed, hwpt, [0, 1, 0, 1])).toBe(true);
    hwpt.invalidate({ type: 'selftest', entries: [{ flags: 1, iotlb_id: 0 }] });
    expect(iotlb(testbed, hwpt, [0, 0, 0, 0])).toBe(true);
  });

  test('entries are handled on a virtual IOMMU', () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    viommu.invalidate({ type: 'selftest', entries: [entry(1), entry(3)] });
    expect(dropped(testbed, device, [false, true, false, true])).toBe(true);
  });

  test('a failure names the entry, and the number of entries handled before', () => {
    const testbed = open();
    const { hwpt } = testbed.nested();
    const entries = [0, 1, 9, 2].map((iotlb_id) => ({ flags: 0, iotlb_id }));
    const error = failureOf(() => hwpt.invalidate({ type: 'selftest', entries }));
    expect(error).toMatchObject({
      name: 'InvalidationError',
      call: 'IOMMU_HWPT_INVALIDATE',
      code: 'EINVAL',
      handled: 2,
      failedIndex: 2,
      total: 4,
    });
    expect(error.failedEntry).toBe(entries[2]);
    expect(error.args).toMatchObject({ hwpt_id: hwpt.id, entry_len: 8, entry_num: 4 });
    expect(error.message).toContain('Entry 2 of 4 failed: {flags=0, iotlb_id=9}.');
    expect(error.message).toContain(error.meaning);
    expect(iotlb(testbed, hwpt, [0, 0, 1, 1])).toBe(true);
  });

  test('the first entry may fail, and the last', () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const unknown = [entry(0, 0x98), entry(1)];
    expect(failureOf(() => viommu.invalidate({ type: 'selftest', entries: unknown }))).toMatchObject({
      code: 'EINVAL',
      handled: 0,
      failedIndex: 0,
      failedEntry: unknown[0],
      total: 2,
    });
    const flagged = [entry(0), entry(1), entry(2, 0x99, 2)];
    expect(failureOf(() => viommu.invalidate({ type: 'selftest', entries: flagged }))).toMatchObject({
      code: 'EOPNOTSUPP',
      handled: 2,
      failedIndex: 2,
      failedEntry: flagged[2],
      total: 3,
    });
    expect(dropped(testbed, device, [true, true, false, false])).toBe(true);
  });

  test('an empty array makes no system call, even for an unsupported format', () => {
    const testbed = open();
    const { hwpt, viommu: selftest } = testbed.nested();
    const viommu: Viommu = selftest;
    const calls = counted(testbed.process);
    hwpt.invalidate({ type: 'selftest', entries: [] });
    hwpt.invalidate({ type: 'vtd-s1', entries: [] });
    viommu.invalidate({ type: 'arm-smmuv3', entries: [] });
    expect(calls()).toBe(0);
  });

  test('a format that the IOMMU does not have fails before the first entry', () => {
    const testbed = open();
    const { hwpt, viommu: selftest } = testbed.nested();
    const viommu: Viommu = selftest;
    const error = failureOf(() =>
      hwpt.invalidate({ type: 'vtd-s1', entries: [{ addr: 0n, npages: 1n, flags: 0 }] }),
    );
    expect(error).toMatchObject({ code: 'EINVAL', handled: 0, failedIndex: 0, total: 1 });
    expect(
      failureOf(() => viommu.invalidate({ type: 'arm-smmuv3', entries: [{ cmd: [0x12n, 0n] }] })),
    ).toMatchObject({ code: 'EINVAL', handled: 0, total: 1 });
  });

  test('an invalid field is refused without a system call', () => {
    const testbed = open();
    const { hwpt } = testbed.nested();
    const calls = counted(testbed.process);
    const entries = [{ flags: 0, iotlb_id: 2 ** 32 }];
    expect(() => hwpt.invalidate({ type: 'selftest', entries })).toThrow('iotlb_id');
    expect(calls()).toBe(0);
  });

  test.each([5459, 5462])(
    'the number of handled entries is read before its memory is released: %d entries',
    (count) => {
      const testbed = open();
      const { viommu } = testbed.nested();
      const { process } = testbed;
      // On a real kernel, an access to unmapped memory is SIGSEGV; here the memory is overwritten.
      const munmap = process.munmap.bind(process);
      jest.spyOn(process, 'munmap').mockImplementation((address, length) => {
        process.memory(address, length).fill(0xee);
        return munmap(address, length);
      });
      const entries = Array.from({ length: count }, (_, i) => entry(i === 7 ? 9 : 0));
      const error = failureOf(() => viommu.invalidate({ type: 'selftest', entries }));
      expect(error).toMatchObject({ code: 'EINVAL', handled: 7, failedIndex: 7, total: count });
    },
  );

  test('a closed nested page table invalidates nothing', () => {
    const testbed = open();
    const { device, viommu } = testbed.nested();
    const nested = device.allocNestedHwpt({ on: viommu, data: NESTED });
    nested.close();
    const calls = counted(testbed.process);
    expect(() => nested.invalidate({ type: 'selftest', entries: [] })).toThrow(
      expect.objectContaining({ code: 'EBADF' }),
    );
    expect(calls()).toBe(0);
  });
});
