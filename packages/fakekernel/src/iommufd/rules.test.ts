import { beforeEach, expect, test } from '@jest/globals';
import {
  encode,
  errno,
  IOMMU_HWPT_ALLOC,
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
  IOMMU_IOAS_ALLOC,
  IOMMU_IOAS_ALLOW_IOVAS,
  IOMMU_IOAS_COPY,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_MAP_FILE,
  iommu_hwpt_alloc,
  iommu_hwpt_get_dirty_bitmap,
  iommu_hwpt_set_dirty_tracking,
  iommu_ioas_alloc,
  iommu_ioas_allow_iovas,
  iommu_ioas_map,
  iommu_ioas_map_file,
  iommu_iova_range,
  iommu_test_cmd,
  iommu_test_op,
  iommufd_hwpt_alloc_flags,
  iommufd_ioas_map_flags,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  mock_access_rw,
  PROT_WRITE,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { TestProgram } from '../program.testing.js';

// Rules of Linux that the tapes do not cover.

const PAGE = 4096;
const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;

/**
 * The program's memory: the ioctl's struct in the first page, data that it points to in the second, memory to map in the rest.
 */
let program: TestProgram;

beforeEach(() => {
  program = new TestProgram(8);
});

const map = (flags: number, length: number, iova: bigint): number =>
  program.ioctl(
    IOMMU_IOAS_MAP,
    encode(iommu_ioas_map, {
      size: 40,
      flags,
      ioas_id: 1,
      user_va: program.at + BigInt(2 * PAGE),
      length: BigInt(length),
      iova,
    }),
  );

test('automatic placement treats adjacent allowed ranges as one', () => {
  program.memory.set(encode(iommu_iova_range, { start: 0x10000n, last: 0x10fffn }), PAGE);
  program.memory.set(encode(iommu_iova_range, { start: 0x11000n, last: 0x12fffn }), PAGE + 16);
  const allow = { size: 24, ioas_id: 1, num_iovas: 2, allowed_iovas: program.at + BigInt(PAGE) };
  expect(program.ioctl(IOMMU_IOAS_ALLOW_IOVAS, encode(iommu_ioas_allow_iovas, allow))).toBe(0);
  expect(map(IOMMU_IOAS_MAP_READABLE, 3 * PAGE, 0n)).toBe(0);
  expect(view(iommu_ioas_map, program.memory).iova).toBe(0x10000n);
  expect(map(IOMMU_IOAS_MAP_READABLE, PAGE, 0n)).toBe(-errno.ENOSPC);
});

test('a dirty bitmap that cannot be written is not an error, and the pages are clean afterwards', () => {
  program.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN, (cmd) => (cmd.id = 1));
  const dev_id = view(iommu_test_cmd, program.memory).mock_domain.out_idev_id;
  const flags = iommufd_hwpt_alloc_flags.IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
  const alloc = {
    size: 48,
    flags,
    dev_id,
    pt_id: 1,
    out_hwpt_id: 0,
    data_type: 0,
    data_len: 0,
    data_uptr: 0n,
  };
  expect(program.ioctl(IOMMU_HWPT_ALLOC, encode(iommu_hwpt_alloc, { ...alloc, fault_id: 0 }))).toBe(0);
  const hwpt_id = view(iommu_hwpt_alloc, program.memory).out_hwpt_id;
  const iova = 0x100_0000n;
  const mapFlags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE;
  expect(map(mapFlags, 4 * PAGE, iova)).toBe(0);
  const enable = encode(iommu_hwpt_set_dirty_tracking, { size: 16, flags: 1, hwpt_id });
  expect(program.ioctl(IOMMU_HWPT_SET_DIRTY_TRACKING, enable)).toBe(0);

  const length = BigInt(4 * PAGE);
  const page_size = BigInt(PAGE);
  const read = (data: bigint): number => {
    const fields = { size: 48, hwpt_id, flags: 0, iova, length, page_size, data };
    return program.ioctl(IOMMU_HWPT_GET_DIRTY_BITMAP, encode(iommu_hwpt_get_dirty_bitmap, fields));
  };
  const bitmap = program.at + BigInt(PAGE);
  const makeDirty = (bits: number): void => {
    program.memory[PAGE] = bits;
    const done = program.testCmd(iommu_test_op.IOMMU_TEST_OP_DIRTY, (cmd) => {
      cmd.id = hwpt_id;
      Object.assign(cmd.dirty, { iova, length, page_size, uptr: bitmap });
    });
    expect(done).toBe(0);
    program.memory[PAGE] = 0;
  };
  makeDirty(0b0101);
  expect(read(bitmap)).toBe(0);
  expect(program.memory[PAGE]).toBe(0b0101);
  makeDirty(0b1010);
  expect(read(8n)).toBe(0);
  program.memory[PAGE] = 0;
  expect(read(bitmap)).toBe(0);
  expect(program.memory[PAGE]).toBe(0);
});

