import { expect, test } from '@jest/globals';
import { pattern } from '@iommufd/testkit';
import { iommu_test_op } from '@iommufd/uapi';
import { type Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import { errorOf, IOVA, mapped, NESTED, plugged, unlike } from '../testing/devices.testing.js';
import type { NestedHwpt } from '../index.js';

/** The content of a slot of a nested page table's TLB. */
const holds = (testbed: Testbed, { id }: NestedHwpt, slot: number, iotlb: number): boolean => {
  const op = iommu_test_op.IOMMU_TEST_OP_MD_CHECK_IOTLB;
  return testbed.testCmd({ op, id, check_iotlb: { id: slot, iotlb } } as never) === 0;
};

const start = (testbed: Testbed) => {
  const ioas = testbed.iommufd.allocIoas();
  const { hardware, device } = plugged(testbed);
  const parent = device.allocHwpt({ ioas, nestParent: true });
  return { ioas, hardware, device, parent };
};

onEveryBackend((open) => {
  test('a nested page table gets its data, and its output is translated by its parent', async () => {
    const testbed = open();
    const { ioas, hardware, device, parent } = start(testbed);
    const nested = device.allocNestedHwpt({ on: parent, data: { ...NESTED, iotlb: 0x1234_5678 } });
    expect(unlike(nested, { kind: 'hwpt', on: parent })).toEqual([]);
    expect(holds(testbed, nested, 3, 0x1234_5678)).toBe(true);
    expect(device.attach(nested).pageTableId).toBe(nested.id);
    const memory = mapped(testbed, ioas, 1);
    await hardware.dma.write(IOVA, pattern(8));
    expect(memory.bytes(0, 8)).toEqual(pattern(8));
  });

  test('it can be allocated on a virtual IOMMU', () => {
    const testbed = open();
    const { device, parent } = start(testbed);
    const viommu = device.allocViommu({ type: 'selftest', parent });
    const nested = device.allocNestedHwpt({ on: viommu, data: NESTED });
    expect(nested.on === viommu).toBe(true);
    // Events need a vDEVICE first.
    expect(errorOf(() => device.attach(nested))).toMatchObject({ code: 'ENOENT' });
    viommu.allocVdevice({ device, virtualId: 1n });
    expect(device.attach(nested).isCurrent).toBe(true);
  });

  test('allocation fails unless the parent is a nest parent', () => {
    const testbed = open();
    const { ioas, device } = start(testbed);
    const plain = device.allocHwpt({ ioas });
    const error = errorOf(() => device.allocNestedHwpt({ on: plain, data: NESTED }));
    expect(error).toMatchObject({ call: 'IOMMU_HWPT_ALLOC', code: 'EINVAL' });
    expect(error.args).toMatchObject({ pt_id: plain.id, dev_id: device.id, data_type: 0xdead });
    plain.close();
  });

  test('an IOMMU accepts only data of its own format', () => {
    const testbed = open();
    const { device, parent } = start(testbed);
    const viommu = device.allocViommu({ type: 'selftest', parent });
    for (const on of [parent, viommu]) {
      const arm = errorOf(() => device.allocNestedHwpt({ on, data: { type: 'arm-smmuv3', ste: [1n, 2n] } }));
      expect(arm).toMatchObject({ code: 'EOPNOTSUPP' });
      expect(arm.args).toMatchObject({ data_type: 2, data_len: 16 });
      const dte = [1n, 2n, 3n, 4n] as const;
      expect(errorOf(() => device.allocNestedHwpt({ on, data: { type: 'amd-guest', dte } })).code).toBe(
        'EOPNOTSUPP',
      );
    }
    viommu.close();
    parent.close();
  });

  test('it can be allocated for PASIDs, and with a fault queue', async () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const { hardware, device } = plugged(testbed, { pasids: true });
    const parent = device.allocHwpt({ ioas, nestParent: true });
    const faultQueue = testbed.iommufd.allocFaultQueue();
    const nested = device.allocNestedHwpt({ on: parent, data: NESTED, pasid: true, faultQueue });
    device.attach(nested, { pasid: 12 });
    const read = hardware.dma.read(IOVA, 1, { pasid: 12 });
    const [group] = faultQueue.read();
    if (group === undefined) throw new Error('there is a group');
    expect(unlike(group, { device, pasid: 12 })).toEqual([]);
    group.respond('invalid');
    await expect(read).rejects.toMatchObject({ reason: 'answered as invalid' });
  });
});
