/** Linux's rules for the memory that calls drop, on mappings that are given. */
import { describe, expect, test } from '@jest/globals';
import {
  advised,
  allocating,
  type Arguments,
  detached,
  heapEnd,
  type Mappings,
  removedBy,
  remapped,
  sizeOf,
  unmapped,
} from './drops.js';
import type { RemoteVma, VmaFlags } from './maps.js';

const PAGE = 4096;
const HUGE = 2 << 20;
const END = 2 ** 47 - PAGE;
const [MAYMOVE, FIXED, DONTUNMAP] = [1, 2, 4];
const [DONTNEED, REMOVE, DONTNEED_LOCKED, GUARD_INSTALL] = [4, 9, 24, 102];

const args = (...values: readonly (number | bigint)[]): Arguments => ({
  int: (index) => Number(BigInt.asIntN(32, BigInt(values[index] ?? 0))),
  word: (index) => BigInt.asUintN(64, BigInt(values[index] ?? 0)),
});

type Given = Partial<RemoteVma> & Partial<VmaFlags> & { readonly seals?: number; readonly isOwn?: boolean };

/** Mappings of two pages each, one after another from 0x10000 on; undefined for a gap. */
class Memory implements Mappings {
  readonly vmas: (RemoteVma & Given)[];

  constructor(...given: readonly (Given | undefined)[]) {
    const size = given.some((each) => each?.pageSize === HUGE) ? 2 * HUGE : 2 * PAGE;
    this.vmas = given.flatMap((each, i) => {
      if (each === undefined) return [];
      const start = (size === 2 * PAGE ? 0x10000 : 2 * HUGE) + i * size;
      const plain = { readable: true, writable: true, shared: false, offset: 0, hasFile: false, inode: 0 };
      return [{ ...plain, start, end: start + size, device: '0:1', pageSize: PAGE, ...each }];
    });
  }

  mappings(start: number, end: number): RemoteVma[] {
    return this.vmas.filter((vma) => vma.start < end && start < vma.end);
  }

  private of(vma: RemoteVma): Given {
    return this.vmas.find(({ start }) => start === vma.start) ?? {};
  }

  flagsOf(vma: RemoteVma): VmaFlags {
    const { isLocked = false, mayBeWritten = true } = this.of(vma);
    return { isLocked, mayBeWritten };
  }

  sealsOf(vma: RemoteVma): number {
    return this.of(vma).seals ?? 0;
  }

  isOwn(vma: RemoteVma): boolean {
    return this.of(vma).isOwn === true;
  }
}

const SHARED: Given = { shared: true, hasFile: true };