test('a partial last page of a memfd cannot be pinned', () => {
  const memfd = program.process.memfd(PAGE + 100);
  program.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN, (cmd) => (cmd.id = 1));
  const mapFile = (start: bigint): number => {
    const fields = { size: 40, flags: IOMMU_IOAS_MAP_READABLE, ioas_id: 1, fd: memfd, start, iova: 0n };
    return program.ioctl(
      IOMMU_IOAS_MAP_FILE,
      encode(iommu_ioas_map_file, { ...fields, length: BigInt(PAGE) }),
    );
  };
  expect(mapFile(BigInt(PAGE))).toBe(-errno.EINVAL);
  expect(mapFile(0n)).toBe(0);
});

test('read() and write() on /dev/iommu fail with EINVAL, even with an invalid pointer', () => {
  expect(program.process.read(program.fd, 1n << 60n, 8)).toBe(-errno.EINVAL);
  expect(program.process.write(program.fd, 1n << 60n, 8)).toBe(-errno.EINVAL);
});

/** Creates an access, and returns a function that copies through it, as IOMMU_TEST_OP_ACCESS_RW does. */
function access(): (iova: bigint, length: number, flags: number) => number {
  expect(program.testCmd(iommu_test_op.IOMMU_TEST_OP_CREATE_ACCESS, (cmd) => (cmd.id = 1))).toBe(0);
  const id = program.cmd.create_access.out_access_fd;
  return (iova, length, flags) =>
    program.testCmd(iommu_test_op.IOMMU_TEST_OP_ACCESS_RW, (cmd) => {
      cmd.id = id;
      const uptr = program.at + BigInt(PAGE);
      Object.assign(cmd.access_rw, { iova, length: BigInt(length), uptr, flags });
    });
}

const mapUser = (user_va: bigint, length: bigint, iova: bigint, ioas_id = 1): number =>
  program.call(IOMMU_IOAS_MAP, (cmd) => Object.assign(cmd, { flags: 7, ioas_id, user_va, length, iova }));

test('at the last address, a single page fails with EFAULT, two pages with EOVERFLOW at once and EFAULT one by one', () => {
  const { MOCK_ACCESS_RW_SLOW_PATH: SLOW, MOCK_ACCESS_RW_WRITE: WRITE } = mock_access_rw;
  expect(mapUser(0xffff_ffff_ffff_efffn, 2048n, 0x1000_0fffn)).toBe(0);
  const copy = access();
  // The last byte of the second-last page, and the first byte of the last page.
  expect(copy(0x1000_0fffn, 1, SLOW)).toBe(-errno.EFAULT);
  expect(copy(0x1000_1000n, 1, SLOW)).toBe(-errno.EFAULT);
  expect(copy(0x1000_1000n, 1, SLOW | WRITE)).toBe(-errno.EFAULT);
  expect(copy(0x1000_0fffn, 2, SLOW)).toBe(-errno.EOVERFLOW);
  expect(copy(0x1000_0fffn, 2, 0)).toBe(-errno.EFAULT);
  const limit = program.testCmd(iommu_test_op.IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT, (cmd) => {
    cmd.memory_limit.limit = 12;
  });
  expect(limit).toBe(0);
  expect(copy(0x1000_0fffn, 2, SLOW)).toBe(-errno.EFAULT);
});

