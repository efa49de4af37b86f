import { beforeEach, expect, test } from '@jest/globals';
import {
  encode,
  errno,
  IOMMU_HWPT_ALLOC,
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
  IOMMU_IOAS_ALLOW_IOVAS,
  IOMMU_IOAS_MAP,
  IOMMU_IOAS_MAP_FILE,
  iommu_hwpt_alloc,
  iommu_hwpt_get_dirty_bitmap,
  iommu_hwpt_set_dirty_tracking,
  iommu_ioas_allow_iovas,
  iommu_ioas_map,
  iommu_ioas_map_file,
  iommu_iova_range,
  iommu_test_cmd,
  iommu_test_op,
  iommufd_hwpt_alloc_flags,
  iommufd_ioas_map_flags,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { TestProgram } from '../program.testing.js';

// Rules of Linux that the tapes do not ask about.

const PAGE = 4096;
const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;

/** The struct is in the first page, what it points at in the second, memory to map in the rest. */
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

test('allowed ranges that touch are one range for placing', () => {
  program.memory.set(encode(iommu_iova_range, { start: 0x10000n, last: 0x10fffn }), PAGE);
  program.memory.set(encode(iommu_iova_range, { start: 0x11000n, last: 0x12fffn }), PAGE + 16);
  const allow = { size: 24, ioas_id: 1, num_iovas: 2, allowed_iovas: program.at + BigInt(PAGE) };
  expect(program.ioctl(IOMMU_IOAS_ALLOW_IOVAS, encode(iommu_ioas_allow_iovas, allow))).toBe(0);
  expect(map(IOMMU_IOAS_MAP_READABLE, 3 * PAGE, 0n)).toBe(0);
  expect(view(iommu_ioas_map, program.memory).iova).toBe(0x10000n);
  expect(map(IOMMU_IOAS_MAP_READABLE, PAGE, 0n)).toBe(-errno.ENOSPC);
});

test('a dirty bitmap that cannot be written is no error, and what was dirty is clean then', () => {
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

test('the last page of a memfd that ends within it cannot be pinned', () => {
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

test('what can be neither read nor written is EINVAL, wherever the pointer leads', () => {
  expect(program.process.read(program.fd, 1n << 60n, 8)).toBe(-errno.EINVAL);
  expect(program.process.write(program.fd, 1n << 60n, 8)).toBe(-errno.EINVAL);
});