describe('unmapping', () => {
  test.each([
    ['whole pages', [PAGE, 1], { start: PAGE, end: 2 * PAGE }],
    ['an address in a page', [1, PAGE], undefined],
    ['nothing', [PAGE, 0], undefined],
    ['up to the end of user space', [END - PAGE, PAGE], { start: END - PAGE, end: END }],
    ['beyond the end of user space', [END - PAGE, 2 * PAGE], undefined],
    ['a length that overflows', [PAGE, 2n ** 64n - 1n], undefined],
  ] as const)('munmap() of %s', (_name, given, expected) => {
    expect(unmapped(args(...given), END)).toEqual(expected);
  });

  test('shmdt() unmaps the segment at its start', () => {
    const memory = new Memory({}, SHARED);
    expect([0x10000, 0x12000, 0x13000].map((at) => detached(args(at), memory, END))).toEqual([
      undefined,
      { start: 0x12000, end: 0x14000 },
      undefined,
    ]);
  });

  test('shmdt() unmaps all mappings of the segment', () => {
    const part = (offset: number, inode = 7): Given => ({ ...SHARED, offset, inode });
    const detach = (...given: readonly (Given | undefined)[]): number =>
      ((detached(args(0x10000), new Memory(...given), END)?.end ?? 0x10000) - 0x10000) / PAGE;
    expect(detach(part(0), part(2 * PAGE), part(4 * PAGE))).toBe(6);
    expect(detach(part(0), part(0))).toBe(2);
    expect(detach(part(0), part(2 * PAGE, 8))).toBe(2);
    expect(detach(part(2 * PAGE))).toBe(0);
  });

  test('brk() unmaps the heap behind its new end, in all its mappings', () => {
    const end = (at: number, ...given: readonly (Given | undefined)[]): unknown =>
      heapEnd(new Memory(...given), at, END);
    expect(end(0x10001, {}, {}, undefined, {})).toEqual({ start: 0x11000, end: 0x14000 });
    expect(end(0x10000, {}, { hasFile: true })).toEqual({ start: 0x10000, end: 0x12000 });
    // Within the last page, beyond the heap, and a question for the end.
    expect([end(0x11001, {}), end(0x20000, {}), end(0, {})]).toEqual([undefined, undefined, undefined]);
  });

  test('mremap() of huge pages takes whole ones', () => {
    const memory = new Memory({ pageSize: HUGE });
    const old = 2 * HUGE;
    const remap = (...given: readonly number[]): unknown => {
      const { oldLength, length, tail } = remapped(args(...given), memory, END) ?? {};
      return [oldLength, length, tail];
    };
    expect(remap(old, 2 * HUGE, PAGE, 0)).toEqual([
      2 * HUGE,
      HUGE,
      { start: old + HUGE, end: old + 2 * HUGE },
    ]);
    expect(remap(old, HUGE, PAGE, 0)).toEqual([HUGE, HUGE, undefined]);
    expect(remap(old, PAGE, PAGE, MAYMOVE | FIXED, 8 * HUGE)).toEqual([HUGE, HUGE, undefined]);
    const failed = [undefined, undefined, undefined];
    expect(remap(old + PAGE, PAGE, PAGE, MAYMOVE | FIXED, 8 * HUGE)).toEqual(failed);
    expect(remap(old, PAGE, PAGE, MAYMOVE | FIXED, 8 * HUGE + PAGE)).toEqual(failed);
    expect(remap(old, HUGE, 2 * HUGE, MAYMOVE)).toEqual(failed);
  });

  const [OLD, NEW] = [0x10000, 0x40000];
  test.each([
    ['shrinks', [OLD, 3 * PAGE, PAGE, 0], { start: OLD + PAGE, end: OLD + 3 * PAGE }],
    [
      'shrinks and moves',
      [OLD, 2 * PAGE, 1, MAYMOVE | FIXED, NEW],
      { start: OLD + PAGE, end: OLD + 2 * PAGE },
    ],
    ['grows', [OLD, PAGE, 2 * PAGE, MAYMOVE], undefined],
  ] as const)('mremap() that %s', (_name, given, tail) => {
    expect(remapped(args(...given), new Memory({}, {}), END)).toMatchObject({ tail });
  });

  test.each([
    ['an address in a page', [OLD + 1, PAGE, PAGE, 0]],
    ['no new length', [OLD, PAGE, 0, 0]],
    ['a new length that is rounded up to 0', [OLD, PAGE, -1, 0]],
    ['unknown flags', [OLD, PAGE, PAGE, 8]],
    ['a target without MREMAP_MAYMOVE', [OLD, PAGE, PAGE, FIXED, NEW]],
    ['a target in a page', [OLD, PAGE, PAGE, FIXED | MAYMOVE, NEW + 1]],
    ['a target that overlaps', [OLD, 2 * PAGE, PAGE, FIXED | MAYMOVE, OLD + PAGE]],
    ['an address where nothing is mapped', [NEW, PAGE, PAGE, FIXED | MAYMOVE, OLD]],
    ['MREMAP_DONTUNMAP and another length', [OLD, 2 * PAGE, PAGE, DONTUNMAP | MAYMOVE, NEW]],
  ] as const)('mremap() fails for %s', (_name, given) => {
    expect(remapped(args(...given), new Memory({}, {}), END)).toBeUndefined();
  });
});

