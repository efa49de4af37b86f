import { describe, expect, test } from '@jest/globals';
import {
  encode,
  errno,
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_MAP,
  iommu_ioas_alloc,
  iommu_ioas_map,
  iommufd_ioas_map_flags,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { FakeKernel, mockModule, type Process } from '../index.js';

const PAGE = 4096;
const RW = PROT_READ | PROT_WRITE;
const anonymous = (process: Process, pages: number, prot = RW): bigint =>
  process.mmap(0n, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);

test('a new descriptor is the lowest free one, also after a close; a duplicate is the same file', () => {
  const process = new FakeKernel().spawn();
  expect([process.open('/dev/iommu'), process.open('/dev/iommu'), process.memfd(PAGE)]).toEqual([3, 4, 5]);
  expect(process.close(4)).toBe(0);
  expect(process.close(4)).toBe(-errno.EBADF);
  expect(process.dup(3)).toBe(4);
  expect(process.open('/dev/absent')).toBe(-errno.ENOENT);
  expect(process.open('/dev/iommu')).toBe(6);
});

test('dup2() closes the file that is open at the new descriptor', () => {
  const kernel = new FakeKernel();
  const process = kernel.spawn();
  const fd = process.open('/dev/iommu');
  const other = process.open('/dev/iommu');
  expect(process.dup2(fd, other)).toBe(other);
  expect(kernel.contexts.size).toBe(1);
  expect(process.dup2(fd, fd)).toBe(fd);
  expect(process.dup2(fd, 1023)).toBe(1023);
  expect([process.dup2(fd, -1), process.dup2(fd, 1024), process.dup2(99, 5)]).toEqual(
    Array(3).fill(-errno.EBADF),
  );
  expect([process.dupFrom(fd, 10), process.dupFrom(fd, 10)]).toEqual([10, 11]);
  expect([process.dupFrom(fd, 1023), process.dupFrom(fd, 1024)]).toEqual([-errno.EMFILE, -errno.EINVAL]);
  for (const each of [fd, other, 10, 11]) expect(process.close(each)).toBe(0);
  expect(kernel.contexts.size).toBe(1);
  process.close(1023);
  expect(kernel.contexts.size).toBe(0);
});

test('an exec closes close-on-exec descriptors, but not their duplicates', () => {
  const kernel = new FakeKernel();
  const process = kernel.spawn();
  const fd = process.open('/dev/iommu');
  const copy = process.dup(fd);
  process.exec();
  expect(process.close(fd)).toBe(-errno.EBADF);
  expect(kernel.contexts.size).toBe(1);
  expect(process.close(copy)).toBe(0);
  expect(kernel.contexts.size).toBe(0);
});

test('mapHost() uses the given buffer in place', () => {
  const process = new FakeKernel().spawn();
  const bytes = new Uint8Array(2 * PAGE);
  const at = process.mapHost(bytes, RW);
  const fd = process.open('/dev/iommu');
  bytes.set(encode(iommu_ioas_alloc, { size: 12, flags: 0, out_ioas_id: 0 }), PAGE - 8);
  expect(process.ioctl(fd, IOMMU_IOAS_ALLOC.request, at + BigInt(PAGE - 8))).toBe(0);
  expect(bytes[PAGE]).toBe(1);
});

test.each([
  ['in the middle of the struct', PAGE - 8],
  ['behind its size', PAGE - 4],
  ['at its start', PAGE],
])('a struct whose memory ends %s is EFAULT, and nothing is made', (_name, offset) => {
  const kernel = new FakeKernel();
  const process = kernel.spawn();
  const at = anonymous(process, 1) + BigInt(offset);
  const fd = process.open('/dev/iommu');
  // The part of the struct that fits into the page.
  const room = Math.min(12, PAGE - offset);
  const bytes = encode(iommu_ioas_alloc, { size: 12, flags: 0, out_ioas_id: 0 });
  if (room > 0) process.memory(at, room).set(bytes.subarray(0, room));
  expect(process.ioctl(fd, IOMMU_IOAS_ALLOC.request, at)).toBe(-errno.EFAULT);
  expect([...kernel.contexts].map(({ objects }) => objects.isEmpty)).toEqual([true]);
});

test('an ioctl fails with EFAULT if it cannot write its result, and its object is destroyed', () => {
  const kernel = new FakeKernel();
  const process = kernel.spawn();
  const memory = new Uint8Array(PAGE);
  const at = process.mapHost(memory, PROT_READ);
  const fd = process.open('/dev/iommu');
  memory.set(encode(iommu_ioas_alloc, { size: 12, flags: 0, out_ioas_id: 0 }));
  expect(process.ioctl(fd, IOMMU_IOAS_ALLOC.request, at)).toBe(-errno.EFAULT);
  expect([...kernel.contexts].map(({ objects }) => objects.isEmpty)).toEqual([true]);
});

test('shared mappings of a memfd have the same memory, a private one has a copy', () => {
  const process = new FakeKernel().spawn();
  const fd = process.memfd(PAGE);
  const map = (type: number): bigint => process.mmap(0n, PAGE, RW, type, fd, 0n);
  const [first, second, own] = [map(MAP_SHARED), map(MAP_SHARED), map(MAP_PRIVATE)];
  process.memory(first, 1)[0] = 7;
  expect(process.memory(second, 1)[0]).toBe(7);
  process.memory(own, 1)[0] = 9;
  expect(process.memory(first, 1)[0]).toBe(7);
});

test('a mapping over the middle of another one splits it', () => {
  const process = new FakeKernel().spawn();
  const at = anonymous(process, 3);
  for (const page of [0, 1, 2]) process.memory(at + BigInt(page * PAGE), 1)[0] = page + 1;
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  expect(process.mmap(at + BigInt(PAGE), PAGE, RW, flags, -1, 0n)).toBe(at + BigInt(PAGE));
  expect([0, 1, 2].map((page) => process.memory(at + BigInt(page * PAGE), 1)[0])).toEqual([1, 0, 3]);
});

test('leftOver() names everything that is still held', () => {
  const kernel = new FakeKernel([mockModule]);
  const process = kernel.spawn();
  const memory = new Uint8Array(PAGE);
  const at = process.mapHost(memory, RW);
  const fd = process.open('/dev/iommu');
  memory.set(encode(iommu_ioas_alloc, { size: 12, flags: 0, out_ioas_id: 0 }));
  process.ioctl(fd, IOMMU_IOAS_ALLOC.request, at);
  const flags = iommufd_ioas_map_flags.IOMMU_IOAS_MAP_READABLE;
  const map = { size: 40, flags, ioas_id: 1, user_va: at, length: BigInt(PAGE), iova: 0n };
  memory.set(encode(iommu_ioas_map, map));
  expect(process.ioctl(fd, IOMMU_IOAS_MAP.request, at)).toBe(0);
  expect(kernel.leftOver()).toEqual([
    'a process with open files: 1',
    'an open /dev/iommu with ioas 1 (1 users)',
    'the pages of a mapping: 1, of which 0 are pinned',
  ]);
  process.exit();
  expect(kernel.leftOver()).toEqual([]);
});

test('a module that is not in an array is refused with a correction', () => {
  const construct: (modules: unknown) => unknown = (modules) => Reflect.construct(FakeKernel, [modules]);
  expect(() => construct(mockModule)).toThrow('Write new FakeKernel([mockModule]).');
});

test('without the mock driver there is no IOMMU_TEST_CMD', () => {
  const process = new FakeKernel().spawn();
  const at = anonymous(process, 1);
  process.memory(at, 1)[0] = 72;
  const fd = process.open('/dev/iommu');
  expect(process.ioctl(fd, 0x3ba0, at)).toBe(-errno.ENOTTY);
});

describe('ioctls of every file', () => {
  const open = (): { process: Process; fd: number; at: bigint } => {
    const process = new FakeKernel([mockModule]).spawn({ sysAdmin: false });
    return { process, fd: process.open('/dev/iommu'), at: anonymous(process, 1) };
  };
  const [FIOCLEX, FIONCLEX, FIONBIO, FIOASYNC, FIOQSIZE] = [0x5451, 0x5450, 0x5421, 0x5452, 0x5460];
  const [FIONREAD, FIGETBSZ, FIFREEZE, FITHAW] = [0x541b, 2, 0xc004_5877, 0xc004_5878];
  const FS_IOC_FIEMAP = 0xc020_660b;

  test.each([
    ['FIOCLEX', FIOCLEX, 0],
    ['FIONCLEX', FIONCLEX, 0],
    ['FIONBIO', FIONBIO, 0],
    ['FIOASYNC off', FIOASYNC, 0],
    ['FIOQSIZE', FIOQSIZE, -errno.ENOTTY],
    ['FIONREAD', FIONREAD, -errno.ENOTTY],
    ['FIGETBSZ', FIGETBSZ, 0],
    ['FIFREEZE without the privilege', FIFREEZE, -errno.EPERM],
    ['FITHAW without the privilege', FITHAW, -errno.EPERM],
    ['FIEMAP', FS_IOC_FIEMAP, -errno.EOPNOTSUPP],
  ])('%s', (_name, request, expected) => {
    const { process, fd, at } = open();
    expect(process.ioctl(fd, request, at)).toBe(expected);
  });

  test('fail with EFAULT if their argument is an invalid pointer', () => {
    const { process, fd } = open();
    for (const request of [FIONBIO, FIOASYNC, FIGETBSZ]) {
      expect(process.ioctl(fd, request, 0x1000n)).toBe(-errno.EFAULT);
    }
  });

  test('FIGETBSZ returns the page size, FIOQSIZE and FIONREAD the size of a memfd', () => {
    const { process, fd, at } = open();
    const view = new DataView(process.memory(at, 8).buffer, process.memory(at, 8).byteOffset);
    process.ioctl(fd, FIGETBSZ, at);
    expect(view.getUint32(0, true)).toBe(PAGE);
    const memfd = process.memfd(5000);
    expect([process.ioctl(memfd, FIOQSIZE, at), view.getBigUint64(0, true)]).toEqual([0, 5000n]);
    expect([process.ioctl(memfd, FIONREAD, at), view.getUint32(0, true)]).toEqual([0, 5000]);
  });

  test('enabling FIOASYNC fails with ENOTTY, because these files send no signals', () => {
    const { process, fd, at } = open();
    process.memory(at, 4)[0] = 1;
    expect(process.ioctl(fd, FIOASYNC, at)).toBe(-errno.ENOTTY);
  });

  test('freezing a filesystem that cannot be frozen fails with EOPNOTSUPP for root', () => {
    const process = new FakeKernel().spawn();
    const fd = process.open('/dev/iommu');
    expect(process.ioctl(fd, FIFREEZE, 0n)).toBe(-errno.EOPNOTSUPP);
    expect(process.ioctl(fd, FITHAW, 0n)).toBe(-errno.EINVAL);
  });

  test('FIONCLEX keeps a file open across an exec', () => {
    const { process, fd } = open();
    const other = process.open('/dev/iommu');
    process.ioctl(fd, FIONCLEX, 0n);
    process.exec();
    expect([process.close(fd), process.close(other)]).toEqual([0, -errno.EBADF]);
  });
});
