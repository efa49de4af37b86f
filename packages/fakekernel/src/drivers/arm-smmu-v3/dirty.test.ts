import { smmuv3Config, type Smmuv3Options } from '@iommufd/smmuv3';
import { expect, test } from '@jest/globals';
import {
  errnoName,
  IOMMU_GET_HW_INFO,
  IOMMU_HWPT_GET_DIRTY_BITMAP,
  iommu_hw_info,
  IOMMU_HWPT_SET_DIRTY_TRACKING,
  IOMMU_IOAS_MAP,
  iommufd_hw_capabilities,
  iommufd_hwpt_alloc_flags,
  iommufd_hwpt_get_dirty_bitmap_flags,
  iommufd_ioas_map_flags,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import fc from 'fast-check';
import { FakeKernel } from '../../kernel.js';
import { type Bound, IOVA, SmmuProgram } from './smmu.testing.js';

const { IOMMU_HW_CAP_DIRTY_TRACKING } = iommufd_hw_capabilities;
const {
  IOMMU_HWPT_ALLOC_DIRTY_TRACKING: DIRTY,
  IOMMU_HWPT_ALLOC_NEST_PARENT: NEST,
  IOMMU_HWPT_ALLOC_PASID: PASID,
} = iommufd_hwpt_alloc_flags;
const { IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR: NO_CLEAR } = iommufd_hwpt_get_dirty_bitmap_flags;
const { IOMMU_IOAS_MAP_FIXED_IOVA, IOMMU_IOAS_MAP_READABLE, IOMMU_IOAS_MAP_WRITEABLE } =
  iommufd_ioas_map_flags;

const PAGE = 4096n;
const HUGE = 2n << 20n;
const ONE = Uint8Array.of(1);
/** The page of the program for bitmaps. It is used for nothing else. */
const BITMAP = 3;

/** A device on a page table with dirty tracking. */
class DirtyProgram extends SmmuProgram {
  readonly bound: Bound;
  readonly hwptId: number;

  constructor(options: Smmuv3Options = {}, flags: number = DIRTY, kernel?: FakeKernel) {
    super(smmuv3Config({ tableUpdates: 'dirty', ...options }), kernel);
    this.bound = this.bind({ streamId: 0x28, pasidBits: 8 });
    this.hwptId = this.ok(this.hwpt(this.bound, flags));
    this.ok(this.attach(this.bound, this.hwptId));
  }

  track(on = true): void {
    const set = { hwpt_id: this.hwptId, flags: on ? 1 : 0 };
    expect(this.call(IOMMU_HWPT_SET_DIRTY_TRACKING, (cmd) => Object.assign(cmd, set))).toBe(0);
  }

  /** Reads the dirty bitmap. @returns the dirty pages, as numbers from `iova` on */
  dirty(pages: number, flags = 0, iova = IOVA): number[] {
    const bitmap = this.memory.subarray(BITMAP * 4096, (BITMAP + 1) * 4096).fill(0);
    const data = this.at + BigInt(BITMAP) * PAGE;
    const range = { iova, length: BigInt(pages) * PAGE, page_size: PAGE, data };
    const set = { hwpt_id: this.hwptId, flags, ...range };
    expect(this.call(IOMMU_HWPT_GET_DIRTY_BITMAP, (cmd) => Object.assign(cmd, set))).toBe(0);
    return Array.from({ length: pages }, (_, page) => page).filter(
      (page) => ((bitmap[page >> 3] ?? 0) & (1 << (page & 7))) !== 0,
    );
  }

  async write(page: number, pasid?: number): Promise<void> {
    await this.bound.device.dma.write(IOVA + BigInt(page) * PAGE, ONE, pasid === undefined ? {} : { pasid });
  }
}

test.each([
  ['neither', 'none', {}, 'EOPNOTSUPP'],
  ['the access flag alone', 'access', {}, 'EOPNOTSUPP'],
  ['both', 'dirty', {}, 0],
  ['both, without stage 1', 'dirty', { stage1: false, ats: false }, 'EOPNOTSUPP'],
] as const)('dirty tracking on hardware that updates %s', (_name, tableUpdates, more, expected) => {
  const program = new SmmuProgram(smmuv3Config({ tableUpdates, ...more }));
  const bound = program.bind({ streamId: 0x28 });
  const result = program.hwpt(bound, DIRTY);
  expect(typeof result === 'number' ? 0 : result).toBe(expected);
  expect(program.call(IOMMU_GET_HW_INFO, (cmd) => (cmd.dev_id = bound.id))).toBe(0);
  const { out_capabilities } = view(iommu_hw_info, program.memory);
  const says = (Number(out_capabilities) & IOMMU_HW_CAP_DIRTY_TRACKING) !== 0;
  expect(says).toBe(tableUpdates === 'dirty');
});

test('neither a nest parent nor a page table without the flag tracks dirty pages', () => {
  const program = new SmmuProgram(smmuv3Config({ tableUpdates: 'dirty' }));
  const bound = program.bind({ streamId: 0x28 });
  expect(program.hwpt(bound, DIRTY | NEST)).toBe('EOPNOTSUPP');
  for (const flags of [0, NEST]) {
    const hwpt_id = program.ok(program.hwpt(bound, flags));
    const set = program.call(IOMMU_HWPT_SET_DIRTY_TRACKING, (cmd) =>
      Object.assign(cmd, { hwpt_id, flags: 1 }),
    );
    expect(errnoName(set)).toBe('EOPNOTSUPP');
  }
});

test('mapped pages are dirty until tracking is enabled; then only written pages are', async () => {
  const program = new DirtyProgram();
  program.map(IOVA, 0, 4);
  expect(program.dirty(4, NO_CLEAR)).toEqual([0, 1, 2, 3]);
  program.track();
  expect(program.dirty(4)).toEqual([]);
  await program.bound.device.dma.read(IOVA, 1);
  expect(program.dirty(4)).toEqual([]);
  await program.write(2);
  expect(program.dirty(4, NO_CLEAR)).toEqual([2]);
  expect(program.dirty(4, NO_CLEAR)).toEqual([2]);
  expect(program.dirty(4)).toEqual([2]);
  expect(program.dirty(4)).toEqual([]);
  await program.write(2);
  await program.write(3);
  expect(program.dirty(1, 0, IOVA + 2n * PAGE)).toEqual([0]);
  expect(program.dirty(4)).toEqual([3]);
});

test('pages that are mapped while tracking is enabled are dirty; tracking cannot be disabled', async () => {
  const program = new DirtyProgram();
  program.map(IOVA, 0, 1);
  program.track();
  program.map(IOVA + PAGE, 1, 1);
  expect(program.dirty(2)).toEqual([1]);
  program.unmap(IOVA, 1);
  program.map(IOVA, 0, 1);
  expect(program.dirty(2)).toEqual([0]);
  program.track(false);
  await program.write(1);
  expect(program.dirty(2)).toEqual([1]);
});

test('a read-only mapping is never dirty', async () => {
  const program = new DirtyProgram();
  program.mapWith(IOVA, 0, IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_FIXED_IOVA);
  program.map(IOVA + PAGE, 1, 1);
  expect(program.dirty(2)).toEqual([1]);
  await expect(program.write(0)).rejects.toThrow('aborted');
  expect(program.dirty(2)).toEqual([]);
});

test('writes with a PASID make pages dirty', async () => {
  const program = new DirtyProgram({}, DIRTY | PASID);
  expect(program.attach(program.bound, program.hwptId, 5)).toBe(program.hwptId);
  program.map(IOVA, 0, 2);
  program.track();
  await program.write(1, 5);
  expect(program.dirty(2)).toEqual([1]);
});

test('a TLB that caches the dirty state hides writes, because marking pages as clean does not invalidate it', async () => {
  const program = new DirtyProgram({ keepsDirtyState: true });
  program.map(IOVA, 0, 1);
  program.map(IOVA + PAGE, 1, 1);
  program.track();
  await program.write(0);
  expect(program.dirty(2)).toEqual([0]);
  await program.write(0);
  expect(program.dirty(2)).toEqual([]);
  // Unmapping invalidates the range.
  program.unmap(IOVA, 1);
  program.map(IOVA, 0, 1);
  program.track();
  await program.write(0);
  expect(program.dirty(2)).toEqual([0]);
});

test('a block is dirty as a whole, and a read that begins inside it is reported from there on', async () => {
  const program = new DirtyProgram({}, DIRTY, new FakeKernel([], { transparentHugePages: 'always' }));
  const { process } = program;
  const at = process.mmap(0n, Number(4n * HUGE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
  const aligned = (at + HUGE - 1n) & -HUGE;
  const flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE | IOMMU_IOAS_MAP_FIXED_IOVA;
  const set = { ioas_id: 1, user_va: aligned, iova: IOVA, length: 3n * HUGE, flags };
  expect(program.call(IOMMU_IOAS_MAP, (cmd) => Object.assign(cmd, set))).toBe(0);
  program.track();
  await program.write(512 + 7);
  expect(program.dirty(1536, NO_CLEAR)).toEqual(Array.from({ length: 512 }, (_, i) => 512 + i));
  // The walk is 100 pages after the start of each block, and reports as many pages as a block has.
  expect(program.dirty(1000, NO_CLEAR, IOVA + 100n * PAGE)).toEqual(
    Array.from({ length: 1000 - 512 }, (_, i) => 512 + i),
  );
  expect(program.dirty(512, 0, IOVA + HUGE)).toHaveLength(512);
  expect(program.dirty(1536)).toEqual([]);
});

/** The most pages that the property test maps. */
const MOST = 12;

type Step =
  | { readonly kind: 'map' | 'unmap' | 'write' | 'read'; readonly page: number }
  | { readonly kind: 'dirty'; readonly page: number; readonly pages: number; readonly clear: boolean };

const page = fc.nat(MOST - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('map', 'unmap', 'write', 'write', 'read'), page }),
  fc.record({
    kind: fc.constant('dirty'),
    page,
    pages: fc.integer({ min: 1, max: MOST }),
    clear: fc.boolean(),
  }),
);

test('the bitmap has the pages that were mapped or written since the last read, whatever happens in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const program = new DirtyProgram();
      /** True for each mapped page that is dirty. */
      const expected = new Map<number, boolean>();
      for (const each of steps) {
        const iova = IOVA + BigInt(each.page) * PAGE;
        const isMapped = expected.has(each.page);
        switch (each.kind) {
          case 'map':
            if (isMapped) break;
            program.map(iova, each.page, 1);
            expected.set(each.page, true);
            break;
          case 'unmap':
            if (!isMapped) break;
            program.unmap(iova, 1);
            expected.delete(each.page);
            break;
          case 'write':
            if (isMapped) expected.set(each.page, true);
            await (isMapped ? program.write(each.page) : expect(program.write(each.page)).rejects.toThrow());
            break;
          case 'read':
            if (isMapped) await program.bound.device.dma.read(iova, 1);
            break;
          case 'dirty': {
            const found: number[] = [];
            // A gap ends the walk.
            for (let at = each.page; at < each.page + each.pages && expected.has(at); at++) {
              if (expected.get(at) === true) found.push(at - each.page);
              if (each.clear) expected.set(at, false);
            }
            expect(program.dirty(each.pages, each.clear ? 0 : NO_CLEAR, iova)).toEqual(found);
          }
        }
      }
    }),
    { seed: 31, numRuns: 60 },
  );
});