describe('advice', () => {
  /** The pages that advice for the first three mappings drops, as numbers, and the error. */
  const dropped = (advice: number, ...given: readonly (Given | undefined)[]): readonly unknown[] => {
    const { drops, failed } = advised(new Memory(...given), advice, 0x10000, 6 * PAGE);
    return [...drops.map(({ start, end }) => [(start - 0x10000) / PAGE, (end - 0x10000) / PAGE]), failed];
  };

  test('drops private pages, up to the first mapping that refuses', () => {
    expect(dropped(DONTNEED, {}, {}, {})).toEqual([[0, 2], [2, 4], [4, 6], undefined]);
    expect(dropped(DONTNEED, {}, SHARED, {})).toEqual([[0, 2], [4, 6], undefined]);
    expect(dropped(DONTNEED, {}, { isLocked: true }, {})).toEqual([[0, 2], 'EINVAL']);
    expect(dropped(DONTNEED_LOCKED, {}, { isLocked: true }, {})).toEqual([[0, 2], [2, 4], [4, 6], undefined]);
    expect(dropped(DONTNEED_LOCKED, {}, { isOwn: true, ...SHARED }, {})).toEqual([[0, 2], 'EINVAL']);
    expect(dropped(GUARD_INSTALL, {}, { isLocked: true }, {})).toEqual([[0, 2], 'EINVAL']);
  });

  test('passes over a gap, which is an error at the end', () => {
    expect(dropped(DONTNEED, {}, undefined, {})).toEqual([[0, 2], [4, 6], 'ENOMEM']);
    expect(dropped(DONTNEED, {}, {})).toEqual([[0, 2], [2, 4], 'ENOMEM']);
  });

  test('is refused for an address in a page', () => {
    expect(advised(new Memory({}), DONTNEED, 0x10001, PAGE)).toEqual({ drops: [], failed: 'EINVAL' });
  });

  test('is refused for a range whose end overflows', () => {
    for (const length of [2 ** 64 - PAGE, Number(2n ** 64n - 1n)])
      expect(advised(new Memory({}), DONTNEED, 0x10000, length)).toEqual({ drops: [], failed: 'EINVAL' });
    expect(advised(new Memory({}), DONTNEED, 0x10000, 2 ** 63).failed).toBe('ENOMEM');
  });

  test('MADV_REMOVE removes pages from files of writable shared mappings without seals', () => {
    const memory = new Memory(SHARED);
    expect(advised(memory, REMOVE, 0x11000, 1)).toEqual({
      drops: [{ start: 0x11000, end: 0x12000, ofFile: memory.vmas[0] }],
      failed: undefined,
    });
    for (const refusing of [
      {},
      { shared: true },
      { ...SHARED, mayBeWritten: false },
      { ...SHARED, isLocked: true },
      { ...SHARED, seals: 8 },
      { ...SHARED, seals: 16 },
    ])
      expect(dropped(REMOVE, SHARED, refusing, SHARED)).toEqual([[0, 2], 'EINVAL']);
  });

  test('drops only whole huge pages', () => {
    const start = 2 * HUGE;
    const drop = (advice: number, given: Given, from: number, length: number): unknown => {
      const memory = new Memory({ pageSize: HUGE, ...given });
      const { drops, failed } = advised(memory, advice, start + from, length);
      return failed ?? drops.map((each) => [each.start - start, each.end - start]);
    };
    expect(drop(DONTNEED, {}, 0, HUGE + PAGE)).toEqual([[0, HUGE]]);
    expect(drop(DONTNEED, { isLocked: true }, 0, HUGE)).toEqual([[0, HUGE]]);
    expect(drop(DONTNEED, {}, 0, PAGE)).toEqual([]);
    expect(drop(DONTNEED, {}, PAGE, HUGE)).toBe('EINVAL');
    expect(drop(GUARD_INSTALL, {}, 0, HUGE)).toBe('EINVAL');
    expect(drop(REMOVE, SHARED, PAGE, 2 * HUGE - PAGE)).toEqual([[HUGE, 2 * HUGE]]);
    expect(drop(REMOVE, SHARED, PAGE, HUGE)).toEqual([]);
  });
});

describe('files', () => {
  const small = { pageSize: PAGE, seals: 0 };
  const huge = { pageSize: HUGE, seals: 0 };
  const ALL = Number.MAX_SAFE_INTEGER;

  test('a size removes the pages beyond it, also from private mappings', () => {
    expect([args(0, 100), args(0, -1)].map(sizeOf)).toEqual([100, undefined]);
    expect(removedBy({ size: 100 }, small)).toEqual({ start: PAGE, end: ALL, withCopies: true });
    expect(removedBy({ size: HUGE }, huge)).toEqual({ start: HUGE, end: ALL, withCopies: true });
    expect(removedBy({ size: PAGE }, huge)).toBeUndefined();
    // F_SEAL_SHRINK
    expect(removedBy({ size: 0 }, { ...small, seals: 2 })).toBeUndefined();
  });

  test('fallocate() removes pages, or extends the file', () => {
    expect(allocating(args(0, 3, 1, 3 * PAGE), 0)).toEqual({ offset: 1, length: 3 * PAGE });
    expect(allocating(args(0, 0, PAGE, 100), PAGE)).toEqual({ size: PAGE + 100 });
    // FALLOC_FL_KEEP_SIZE; within the file; a hole without FALLOC_FL_KEEP_SIZE; FALLOC_FL_ZERO_RANGE; invalid ranges, EFBIG.
    expect(
      [
        args(0, 1, 0, PAGE),
        args(0, 2, 0, PAGE),
        args(0, 16, 0, PAGE),
        args(0, 0, 0, 10),
        args(0, 3, -1, 1),
        args(0, 3, 0, 0),
        args(0, 3, PAGE, 2n ** 63n - 1n),
      ].map((each) => allocating(each, 10)),
    ).toEqual(Array(7).fill(undefined));
  });

  test('a hole removes whole pages, and the copies of whole huge pages', () => {
    const hole = { offset: 1, length: 3 * HUGE };
    expect(removedBy(hole, small)).toEqual({ start: PAGE, end: 3 * HUGE, withCopies: false });
    expect(removedBy(hole, huge)).toEqual({ start: HUGE, end: 3 * HUGE, withCopies: true });
    // F_SEAL_WRITE, F_SEAL_FUTURE_WRITE
    for (const seals of [8, 16]) expect(removedBy(hole, { ...small, seals })).toBeUndefined();
  });
});
