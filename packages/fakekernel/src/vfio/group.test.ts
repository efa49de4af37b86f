import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  errno,
  type ErrnoName,
  IOMMU_IOAS_ALLOC,
  PROT_EXEC,
  PROT_READ,
  VFIO_DEVICE_ATTACH_IOMMUFD_PT,
  VFIO_DEVICE_BIND_IOMMUFD,
  VFIO_DEVICE_GET_INFO,
  VFIO_GROUP_GET_DEVICE_FD,
  VFIO_GROUP_GET_STATUS,
  VFIO_GROUP_SET_CONTAINER,
  vfio_group_status,
  VFIO_GROUP_UNSET_CONTAINER,
  VFIO_SET_IOMMU,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { createDevice, type FakePciDevice, FakeKernel, type Process, ram, sriov } from '../index.js';

const is = (name: ErrnoName): number => -errno[name];
const RW = 3;

let kernel: FakeKernel;
let process: Process;
let memory: Uint8Array;
let at: bigint;
let device: FakePciDevice;
let cdevPath: string;
const groupPath = '/dev/vfio/0';
const NAME = '0000:00:01.0';

beforeEach(() => {
  kernel = new FakeKernel();
  device = createDevice({ vendor: 0x1234, device: 1, bars: [ram(4096)] });
  cdevPath = kernel.plug(device);
  process = kernel.spawn();
  memory = new Uint8Array(8192);
  at = process.mapHost(memory, RW);
});

function setContainer(group: number, fd: number): number {
  new DataView(memory.buffer).setInt32(0, fd, true);
  return process.ioctl(group, VFIO_GROUP_SET_CONTAINER.request, at);
}

function deviceFd(group: number, name = NAME): number {
  memory.set(new TextEncoder().encode(`${name}\0`));
  return process.ioctl(group, VFIO_GROUP_GET_DEVICE_FD.request, at);
}

function status(group: number, argsz = 8): number {
  memory.set([argsz, 0, 0, 0]);
  const ret = process.ioctl(group, VFIO_GROUP_GET_STATUS.request, at);
  return ret < 0 ? ret : view(vfio_group_status, memory).flags;
}

const unset = (group: number): number => process.ioctl(group, VFIO_GROUP_UNSET_CONTAINER.request, 0n);

function bind(cdev: number, iommufd: number): number {
  memory.fill(0, 0, 24);
  const data = new DataView(memory.buffer);
  data.setUint32(0, 16, true);
  data.setInt32(8, iommufd, true);
  return process.ioctl(cdev, VFIO_DEVICE_BIND_IOMMUFD.request, at);
}

const info = (fd: number): number => {
  memory.set([24, 0, 0, 0]);
  return process.ioctl(fd, VFIO_DEVICE_GET_INFO.request, at);
};

test('a group opens once, and is there as long as it has devices', () => {
  const group = process.open(groupPath);
  expect(process.open(groupPath)).toBe(is('EBUSY'));
  expect(process.ioctl(group, 0, 0n)).toBe(is('ENOTTY'));
  expect(process.read(group, at, 8)).toBe(is('EINVAL'));
  process.close(group);
  process.close(process.open(groupPath));
  kernel.unplug(device);
  expect(process.open(groupPath)).toBe(is('ENOENT'));
});

describe('a container', () => {
  let group: number;
  let container: number;

  beforeEach(() => {
    group = process.open(groupPath);
    container = process.open('/dev/vfio/vfio');
  });

  test('is an iommufd, and makes its compatibility IOAS', () => {
    expect(process.ioctl(container, VFIO_SET_IOMMU.request, 3n)).toBe(is('ENODEV'));
    expect([setContainer(group, -1), setContainer(group, 99), setContainer(group, group)]).toEqual([
      is('EBADF'),
      is('EBADF'),
      is('EBADFD'),
    ]);
    expect(process.ioctl(group, VFIO_GROUP_SET_CONTAINER.request, 8n)).toBe(is('EFAULT'));
    expect([unset(group), setContainer(group, container), setContainer(group, container)]).toEqual([
      is('EINVAL'),
      0,
      is('EINVAL'),
    ]);
    expect(process.ioctl(container, VFIO_SET_IOMMU.request, 3n)).toBe(0);
    // The id 1 is in use.
    memory.fill(0).set([12]);
    expect(process.ioctl(container, IOMMU_IOAS_ALLOC.request, at)).toBe(0);
    expect(memory[8]).toBe(2);
    // It stays when the container is removed, and the next container uses it.
    expect([unset(group), setContainer(group, container)]).toEqual([0, 0]);
    memory.fill(0).set([12]);
    expect(process.ioctl(container, IOMMU_IOAS_ALLOC.request, at)).toBe(0);
    expect(memory[8]).toBe(3);
  });

  test('shows in the status', () => {
    expect([status(group, 7), status(group)]).toEqual([is('EINVAL'), 1]);
    expect([setContainer(group, container), status(group)]).toEqual([0, 3]);
    const fd = deviceFd(group);
    expect([unset(group), status(group)]).toEqual([0, 0]);
    expect([process.close(fd), status(group)]).toEqual([0, 1]);
  });

  test('is held by the group, and by open devices', () => {
    expect(setContainer(group, container)).toBe(0);
    process.close(container);
    const fd = deviceFd(group);
    process.close(group);
    expect(kernel.leftOver()).toEqual([
      'a process with open files: 1',
      'an open /dev/iommu with ioas 1 (2 users), device 2 (3 users), hwpt 3 (2 users)',
      `a bound device: ${cdevPath}`,
    ]);
    process.close(fd);
    expect(kernel.leftOver()).toEqual([]);
  });
});