test('with a low memory limit, a slow copy copies the pages before an unmapped page', () => {
  const { MOCK_ACCESS_RW_SLOW_PATH: SLOW, MOCK_ACCESS_RW_WRITE: WRITE } = mock_access_rw;
  const user = program.process.mmap(0n, 2 * PAGE, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
  const first = program.process.memory(user, 1);
  expect(mapUser(user, 8192n, 0x1000_0000n)).toBe(0);
  program.process.munmap(user + BigInt(PAGE), PAGE);
  program.memory[PAGE] = 7;
  const copy = access();
  expect(copy(0x1000_0000n, PAGE + 1, SLOW | WRITE)).toBe(-errno.EFAULT);
  expect(first[0]).toBe(0);
  program.testCmd(iommu_test_op.IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT, (cmd) => {
    cmd.memory_limit.limit = 12;
  });
  expect(copy(0x1000_0000n, PAGE + 1, SLOW | WRITE)).toBe(-errno.EFAULT);
  expect(first[0]).toBe(7);
});

test('ioctls can read memory that is mapped with PROT_WRITE only', () => {
  const at = program.process.mmap(0n, PAGE, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
  program.process.memorySpace.write(at, encode(iommu_ioas_alloc, { size: 12, flags: 0, out_ioas_id: 0 }));
  expect(program.process.ioctl(program.fd, IOMMU_IOAS_ALLOC.request, at)).toBe(0);
});

test('IOMMU_IOAS_COPY maps nothing if one piece is not aligned to the entries of a page table', () => {
  const alloc = program.call(IOMMU_IOAS_ALLOC, () => undefined);
  expect([alloc, view(iommu_ioas_alloc, program.memory).out_ioas_id]).toEqual([0, 2]);
  expect(program.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN, (cmd) => (cmd.id = 2))).toBe(0);
  const user = program.at + BigInt(2 * PAGE);
  for (const at of [0n, 1024n, 2048n, 3072n]) expect(mapUser(user, 1024n, 0x100_0000n + at)).toBe(0);
  const copy = (length: bigint): number =>
    program.call(IOMMU_IOAS_COPY, (cmd) => {
      const ids = { src_ioas_id: 1, dst_ioas_id: 2 };
      Object.assign(cmd, { flags: 7, ...ids, length, src_iova: 0x100_0000n, dst_iova: 0x200_0000n });
    });
  expect(copy(4096n)).toBe(-errno.EINVAL);
  // No part of the copy remains mapped.
  expect(mapUser(user, 4096n, 0x200_0000n, 2)).toBe(0);
});

test('device memory is not charged as locked', () => {
  const { kernel } = program;
  const other = new TestProgram(1, kernel, { ipcLock: false, memlock: 0 });
  const made = other.testCmd(iommu_test_op.IOMMU_TEST_OP_DMABUF_GET, (cmd) => (cmd.dmabuf_get.length = PAGE));
  expect(made).toBe(0);
  expect(other.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN, (cmd) => (cmd.id = 1))).toBe(0);
  const iova = 0x100_0000n;
  const file = {
    size: 40,
    flags: 3 | 4,
    ioas_id: 1,
    fd: other.fd + 1,
    start: 0n,
    length: BigInt(PAGE),
    iova,
  };
  expect(other.ioctl(IOMMU_IOAS_MAP_FILE, encode(iommu_ioas_map_file, file))).toBe(0);
});
