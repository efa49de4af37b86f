import { expect, jest, test } from '@jest/globals';
import { isPending, turn } from '@iommufd/testkit';
import { MockDevice as Hardware } from '@iommufd/fakekernel';
import {
  errno,
  iommu_hwpt_pgfault_flags,
  type PollFd,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
} from '@iommufd/uapi';
import { Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import { errorOf, plugged } from '../testing/devices.testing.js';

const start = (testbed: Testbed) => {
  const { device, viommu } = testbed.nested();
  return { device, veventq: viommu.allocVeventq({ type: 'selftest', depth: 8 }) };
};

onEveryBackend((open) => {
  test('a wait continues after a spurious wake-up', async () => {
    const testbed = open();
    const { device, veventq } = start(testbed);
    const wait = jest.spyOn(testbed.process, 'wait');
    for (let i = 0; i < 5; i++) {
      wait.mockImplementationOnce(async () => {
        await turn();
        return 0;
      });
    }
    const readable = veventq.readable();
    const next = veventq.events().next();
    expect(await isPending(readable)).toBe(true);
    testbed.sendEvent(device);
    expect(await readable).toBe(true);
    expect(await next).toMatchObject({ done: false });
    expect(wait.mock.calls.length).toBeGreaterThan(5);
  });

  test('spurious wake-ups do not extend the timeout', async () => {
    const testbed = open();
    const { veventq } = start(testbed);
    let now = 1000;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
    const timeouts: unknown[] = [];
    jest.spyOn(testbed.process, 'wait').mockImplementation(async (_fds, options) => {
      timeouts.push(options?.timeout);
      now += 2;
      await turn();
      return 0;
    });
    expect(await veventq.readable({ timeout: 5 })).toBe(false);
    clock.mockRestore();
    expect(timeouts).toEqual([5, 3, 1]);
  });

  test('a wait without a timeout passes none to the backend', async () => {
    const testbed = open();
    const { veventq } = start(testbed);
    const wait = jest.spyOn(testbed.process, 'wait');
    const controller = new AbortController();
    const forever = veventq.readable({ signal: controller.signal });
    const long = veventq.readable({ timeout: 1e12, signal: controller.signal });
    expect(await isPending(forever)).toBe(true);
    for (const [, options] of wait.mock.calls) {
      expect(options?.timeout ?? 0).toBeLessThanOrEqual(0x7fff_ffff);
    }
    controller.abort();
    expect([await forever, await long]).toEqual([false, false]);
  });

  test('EINTR is not an error, another errno is', async () => {
    const testbed = open();
    const { veventq } = start(testbed);
    const wait = jest.spyOn(testbed.process, 'wait');
    for (const status of [-errno.EINTR, -errno.EAGAIN, -errno.EINTR, -errno.ENOMEM])
      wait.mockImplementationOnce(async () => status);
    await expect(veventq.readable()).rejects.toMatchObject({
      call: 'poll',
      code: 'ENOMEM',
      args: { fds: [veventq.fd] },
    });
  });

  test.each([
    [POLLERR, 'EIO'],
    [POLLHUP, 'EIO'],
    [POLLERR | POLLHUP, 'EIO'],
    [POLLNVAL, 'EBADF'],
    [POLLNVAL | POLLIN, 'EBADF'],
  ])('a file in error fails the wait instead of blocking it: %d', async (revents, code) => {
    const testbed = open();
    const { veventq } = start(testbed);
    const wait = jest.spyOn(testbed.process, 'wait');
    const broken = async (fds: readonly PollFd[]): Promise<number> => {
      for (const entry of fds) entry.revents = revents;
      return fds.length;
    };
    wait.mockImplementation(broken);
    const expected = { call: 'poll', code, args: { fd: veventq.fd, revents } };
    await expect(veventq.readable()).rejects.toMatchObject(expected);
    await expect(veventq.events().next()).rejects.toMatchObject(expected);
    await expect(testbed.iommufd.poll([veventq])).rejects.toMatchObject(expected);
  });

  test('the remaining records of a file that hung up are read first', async () => {
    const testbed = open();
    const { device, veventq } = start(testbed);
    testbed.sendEvent(device);
    jest.spyOn(testbed.process, 'wait').mockImplementationOnce(async (fds) => {
      for (const entry of fds) entry.revents = POLLIN | POLLHUP;
      return fds.length;
    });
    expect(await veventq.readable()).toBe(true);
    expect(veventq.read()).toHaveLength(1);
  });

  test('a failed read() names its queue', () => {
    const testbed = open();
    const { veventq } = start(testbed);
    const read = jest.spyOn(testbed.process, 'read').mockImplementation(() => -errno.EIO);
    const error = errorOf(() => veventq.read());
    expect(error).toMatchObject({ call: 'read', code: 'EIO' });
    expect(error.args).toMatchObject({ fd: veventq.fd, object: veventq.describe() });
    read.mockRestore();
    expect(veventq.read()).toEqual([]);
  });

  test('a read() gives up if every buffer is too short', () => {
    const testbed = open();
    const { device, veventq } = start(testbed);
    // The file is readable, so EAGAIN is not final.
    testbed.sendEvent(device);
    const read = jest.spyOn(testbed.process, 'read').mockImplementation(() => -errno.EINVAL);
    expect(errorOf(() => veventq.read())).toMatchObject({ call: 'read', code: 'EINVAL' });
    expect(read.mock.calls.length).toBeLessThan(20);
  });

  test('a call that keeps failing with EAGAIN fails after a number of attempts', () => {
    const testbed = open();
    jest.spyOn(testbed.process, 'ioctl').mockImplementation(() => -errno.EAGAIN);
    expect(errorOf(() => testbed.iommufd.allocIoas())).toMatchObject({
      call: 'IOMMU_IOAS_ALLOC',
      code: 'EAGAIN',
      errno: 11,
    });
  });

  test('after a failed write() the groups still need a response', () => {
    const testbed = open();
    const faultQueue = testbed.iommufd.allocFaultQueue();
    const { device } = testbed.nested(faultQueue);
    testbed.sendFault(device, { addr: 0x1000n });
    const [group] = faultQueue.read();
    const write = jest.spyOn(testbed.process, 'write').mockImplementation(() => -errno.EFAULT);
    expect(errorOf(() => group?.respond('success'))).toMatchObject({ call: 'write', code: 'EFAULT' });
    expect(group?.response).toBeUndefined();
    write.mockRestore();
    group?.respond('success');
    expect(group?.response).toBe('success');
  });

  test('if read() returns 0 because a group does not fit, the buffer is enlarged', () => {
    const testbed = open();
    const { hardware, device } = plugged(testbed);
    const faultQueue = testbed.iommufd.allocFaultQueue();
    device.attach(device.allocHwpt({ ioas: testbed.iommufd.allocIoas(), faultQueue }));
    const { IOMMU_PGFAULT_FLAGS_LAST_PAGE } = iommu_hwpt_pgfault_flags;
    for (let i = 0; i < 1500; i++) {
      const flags = i === 1499 ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0;
      hardware.reportFault({ flags, pasid: 0, grpid: 1, perm: 1, addr: BigInt(i) << 12n });
    }
    // Up to Linux 6.16 at least, iommufd_fault_fops_read() returns 0 then, and no errno.
    const read = testbed.process.read.bind(testbed.process);
    jest.spyOn(testbed.process, 'read').mockImplementation((fd, address, length) => {
      const status = read(fd, address, length);
      return status === -errno.EINVAL ? 0 : status;
    });
    expect(faultQueue.read().map(({ faults }) => faults.length)).toEqual([1500]);
  });

  test('a newer kernel may set fields that are reserved today', () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const ioctl = testbed.process.ioctl.bind(testbed.process);
    jest.spyOn(testbed.process, 'ioctl').mockImplementation((fd, request, arg) => {
      const status = ioctl(fd, request, arg);
      // __reserved of struct iommu_ioas_iova_ranges
      testbed.process.memory(arg + 12n, 4).fill(0xff);
      return status;
    });
    expect(ioas.iovaRanges()).toEqual({ ranges: [{ start: 0n, last: (1n << 64n) - 1n }], alignment: 1n });
  });
});

