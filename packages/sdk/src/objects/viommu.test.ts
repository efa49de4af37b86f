import { expect, jest, test } from '@jest/globals';
import { type Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import { counted, errorOf, IOVA, mapped, NESTED, plugged, unlike } from '../testing/devices.testing.js';

const start = (testbed: Testbed) => {
  const ioas = testbed.iommufd.allocIoas();
  const { device, hardware } = plugged(testbed);
  const parent = device.allocHwpt({ ioas, nestParent: true });
  return { ioas, device, hardware, parent };
};

onEveryBackend((open) => {
  test('a virtual IOMMU has the requested type', () => {
    const testbed = open();
    const { device, parent } = start(testbed);
    const viommu = device.allocViommu({ type: 'selftest', parent });
    expect(unlike(viommu, { kind: 'viommu', type: 'selftest', parent })).toEqual([]);
    expect(viommu.page()).toBeUndefined();
    // A device may have several.
    expect(device.allocViommu({ type: 'selftest', parent }).id).not.toBe(viommu.id);
  });

  test('a virtual IOMMU needs a supported type and a nest parent', () => {
    const testbed = open();
    const { ioas, device, parent } = start(testbed);
    for (const type of ['arm-smmuv3', 'tegra241-cmdqv'] as const) {
      const error = errorOf(() => device.allocViommu({ type, parent }));
      expect(error).toMatchObject({ call: 'IOMMU_VIOMMU_ALLOC', code: 'EOPNOTSUPP' });
      expect(error.args).toMatchObject({ dev_id: device.id, hwpt_id: parent.id });
    }
    const plain = device.allocHwpt({ ioas });
    const error = errorOf(() => device.allocViommu({ type: 'selftest', parent: plain }));
    expect(error.code).toBe('EINVAL');
    expect(error.meaning).toBe(
      `${plain.describe()} was allocated without nestParent: true, which a virtual IOMMU requires.`,
    );
    parent.close();
  });

  test('page() maps the register page of the driver, any number of times', () => {
    const testbed = open();
    const { device, parent } = start(testbed);
    const viommu = device.allocViommu({ type: 'selftest', parent, selftestData: 0xcafe_f00d });
    const page = viommu.page();
    const again = viommu.page();
    if (page === undefined || again === undefined) throw new Error('there is a page');
    expect(page.length).toBe(8192);
    const { buffer, byteOffset } = page.bytes();
    expect(new DataView(buffer, byteOffset).getUint32(0, true)).toBe(0xcafe_f00d);
    page.bytes().set([1, 2, 3], 5000);
    expect(again.bytes(5000, 3)).toEqual(Uint8Array.of(1, 2, 3));
    expect(again.address).not.toBe(page.address);
    page.close();
    again.close();
    viommu.close();
    expect(viommu.isClosed).toBe(true);
  });

  test('a virtual IOMMU with selftestData 0 has a page too', () => {
    const testbed = open();
    const { device, parent } = start(testbed);
    const page = device.allocViommu({ type: 'selftest', parent, selftestData: 0 }).page();
    expect(page?.bytes(0, 4)).toEqual(new Uint8Array(4));
    expect(page?.length).toBe(8192);
  });

  test('closing the Iommufd unmaps the page', () => {
    const testbed = open();
    const { device, parent } = start(testbed);
    const page = device.allocViommu({ type: 'selftest', parent, selftestData: 1 }).page();
    testbed.iommufd.close();
    expect(page?.isClosed).toBe(true);
    expect(testbed.kernel.leftOver()).toEqual([]);
  });

  test('a virtual IOMMU cannot be closed while its page is mapped', () => {
    const testbed = open();
    const { device, parent } = start(testbed);
    const viommu = device.allocViommu({ type: 'selftest', parent, selftestData: 1 });
    const page = viommu.page();
    expect(errorOf(() => viommu.close()).code).toBe('EBUSY');
    expect(viommu.isClosed).toBe(false);
    page?.close();
    viommu.close();
  });

  test('the EBUSY error of a virtual IOMMU names its page', () => {
    const testbed = open();
    const { device, parent } = start(testbed);
    const viommu = device.allocViommu({ type: 'selftest', parent, selftestData: 1 });
    viommu.page();
    expect(errorOf(() => viommu.close()).usedBy).not.toEqual([]);
  });

  test('a virtual IOMMU has one vEVENTQ of each type, with a valid depth', () => {
    const testbed = open();
    const { device, parent } = start(testbed);
    const viommu = device.allocViommu({ type: 'selftest', parent });
    for (const depth of [0, (1 << 19) + 1]) {
      const error = errorOf(() => viommu.allocVeventq({ type: 'selftest', depth }));
      expect(error).toMatchObject({ call: 'IOMMU_VEVENTQ_ALLOC', code: 'EINVAL' });
      expect(error.args).toMatchObject({ viommu_id: viommu.id, veventq_depth: depth });
    }
    const files = testbed.process.files.openCount;
    const veventq = viommu.allocVeventq({ type: 'selftest', depth: 3 });
    expect(unlike(veventq, { type: 'selftest', depth: 3, viommu })).toEqual([]);
    expect(testbed.process.files.openCount).toBe(files + 1);
    const error = errorOf(() => viommu.allocVeventq({ type: 'selftest', depth: 3 }));
    expect(error).toMatchObject({ code: 'EEXIST', errno: 17 });
    expect(error.meaning).toBe('The virtual IOMMU has a queue of this type already.');
    expect(testbed.process.files.openCount).toBe(files + 1);
    veventq.close();
    expect(testbed.process.files.openCount).toBe(files);
    expect(viommu.allocVeventq({ type: 'selftest', depth: 1 << 19 }).depth).toBe(1 << 19);
  });

  test('methods of a closed virtual IOMMU fail without a system call', () => {
    const testbed = open();
    const { ioas, device, parent } = start(testbed);
    mapped(testbed, ioas, 1);
    const viommu = device.allocViommu({ type: 'selftest', parent, selftestData: 1 });
    viommu.close();
    const calls = counted(testbed.process);
    for (const use of [
      () => viommu.page(),
      () => viommu.allocVdevice({ device, virtualId: 1n }),
      () => viommu.allocVeventq({ type: 'selftest', depth: 1 }),
      () => viommu.allocHwQueue({ type: 'selftest', index: 0, iova: IOVA, length: 64n }),
      () => viommu.invalidate({ type: 'selftest', entries: [{ flags: 0, vdev_id: 1, cache_id: 0 }] }),
      () => device.allocNestedHwpt({ on: viommu, data: NESTED }),
    ]) {
      expect(errorOf(use)).toMatchObject({ code: 'EBADF', args: { object: viommu.describe() } });
    }
    expect(calls()).toBe(0);
  });

  test('a vEVENTQ whose buffer cannot be allocated leaves nothing over', () => {
    const testbed = open();
    const { device, parent } = start(testbed);
    const viommu = device.allocViommu({ type: 'selftest', parent });
    const files = testbed.process.files.openCount;
    const mmap = jest.spyOn(testbed.process, 'mmap').mockImplementation(() => -12n);
    expect(errorOf(() => viommu.allocVeventq({ type: 'selftest', depth: 3 }))).toMatchObject({
      call: 'mmap',
      code: 'ENOMEM',
    });
    mmap.mockRestore();
    expect(testbed.process.files.openCount).toBe(files);
    expect(viommu.allocVeventq({ type: 'selftest', depth: 3 }).isClosed).toBe(false);
  });

  test('after a failure to allocate a buffer, everything can be closed', () => {
    const testbed = open();
    const mmap = jest.spyOn(testbed.process, 'mmap').mockImplementation(() => -12n);
    expect(errorOf(() => testbed.iommufd.allocFaultQueue()).code).toBe('ENOMEM');
    mmap.mockRestore();
    expect(() => testbed.iommufd.close()).not.toThrow();
    expect(testbed.process.files.openCount).toBe(0);
  });
});
