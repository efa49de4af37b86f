import { beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  encode,
  IOMMU_HWPT_ALLOC,
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
  IOMMU_IOAS_MAP,
  iommu_hwpt_alloc,
  iommu_hwpt_get_dirty_bitmap,
  iommu_hwpt_set_dirty_tracking,
  iommu_ioas_map,
  iommu_test_cmd,
  iommu_test_op,
  iommufd_hwpt_alloc_flags,
  MAP_ANONYMOUS,
  MAP_HUGETLB,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { Errno } from '../errno.js';
import { TestProgram } from '../program.testing.js';
import { Ioas } from './ioas.js';

const PAGE = 4096;
const HUGE = 2 << 20;
const IOVA = 0x100_0000n;
const FIXED_READ_WRITE = 7;

/** The struct of an ioctl is in the first page of the program's memory. */
let program: TestProgram;
let hwpt_id: number;

beforeEach(() => {
  program = new TestProgram(2);
  program.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN, (cmd) => (cmd.id = 1));
  const dev_id = view(iommu_test_cmd, program.memory).mock_domain.out_idev_id;
  const flags = iommufd_hwpt_alloc_flags.IOMMU_HWPT_ALLOC_DIRTY_TRACKING;
  const none = { out_hwpt_id: 0, data_type: 0, data_len: 0, data_uptr: 0n, fault_id: 0 };
  const alloc = encode(iommu_hwpt_alloc, { size: 48, flags, dev_id, pt_id: 1, ...none });
  expect(program.ioctl(IOMMU_HWPT_ALLOC, alloc)).toBe(0);
  hwpt_id = view(iommu_hwpt_alloc, program.memory).out_hwpt_id;
  const enable = encode(iommu_hwpt_set_dirty_tracking, { size: 16, flags: 1, hwpt_id });
  expect(program.ioctl(IOMMU_HWPT_SET_DIRTY_TRACKING, enable)).toBe(0);
});

const mmap = (length: number, flags = 0, prot = PROT_READ | PROT_WRITE): bigint =>
  program.process.mmap(0n, length, prot, MAP_SHARED | MAP_ANONYMOUS | flags, -1, 0n);

function map(user_va: bigint, iova: bigint, length: number): void {
  const fields = { size: 40, flags: FIXED_READ_WRITE, ioas_id: 1, user_va, iova, length: BigInt(length) };
  expect(program.ioctl(IOMMU_IOAS_MAP, encode(iommu_ioas_map, fields))).toBe(0);
}

function makeDirty(iova: bigint): void {
  program.memory[PAGE] = 1;
  const done = program.testCmd(iommu_test_op.IOMMU_TEST_OP_DIRTY, (cmd) => {
    cmd.id = hwpt_id;
    const uptr = program.at + BigInt(PAGE);
    Object.assign(cmd.dirty, { iova, length: 2048n, page_size: 2048n, uptr });
  });
  expect(done).toBe(0);
}

function read(length: number, page_size: bigint, data: bigint): void {
  const fields = { size: 48, hwpt_id, flags: 0, iova: IOVA, length: BigInt(length), page_size, data };
  const cmd = encode(iommu_hwpt_get_dirty_bitmap, fields);
  expect(program.ioctl(IOMMU_HWPT_GET_DIRTY_BITMAP, cmd)).toBe(0);
}

test('bits of small and large pages are set at the right place, at any address of the bitmap', () => {
  const LENGTH = 4 * HUGE;
  map(mmap(2 * HUGE, MAP_HUGETLB), IOVA, 2 * HUGE);
  map(mmap(2 * HUGE), IOVA + BigInt(2 * HUGE), 2 * HUGE);
  const bitmaps = mmap(4 * PAGE);
  const bytes = program.process.memory(bitmaps, 4 * PAGE);
  const property = fc.property(
    fc.nat(3 * PAGE),
    fc.constantFrom(2048, 4096, 8192, 65536, 4 << 20),
    fc.array(fc.nat(LENGTH - 1), { maxLength: 12 }),
    (at, pageSize, dirty) => {
      bytes.fill(0);
      const expected = new Uint8Array(bytes.length);
      for (const offset of dirty) {
        makeDirty(IOVA + BigInt(offset - (offset % 2048)));
        const size = offset < 2 * HUGE ? HUGE : PAGE;
        const first = offset - (offset % size);
        for (let bit = Math.floor(first / pageSize); bit <= Math.floor((first + size - 1) / pageSize); bit++)
          expected[at + (bit >> 3)] = (expected[at + (bit >> 3)] ?? 0) | (1 << (bit % 8));
      }
      read(LENGTH, BigInt(pageSize), bitmaps + BigInt(at));
      // Jest is slow at comparing long arrays.
      expect(bytes.findIndex((byte, i) => byte !== expected[i])).toBe(-1);
    },
  );
  fc.assert(property, { numRuns: 60 });
});

test('if a bitmap is too short, the bits that fit are set', () => {
  map(mmap(2 * HUGE, MAP_HUGETLB), IOVA, 2 * HUGE);
  const bitmap = mmap(2 * PAGE);
  program.process.munmap(bitmap + BigInt(PAGE), PAGE);
  makeDirty(IOVA);
  makeDirty(IOVA + BigInt(HUGE));
  // Each huge page has 512 bits. The first 40 bits are in the mapped page.
  read(2 * HUGE, 4096n, bitmap + BigInt(PAGE - 5));
  const tail = program.process.memory(bitmap + BigInt(PAGE - 8), 8);
  expect([...tail]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
});

test('contiguous areas are read from the domain in one call', () => {
  const user = mmap(PAGE);
  for (const page of [0, 1, 2, 3, 5]) map(user, IOVA + BigInt(page * PAGE), PAGE);
  const [context] = program.kernel.contexts;
  const ioas = context?.objects.find(1);
  if (!(ioas instanceof Ioas)) throw new Error('object 1 is not an IOAS');
  const asked: [bigint, bigint, boolean][] = [];
  const dirty = {
    set: () => undefined,
    read: (iova: bigint, length: bigint, clear: boolean) => void asked.push([iova, length, clear]),
  };
  const ask = (first: number, last: number, clear = true): string | undefined => {
    const end = IOVA + BigInt((last + 1) * PAGE) - 1n;
    try {
      ioas.table.readDirty(dirty, IOVA + BigInt(first * PAGE), end, clear, () => undefined);
      return undefined;
    } catch (cause) {
      if (cause instanceof Errno) return cause.name;
      throw cause;
    }
  };
  expect([ask(0, 3), ask(1, 2, false), ask(2, 5), ask(4, 5)]).toEqual([
    undefined,
    undefined,
    'ENOENT',
    'ENOENT',
  ]);
  expect(asked).toEqual([
    [IOVA, 0x4000n, true],
    [IOVA + 0x1000n, 0x2000n, false],
    // The areas before the gap.
    [IOVA + 0x2000n, 0x2000n, true],
  ]);
});