test('file descriptor 0 is valid', async () => {
  const closing = (fds: readonly number[]): Testbed =>
    new Testbed((sys) => {
      for (const fd of fds) sys.close(fd);
      return sys;
    });
  const first = closing([0]);
  expect(first.iommufd.fd).toBe(0);
  expect(first.iommufd.allocIoas().id).toBe(1);
  first.iommufd.close();
  expect(first.process.files.find(0)).toBeUndefined();
  expect(first.end()).toEqual([]);

  const { process, iommufd, ...testbed } = closing([]);
  process.close(0);
  const memory = iommufd.allocMemory(4096, { memfd: true });
  expect(memory.fd).toBe(0);
  memory.close();
  expect(process.files.find(0)).toBeUndefined();
  const device = iommufd.openDevice(testbed.kernel.plug(new Hardware()));
  expect(device.fd).toBe(0);
  expect(device.attach(iommufd.allocIoas()).isCurrent).toBe(true);
  device.close();
  const faultQueue = iommufd.allocFaultQueue();
  expect(faultQueue.fd).toBe(0);
  expect(faultQueue.read()).toEqual([]);
  expect(await faultQueue.readable({ timeout: 0 })).toBe(false);
  faultQueue.close();
  expect(process.files.find(0)).toBeUndefined();
  iommufd.close();
  process.exit();
  expect(testbed.kernel.leftOver()).toEqual([]);
});
