/** Rules of dirty tracking that depend on the version, and that the tapes do not cover. */
import { expect, test } from '@jest/globals';
import {
  encode,
  errno,
  IOMMU_HWPT_ALLOC,
  iommu_hwpt_alloc,
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
  IOMMU_IOAS_MAP,
  iommu_hwpt_data_type,
  iommu_hwpt_selftest,
  iommu_ioas_alloc,
  iommu_test_cmd,
  iommu_test_op,
  iommufd_hwpt_alloc_flags,
  MAP_ANONYMOUS,
  MAP_HUGETLB,
  MAP_SHARED,
  mock_pagetable_type,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { FakeKernel, mockModule } from '../index.js';
import { TestProgram } from '../program.testing.js';

const PAGE = 4096;
const MIB = 1 << 20;
const IOVA = 0x100_0000;
const HUGE_IOVA = 2;
const { IOMMU_HWPT_ALLOC_DIRTY_TRACKING } = iommufd_hwpt_alloc_flags;

/** A program with a page table that tracks dirty pages. */
class DirtyProgram extends TestProgram {
  readonly ioas: number;
  readonly hwpt: number;

  constructor(
    version: string,
    { dev_flags = 0, table = mock_pagetable_type.MOCK_IOMMUPT_DEFAULT as number } = {},
  ) {
    super(4, new FakeKernel([mockModule], { version }));
    // IOVA 0 is outside the page tables of devices that are attached to IOAS 1.
    expect(this.allocIoas()).toBe(0);
    this.ioas = view(iommu_ioas_alloc, this.memory).out_ioas_id;
    const made = this.testCmd(iommu_test_op.IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS, (cmd) => {
      cmd.id = 1;
      cmd.mock_domain_flags.dev_flags = dev_flags;
    });
    expect(made).toBe(0);
    const dev_id = view(iommu_test_cmd, this.memory).mock_domain.out_idev_id;
    const data = table === mock_pagetable_type.MOCK_IOMMUPT_DEFAULT ? undefined : table;
    if (data !== undefined)
      this.memory.set(encode(iommu_hwpt_selftest, { iotlb: 0, pagetable_type: data }), PAGE);
    const alloc = this.call(IOMMU_HWPT_ALLOC, (cmd) => {
      Object.assign(cmd, { flags: IOMMU_HWPT_ALLOC_DIRTY_TRACKING, dev_id, pt_id: this.ioas });
      if (data === undefined) return;
      const data_type = iommu_hwpt_data_type.IOMMU_HWPT_DATA_SELFTEST;
      Object.assign(cmd, { data_type, data_len: 8, data_uptr: this.at + BigInt(PAGE) });
    });
    expect(alloc).toBe(0);
    this.hwpt = view(iommu_hwpt_alloc, this.memory).out_hwpt_id;
    this.track(true);
  }

  track(on: boolean): void {
    const set = this.call(IOMMU_HWPT_SET_DIRTY_TRACKING, (cmd) => {
      cmd.hwpt_id = this.hwpt;
      cmd.flags = on ? 1 : 0;
    });
    expect(set).toBe(0);
  }

  map(iova: number, length: number, huge = false): void {
    const flags = MAP_SHARED | MAP_ANONYMOUS | (huge ? MAP_HUGETLB : 0);
    const user_va = this.process.mmap(0n, length, PROT_READ | PROT_WRITE, flags, -1, 0n);
    const mapped = this.call(IOMMU_IOAS_MAP, (cmd) =>
      Object.assign(cmd, {
        flags: 7,
        ioas_id: this.ioas,
        user_va,
        iova: BigInt(iova),
        length: BigInt(length),
      }),
    );
    expect(mapped).toBe(0);
  }

  /** Marks the first page of a range as dirty. @returns Linux's count of dirty pages, or the negative errno */
  mark(iova: number, page_size = 2048n, length = page_size): number {
    this.memory[PAGE] = 1;
    const ret = this.testCmd(iommu_test_op.IOMMU_TEST_OP_DIRTY, (cmd) => {
      cmd.id = this.hwpt;
      Object.assign(cmd.dirty, { iova: BigInt(iova), length, page_size, uptr: this.at + BigInt(PAGE) });
    });
    return ret === 0 ? Number(this.cmd.dirty.out_nr_dirty) : ret;
  }

  /** Reads and clears the dirty bits. @returns the runs of bits, or the negative errno */
  read(iova: number, length: bigint, page_size = 2048n): readonly (readonly [number, number])[] | number {
    this.memory.fill(0, PAGE);
    const ret = this.call(IOMMU_HWPT_GET_DIRTY_BITMAP, (cmd) => {
      const data = this.at + BigInt(PAGE);
      Object.assign(cmd, { hwpt_id: this.hwpt, iova: BigInt(iova), length, page_size, data });
    });
    if (ret !== 0) return ret;
    const runs: [number, number][] = [];
    for (let bit = 0; bit < 2 * PAGE * 8; bit++) {
      if (((this.memory[PAGE + (bit >> 3)] ?? 0) & (1 << (bit & 7))) === 0) continue;
      const last = runs.at(-1);
      if (last !== undefined && last[0] + last[1] === bit) last[1]++;
      else runs.push([bit, 1]);
    }
    return runs;
  }
}

test.each<[string, string, number, number, readonly (readonly [number, number])[]]>([
  // A leaf of 2 MiB consists of two entries of 1 MiB: the second one is lost.
  ['7.2', 'a leaf of 2 MiB', 0, 2 * MIB, [[0, 512]]],
  ['7.3', 'a leaf of 2 MiB', 0, 2 * MIB, [[0, 1024]]],
  ['7.2', 'its first half', 0, MIB, [[0, 512]]],
  // The leaf begins before the range, so its bits are not in this bitmap.
  ['7.3', 'its second half', MIB, MIB, []],
])('Linux %s reports of %s what it finds', (version, _what, from, length, runs) => {
  const program = new DirtyProgram(version);
  program.map(IOVA, 2 * MIB, true);
  expect(program.mark(IOVA)).toBe(1);
  expect(program.read(IOVA + from, BigInt(length))).toEqual(runs);
  expect(program.read(IOVA, BigInt(2 * MIB))).toEqual([]);
});

test('until 7.2 a leaf is reported from the current IOVA of the walk on', () => {
  const program = new DirtyProgram('7.2');
  // Physically contiguous memory: a leaf of 64 KiB has 32 entries.
  program.map(IOVA, 2 * MIB, true);
  expect(program.mark(IOVA)).toBe(1);
  // The walk is in the first of two 1 MiB entries, and the last one is lost.
  expect(program.read(IOVA + 4096, BigInt(4096))).toEqual([[0, 512]]);
});

test.each([
  ['6.12', 0, 'EOVERFLOW'],
  ['7.2', 0, 'EOVERFLOW'],
  ['7.3', 0, 'EINVAL'],
] as const)('Linux %s refuses length %i from an address on with %s', (version, length, name) => {
  const program = new DirtyProgram(version);
  expect(program.read(IOVA, BigInt(length))).toBe(-errno[name]);
  expect(program.read(IOVA + 1, BigInt(length), 0n)).toBe(-errno[name]);
});

test('until 7.2 length 0 at IOVA 0 is the whole address space', () => {
  const program = new DirtyProgram('7.2', { table: mock_pagetable_type.MOCK_IOMMUPT_HUGE });
  program.map(0, 2 * PAGE);
  expect(program.mark(PAGE, 4096n)).toBe(1);
  expect(program.read(0, 0n, 0n)).toBe(-errno.EINVAL);
  expect(program.read(0, 0n, 4096n)).toEqual([[1, 1]]);
  const newest = new DirtyProgram('7.3', { table: mock_pagetable_type.MOCK_IOMMUPT_HUGE });
  expect(newest.read(0, 0n, 4096n)).toBe(-errno.EINVAL);
});

test('in 6.12 each 2 KiB has a dirty bit, which can only be read while tracking is enabled', () => {
  const program = new DirtyProgram('6.12');
  program.map(IOVA, 2 * PAGE);
  expect(program.mark(IOVA + 2048)).toBe(1);
  program.track(false);
  expect(program.read(IOVA, BigInt(2 * PAGE))).toEqual([]);
  // Enabling it marks all pages as clean.
  program.track(true);
  expect(program.read(IOVA, BigInt(2 * PAGE))).toEqual([]);
  expect(program.mark(IOVA + 2048)).toBe(1);
  expect(program.read(IOVA, BigInt(2 * PAGE))).toEqual([[1, 1]]);
});

test('in 6.12 IOMMU_TEST_OP_DIRTY counts only mapped pages, and looks them up by page number', () => {
  const program = new DirtyProgram('6.12');
  program.map(IOVA, 4 * PAGE);
  expect(program.mark(IOVA + 4 * PAGE)).toBe(0);
  expect(program.mark(IOVA, 4096n)).toBe(0);
  expect(program.mark(2 * IOVA + 2 * PAGE, 4096n)).toBe(1);
  expect(program.read(IOVA, BigInt(4 * PAGE))).toEqual([[2, 1]]);
});

test('in 6.12 a bitmap that is too large fails with ENOMEM, after the lookup of the page table', () => {
  const program = new DirtyProgram('6.12');
  const length = 1n << 50n;
  expect(program.mark(0, 1n, length)).toBe(-errno.ENOMEM);
  program.track(false);
  expect(program.mark(0, 1n, length)).toBe(-errno.EINVAL);
  const newest = new DirtyProgram('7.3');
  newest.track(false);
  expect(newest.mark(0, 1n, length)).toBe(-errno.EOVERFLOW);
});

test('in 6.12 a huge page of a HUGE_IOVA device is reported as a whole, from the current IOVA of the walk on', () => {
  const program = new DirtyProgram('6.12', { dev_flags: HUGE_IOVA });
  program.map(IOVA, 2 * MIB, true);
  program.map(IOVA + 2 * MIB, 2 * PAGE);
  expect(program.mark(IOVA + MIB - 2048)).toBe(1);
  expect(program.read(IOVA, BigInt(2 * MIB))).toEqual([[0, 512]]);
  // A walk that begins inside a huge page keeps its offset, and checks the whole of each page.
  expect(program.mark(IOVA)).toBe(1);
  expect(program.mark(IOVA + 2 * MIB - 2048)).toBe(1);
  expect(program.read(IOVA + 4096, BigInt(MIB))).toEqual([[0, 512]]);
  expect(program.read(IOVA + 4096, BigInt(2 * MIB))).toEqual([[512, 512]]);
  // Small pages after it form another area, where the walk starts again.
  expect(program.mark(IOVA + 2 * MIB)).toBe(1);
  expect(program.read(IOVA + 4096, BigInt(2 * MIB))).toEqual([[1022, 1]]);
});
