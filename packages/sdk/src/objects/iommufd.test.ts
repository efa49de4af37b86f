import { expect, jest, test } from '@jest/globals';
import { FakeKernel, mockModule } from '@iommufd/fakekernel';
import { onEveryBackend } from '../testing/testbed.testing.js';
import { counted, errorOf, PAGE, plugged } from '../testing/devices.testing.js';
import { Iommufd } from '../index.js';

test('open() fails if /dev/iommu does not exist', () => {
  const process = new FakeKernel().spawn();
  const error = errorOf(() => Iommufd.open(process, { path: '/dev/iommu2' }));
  expect(error).toMatchObject({ call: 'open', code: 'ENOENT', args: { path: '/dev/iommu2' } });
  expect(process.files.openCount).toBe(0);
});

test('open() takes another path', () => {
  const kernel = new FakeKernel();
  kernel.addNode('/tmp/iommu', () => kernel.openNode('/dev/iommu'));
  const process = kernel.spawn();
  using iommufd = Iommufd.open(process, { path: '/tmp/iommu' });
  expect(iommufd.allocIoas().id).toBe(1);
});

test('open() fails without memory, and leaves no file open', () => {
  const process = new FakeKernel().spawn();
  jest.spyOn(process, 'mmap').mockReturnValueOnce(-12n);
  expect(errorOf(() => Iommufd.open(process))).toMatchObject({ call: 'mmap', code: 'ENOMEM' });
  expect(process.files.openCount).toBe(0);
});

test('without a free file descriptor nothing is opened, and allocations are undone', () => {
  const kernel = new FakeKernel([mockModule]);
  const process = kernel.spawn();
  const iommufd = Iommufd.open(process);
  while (process.dup(iommufd.fd) >= 0);
  expect(errorOf(() => Iommufd.open(process))).toMatchObject({ call: 'open', code: 'EMFILE' });
  expect(errorOf(() => iommufd.allocFaultQueue())).toMatchObject({ call: 'IOMMU_FAULT_QUEUE_ALLOC' });
  expect(errorOf(() => iommufd.allocMemory(PAGE, { memfd: true }))).toMatchObject({ call: 'memfd_create' });
  expect(iommufd.allocIoas().id).toBe(1);
  process.exit();
  expect(kernel.leftOver()).toEqual([]);
});

test('locked memory is charged to the user or to the process', () => {
  const kernel = new FakeKernel([mockModule]);
  const process = kernel.spawn({ ipcLock: false, sysResource: true, memlock: 4 * PAGE });
  const iommufd = Iommufd.open(process);
  expect(iommufd.rlimitMode).toBe('user');
  iommufd.rlimitMode = 'process';
  expect(iommufd.rlimitMode).toBe('process');
  const ioas = iommufd.allocIoas();
  const error = errorOf(() => (iommufd.rlimitMode = 'user'));
  expect(error).toMatchObject({ call: 'IOMMU_OPTION', code: 'EBUSY' });
  iommufd.createSelftestDevice({ attachTo: ioas });
  const memory = iommufd.allocMemory(8 * PAGE);
  expect(errorOf(() => ioas.mapMemory(memory))).toMatchObject({ call: 'IOMMU_IOAS_MAP', code: 'ENOMEM' });
  const mapping = ioas.mapMemory(memory, { length: 4 * PAGE });
  expect(errorOf(() => ioas.mapMemory(memory, { length: PAGE })).code).toBe('ENOMEM');
  mapping.unmap();
  expect(ioas.mapMemory(memory, { length: PAGE }).length).toBe(4096n);
  iommufd.close();
  process.exit();
  expect(kernel.leftOver()).toEqual([]);
});

test('setting rlimitMode needs CAP_SYS_RESOURCE', () => {
  const process = new FakeKernel().spawn({ ipcLock: false, sysResource: false, memlock: PAGE });
  using iommufd = Iommufd.open(process);
  expect(errorOf(() => (iommufd.rlimitMode = 'process'))).toMatchObject({
    code: 'EPERM',
    meaning: 'IOMMU_OPTION_RLIMIT_MODE without CAP_SYS_RESOURCE.',
  });
  expect(iommufd.rlimitMode).toBe('user');
});

onEveryBackend((open) => {
  test('close() closes everything once', () => {
    const testbed = open();
    const { iommufd } = testbed;
    const { device } = plugged(testbed);
    const { viommu, hwpt } = testbed.nested(iommufd.allocFaultQueue());
    const memory = iommufd.allocMemory(PAGE, { memfd: true });
    const bitmap = viommu.parent.dirtyBitmap({ iova: 0n, length: 4096n });
    const objects = [device, viommu, hwpt, viommu.allocVeventq({ type: 'selftest', depth: 1 })];
    expect(iommufd.isClosed).toBe(false);
    iommufd.close();
    expect(iommufd.isClosed).toBe(true);
    expect([...objects, memory].map(({ isClosed }) => isClosed)).toEqual(Array(5).fill(true));
    expect(testbed.process.files.openCount).toBe(0);
    const calls = counted(testbed.process);
    iommufd.close();
    iommufd[Symbol.dispose]();
    bitmap.close();
    memory.close();
    for (const object of objects) object.close();
    expect(calls()).toBe(0);
  });

  test('close() unmaps each memory once', () => {
    const testbed = open();
    const { viommu } = testbed.nested(testbed.iommufd.allocFaultQueue());
    viommu.allocVeventq({ type: 'selftest', depth: 1 });
    testbed.iommufd.allocMemory(PAGE).close();
    const munmap = jest.spyOn(testbed.process, 'munmap');
    testbed.iommufd.close();
    // A second munmap() could unmap another mapping, because the address is free by then.
    const addresses = munmap.mock.calls.map(([address]) => address);
    expect(addresses).toEqual([...new Set(addresses)]);
  });

  test('calls on closed objects fail without a system call', () => {
    const testbed = open();
    const { iommufd } = testbed;
    const ioas = iommufd.allocIoas();
    iommufd.close();
    const calls = counted(testbed.process);
    for (const use of [
      () => iommufd.allocIoas(),
      () => iommufd.openDevice('/dev/vfio/devices/vfio0'),
      () => iommufd.createSelftestDevice({ attachTo: ioas }),
      () => iommufd.allocFaultQueue(),
      () => iommufd.allocMemory(PAGE),
      () => iommufd.rlimitMode,
      () => (iommufd.rlimitMode = 'user'),
    ])
      expect(errorOf(use)).toMatchObject({ code: 'EBADF', args: { object: '/dev/iommu' } });
    expect(errorOf(() => ioas.unmapAll()).code).toBe('EBADF');
    expect(calls()).toBe(0);
  });

  test('several /dev/iommu may be open, and are independent', () => {
    const testbed = open();
    const other = Iommufd.open(testbed.process);
    const [mine, theirs] = [testbed.iommufd.allocIoas(), other.allocIoas()];
    expect(mine.id).toBe(theirs.id);
    theirs.mapMemory(other.allocMemory(PAGE));
    expect(mine.unmapAll()).toBe(0n);
    other.close();
    expect([mine.isClosed, theirs.isClosed]).toEqual([false, true]);
    expect(mine.iovaRanges().alignment).toBe(1n);
  });
});
