import { expect, test } from '@jest/globals';
import { FakeKernel } from '@iommufd/fakekernel';
import { iommu_test_op } from '@iommufd/uapi';
import { type Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import { counted, errorOf, IOVA, NESTED } from '../testing/devices.testing.js';
import { Iommufd, type SelftestDevice } from '../index.js';

/** The id of the page table that a PASID of a selftest device is attached to, as the kernel reports it; 0 for none. */
const isAt = (testbed: Testbed, { mockId }: SelftestDevice, pasid: number, hwpt_id: number): boolean => {
  const op = iommu_test_op.IOMMU_TEST_OP_PASID_CHECK_HWPT;
  return testbed.testCmd({ op, id: mockId, pasid_check: { pasid, hwpt_id } } as never) === 0;
};

onEveryBackend((open) => {
  test('a selftest device is created on an IOAS, or on a page table', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const first = testbed.iommufd.createSelftestDevice({ attachTo: ioas });
    const automatic = first.attachment()?.pageTableId ?? 0;
    expect(first.attachment()?.to === ioas).toBe(true);
    expect(isAt(testbed, first, 0, automatic)).toBe(true);
    const hwpt = first.allocHwpt({ ioas });
    const second = testbed.iommufd.createSelftestDevice({ attachTo: hwpt });
    expect(second.attachment()?.to === hwpt).toBe(true);
    expect(second.attachment()?.pageTableId).toBe(hwpt.id);
    expect(isAt(testbed, second, 0, hwpt.id)).toBe(true);
    expect(new Set([first.id, first.mockId, second.id, second.mockId, ioas.id, hwpt.id]).size).toBe(6);
  });

  test('a selftest device has the requested capabilities', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const plain = testbed.iommufd.createSelftestDevice({ attachTo: ioas });
    expect(plain.hwInfo()).toMatchObject({ pasidBits: 0, dirtyTracking: true });
    const other = testbed.iommufd.createSelftestDevice({
      attachTo: ioas,
      pasids: true,
      dirtyTracking: false,
    });
    expect(other.hwInfo()).toMatchObject({ pasidBits: 20, dirtyTracking: false });
  });

  test('a selftest device moves, and detach moves it back to its initial attachment', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const device = testbed.iommufd.createSelftestDevice({ attachTo: ioas });
    const home = device.attachment();
    const hwpt = device.allocHwpt({ ioas });
    const away = device.attach(hwpt);
    expect(isAt(testbed, device, 0, hwpt.id)).toBe(true);
    expect([home?.isCurrent, away.isCurrent]).toEqual([false, true]);
    away.detach();
    expect(device.attachment()?.to === ioas).toBe(true);
    expect(isAt(testbed, device, 0, hwpt.id)).toBe(false);
    expect(isAt(testbed, device, 0, device.attachment()?.pageTableId ?? 0)).toBe(true);
    hwpt.close();
    // It is already at its initial attachment.
    device.detach();
    expect(device.attachment()?.to === ioas).toBe(true);
    {
      using within = device.attach(testbed.iommufd.allocIoas());
      expect(within.isCurrent).toBe(true);
    }
    expect(device.attachment()?.to === ioas).toBe(true);
  });

  test('PASIDs of a selftest device are attached, moved and detached', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const device = testbed.iommufd.createSelftestDevice({ attachTo: ioas, pasids: true });
    const [one, two] = [device.allocHwpt({ ioas, pasid: true }), device.allocHwpt({ ioas, pasid: true })];
    device.attach(one);
    const first = device.attach(one, { pasid: 7 });
    expect(first).toMatchObject({ pasid: 7, pageTableId: one.id });
    expect(isAt(testbed, device, 7, one.id)).toBe(true);
    const second = device.attach(two, { pasid: 7 });
    expect(isAt(testbed, device, 7, two.id)).toBe(true);
    first.detach();
    expect(isAt(testbed, device, 7, two.id)).toBe(true);
    second.detach();
    expect(isAt(testbed, device, 7, 0)).toBe(true);
    const calls = counted(testbed.process);
    device.detach({ pasid: 7 });
    second.detach();
    expect(calls()).toBe(0);
    two.close();
    expect(device.attachment()?.to === one).toBe(true);
  });

  test('a PASID that cannot be moved stays attached', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const device = testbed.iommufd.createSelftestDevice({ attachTo: ioas, pasids: true });
    const plain = device.allocHwpt({ ioas });
    const hwpt = device.allocHwpt({ ioas, pasid: true });
    device.attach(hwpt);
    const attachment = device.attach(hwpt, { pasid: 7 });
    const error = errorOf(() => device.attach(plain, { pasid: 7 }));
    expect(error).toMatchObject({ call: 'IOMMU_TEST_CMD', code: 'EINVAL' });
    expect(device.attachment({ pasid: 7 }) === attachment).toBe(true);
    expect(isAt(testbed, device, 7, hwpt.id)).toBe(true);
  });

  test('closing a selftest device detaches its PASIDs as well', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const device = testbed.iommufd.createSelftestDevice({ attachTo: ioas, pasids: true });
    const hwpt = device.allocHwpt({ ioas, pasid: true });
    device.attach(hwpt);
    for (const pasid of [1, 2, 77]) device.attach(hwpt, { pasid });
    expect(errorOf(() => hwpt.close())).toMatchObject({ code: 'EBUSY', usedBy: [device.describe()] });
    device.close();
    expect([device.attachment(), device.attachment({ pasid: 77 })]).toEqual([undefined, undefined]);
    hwpt.close();
    ioas.close();
    expect(testbed.kernel.pages.size).toBe(0);
  });

  test('closing a selftest device closes its vDEVICE', () => {
    const testbed = open();
    const { device, viommu, hwpt, parent, ioas } = testbed.nested();
    const vdevice = viommu.allocVdevice.bind(viommu);
    expect(errorOf(() => vdevice({ device, virtualId: 5n })).code).toBe('EEXIST');
    device.close();
    for (const object of [hwpt, viommu, parent, ioas]) object.close();
    expect([hwpt, viommu, parent, ioas].every(({ isClosed }) => isClosed)).toBe(true);
  });

  test('a selftest device is not created on an incompatible page table', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const device = testbed.iommufd.createSelftestDevice({ attachTo: ioas });
    const tracking = device.allocHwpt({ ioas, dirtyTracking: true });
    const error = errorOf(() =>
      testbed.iommufd.createSelftestDevice({ attachTo: tracking, dirtyTracking: false }),
    );
    expect(error).toMatchObject({ call: 'IOMMU_TEST_CMD', code: 'EINVAL' });
    expect(error.args).toMatchObject({ id: tracking.id, op: 12 });
    // It left nothing.
    tracking.close();
  });

  test('a selftest device is attached to a nested page table', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const device = testbed.iommufd.createSelftestDevice({ attachTo: ioas });
    const parent = device.allocHwpt({ ioas, nestParent: true });
    const nested = device.allocNestedHwpt({ on: parent, data: NESTED });
    device.attach(nested);
    expect(isAt(testbed, device, 0, nested.id)).toBe(true);
    expect(errorOf(() => nested.close()).usedBy).toEqual([device.describe()]);
  });

  test('a reserved region of the selftest device conflicts with a mapping, and the error names it', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const memory = testbed.iommufd.allocMemory(4096);
    ioas.mapMemory(memory, { iova: IOVA - 0x1000n });
    expect(errorOf(() => testbed.iommufd.createSelftestDevice({ attachTo: ioas })).code).toBe('EADDRINUSE');
    ioas.unmapAll();
    expect(testbed.iommufd.createSelftestDevice({ attachTo: ioas }).isClosed).toBe(false);
  });
});

test('createSelftestDevice() fails with ENOTTY without the mock driver', () => {
  const kernel = new FakeKernel();
  const process = kernel.spawn();
  const iommufd = Iommufd.open(process);
  const ioas = iommufd.allocIoas();
  const error = errorOf(() => iommufd.createSelftestDevice({ attachTo: ioas }));
  expect(error).toMatchObject({ call: 'IOMMU_TEST_CMD', code: 'ENOTTY', errno: 25 });
  expect(error.meaning).toBe('The kernel was built without CONFIG_IOMMUFD_TEST.');
  iommufd.close();
  process.exit();
  expect(kernel.leftOver()).toEqual([]);
});