describe('a device of a group', () => {
  let group: number;
  let container: number;

  beforeEach(() => {
    group = process.open(groupPath);
    container = process.open('/dev/vfio/vfio');
  });

  test('needs a container, and its name', () => {
    expect(deviceFd(group)).toBe(is('EINVAL'));
    expect(setContainer(group, container)).toBe(0);
    expect(['nonsense', '00:01.0', '0000:00:02.0', `${NAME}x`].map((name) => deviceFd(group, name))).toEqual(
      Array(4).fill(is('ENODEV')),
    );
    expect([`${NAME} x`, `${NAME} vf_token=1`].map((name) => deviceFd(group, name))).toEqual(
      Array(2).fill(is('EINVAL')),
    );
    expect(process.ioctl(group, VFIO_GROUP_GET_DEVICE_FD.request, 0n)).toBe(is('EFAULT'));
    memory.fill(0x61);
    expect(process.ioctl(group, VFIO_GROUP_GET_DEVICE_FD.request, at)).toBe(is('EINVAL'));
    expect(deviceFd(group)).toBe(5);
    // Blanks alone are ignored.
    expect(deviceFd(group, `${NAME}  `)).toBe(6);
  });

  test('a name at the end of memory is read no further', () => {
    expect(setContainer(group, container)).toBe(0);
    memory.set(new TextEncoder().encode(`${NAME}\0`), 8192 - NAME.length - 1);
    const place = at + 8192n - BigInt(NAME.length + 1);
    expect(process.ioctl(group, VFIO_GROUP_GET_DEVICE_FD.request, place)).toBe(5);
  });

  test('is attached to the compatibility IOAS, and can be opened again', async () => {
    expect(setContainer(group, container)).toBe(0);
    const fds = [deviceFd(group), deviceFd(group)];
    expect(fds.map(info)).toEqual([0, 0]);
    // The program enables bus mastering.
    memory[0] = 6;
    for (const fd of fds) expect(process.pwrite(fd, at, 1, (7n << 40n) + 4n)).toBe(1);
    await expect(device.dma.read(0x1000n, 1)).rejects.toMatchObject({ reason: 'not mapped' });
    process.close(group);
    process.close(fds[0] ?? -1);
    await expect(device.dma.read(0x1000n, 1)).rejects.toMatchObject({ reason: 'not mapped' });
    process.close(fds[1] ?? -1);
    expect(kernel.leftOver()).toEqual([
      'a process with open files: 1',
      'an open /dev/iommu with ioas 1 (1 users)',
    ]);
  });

  test('knows neither BIND nor ATTACH, and cannot be executed', () => {
    expect(setContainer(group, container)).toBe(0);
    const fd = deviceFd(group);
    expect(bind(fd, container)).toBe(is('EINVAL'));
    memory.set([12, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
    expect(process.ioctl(fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT.request, at)).toBe(is('ENOTTY'));
    expect(process.mmap(0n, 4096, PROT_READ | PROT_EXEC, 1, fd, 0n)).toBe(BigInt(is('EPERM')));
    expect(process.mmap(0n, 4096, PROT_READ, 1, fd, 0n)).toBeGreaterThan(0n);
  });

  test('cannot be bound by its own node meanwhile, nor the other way round', () => {
    const cdev = process.open(cdevPath);
    expect(setContainer(group, container)).toBe(0);
    const fd = deviceFd(group);
    expect(bind(cdev, container)).toBe(is('EBUSY'));
    process.close(group);
    // The group is closed, but not the device that was opened through it.
    expect(bind(cdev, container)).toBe(is('EINVAL'));
    process.close(fd);
    expect(bind(cdev, container)).toBe(0);
    expect(process.open(groupPath)).toBe(is('EBUSY'));
    process.close(cdev);
    expect(process.open(groupPath)).toBeGreaterThan(0);
  });
});

test('a virtual function is given the token of its physical one behind its name', () => {
  const physical = createDevice({
    vendor: 0x1234,
    device: 2,
    capabilities: [sriov({ totalVfs: 1, vfDevice: 3 })],
  });
  const pf = process.open(kernel.plug(physical, { at: '00:05.0' }));
  kernel.plug(createDevice({ vendor: 0xffff, device: 0xffff, physicalFunction: physical }), {
    at: '00:15.0',
  });
  const container = process.open('/dev/iommu');
  const group = process.open('/dev/vfio/2');
  expect(setContainer(group, container)).toBe(0);
  expect(deviceFd(group, '0000:00:15.0')).toBe(is('EACCES'));
  expect(bind(pf, container)).toBe(0);
  const token = '00000000-0000-0000-0000-00000000000';
  expect(deviceFd(group, `0000:00:15.0 vf_token=${token}z`)).toBe(is('EINVAL'));
  expect(deviceFd(group, `0000:00:15.0 vf_token=${token}0 vf_token=${token}0`)).toBe(is('EINVAL'));
  // The token is random until the program sets it.
  expect(deviceFd(group, `0000:00:15.0 vf_token=${token}0`)).toBe(is('EACCES'));
});
