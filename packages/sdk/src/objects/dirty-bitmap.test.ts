import { expect, test } from '@jest/globals';
import { pattern } from '@iommufd/testkit';
import fc from 'fast-check';
import { type Testbed, onEveryBackend } from '../testing/testbed.testing.js';
import { errorOf, HUGE, IOVA, mapped, PAGE, plugged } from '../testing/devices.testing.js';
import type { DirtyRange, DirtyRangeOptions } from '../index.js';

const start = (testbed: Testbed, pages: number) => {
  const ioas = testbed.iommufd.allocIoas();
  const { hardware, device } = plugged(testbed);
  const hwpt = device.allocHwpt({ ioas, dirtyTracking: true });
  device.attach(hwpt);
  const memory = mapped(testbed, ioas, pages);
  hwpt.setDirtyTracking(true);
  return { ioas, device, dma: hardware.dma, hwpt, memory };
};

/** Ranges of pages by page number: `[first, count]`. */
const inPages = (ranges: Iterable<DirtyRange>, pageSize = 4096n): [number, number][] =>
  [...ranges].map(({ iova, length }) => [Number((iova - IOVA) / pageSize), Number(length / pageSize)]);

/** A model of a bitmap: the numbers of the dirty pages. */
class Model {
  /** Pages of 4096 bytes that are dirty in hardware. */
  private hardware = new Set<number>();
  readonly bits = new Set<number>();

  /** @param first offset in the mapping, in bytes @param length in bytes */
  constructor(
    private readonly first: number,
    private readonly length: number,
    private readonly pageSize: number,
  ) {}

  write(offset: number, length: number): void {
    for (let page = Math.floor(offset / PAGE); page * PAGE < offset + length; page++) this.hardware.add(page);
  }

  read(clear: boolean): void {
    for (const page of [...this.hardware]) {
      const from = page * PAGE - this.first;
      if (from < 0 || from >= this.length) continue;
      for (let at = from; at < from + PAGE; at += Math.min(this.pageSize, PAGE))
        this.bits.add(Math.floor(at / this.pageSize));
      if (clear) this.hardware.delete(page);
    }
  }

  get ranges(): DirtyRange[] {
    const ranges: { iova: bigint; length: bigint }[] = [];
    const size = BigInt(this.pageSize);
    for (const bit of [...this.bits].sort((a, b) => a - b)) {
      const iova = IOVA + BigInt(this.first) + BigInt(bit) * size;
      const last = ranges.at(-1);
      if (last !== undefined && last.iova + last.length === iova) last.length += size;
      else ranges.push({ iova, length: size });
    }
    return ranges;
  }

  take({ iova, length }: DirtyRange): void {
    const bit = Number(iova - IOVA - BigInt(this.first)) / this.pageSize;
    for (let i = 0; i < Number(length) / this.pageSize; i++) this.bits.delete(bit + i);
  }
}

const PAGES = 208;

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('write' as const),
      offset: fc.nat(PAGES * PAGE - 1),
      length: fc.oneof(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 70 * PAGE })),
    }),
    fc.record({ kind: fc.constant('read' as const), clear: fc.boolean() }),
    fc.record({ kind: fc.constant('take' as const), most: fc.oneof(fc.nat(3), fc.constant(Infinity)) }),
    // Pages are written and read during a loop over the pages.
    fc.record({ kind: fc.constant('meanwhile' as const), offset: fc.nat(PAGES * PAGE - 1) }),
  ),
  { maxLength: 24 },
);

const bytes = pattern(70 * PAGE);

onEveryBackend((open) => {
  test('written pages are dirty from read() until take()', async () => {
    const testbed = open();
    const { dma, hwpt } = start(testbed, 8);
    using bitmap = hwpt.dirtyBitmap({ iova: IOVA, length: BigInt(8 * PAGE) });
    expect(bitmap).toMatchObject({ iova: IOVA, length: 32768n, pageSize: 4096n });
    expect(bitmap.hwpt === hwpt).toBe(true);
    await dma.write(IOVA + 4090n, pattern(PAGE));
    await dma.write(IOVA + 0x7000n, pattern(1));
    await dma.read(IOVA + 0x4000n, PAGE);
    expect([bitmap.dirtyPages, inPages(bitmap)]).toEqual([0, []]);
    bitmap.read();
    const dirty = [
      [0, 2],
      [7, 1],
    ];
    expect([bitmap.dirtyPages, inPages(bitmap), inPages(bitmap)]).toEqual([3, dirty, dirty]);
    expect(inPages(bitmap.take())).toEqual(dirty);
    expect([bitmap.dirtyPages, inPages(bitmap)]).toEqual([0, []]);
    bitmap.read();
    expect(bitmap.dirtyPages).toBe(0);
  });

  test('a loop that ends early leaves the other ranges, including those read during the loop', async () => {
    const testbed = open();
    const { dma, hwpt } = start(testbed, 8);
    const bitmap = hwpt.dirtyBitmap({ iova: IOVA, length: BigInt(8 * PAGE) });
    for (const page of [1, 3, 5]) await dma.write(IOVA + BigInt(page * PAGE), pattern(1));
    bitmap.read();
    for (const { iova } of bitmap.take()) {
      expect(iova).toBe(IOVA + 0x1000n);
      break;
    }
    expect(inPages(bitmap)).toEqual([
      [3, 1],
      [5, 1],
    ]);
    const seen: number[] = [];
    for (const range of bitmap.take()) {
      const [[page = -1] = []] = inPages([range]);
      seen.push(page);
      if (page !== 3) continue;
      // After the position of the loop, at it, and before it.
      for (const again of [0, 3, 7]) await dma.write(IOVA + BigInt(again * PAGE), pattern(1));
      bitmap.read();
    }
    expect(seen).toEqual([3, 5, 7]);
    expect(inPages(bitmap)).toEqual([
      [0, 1],
      [3, 1],
    ]);
  });

  test('read({ clear: false }) leaves the pages dirty in hardware', async () => {
    const testbed = open();
    const { dma, hwpt } = start(testbed, 4);
    const range = { iova: IOVA, length: BigInt(4 * PAGE) };
    const [one, two] = [hwpt.dirtyBitmap(range), hwpt.dirtyBitmap(range)];
    await dma.write(IOVA + 0x2000n, pattern(1));
    one.read({ clear: false });
    two.read({ clear: true });
    expect([inPages(one.take()), inPages(two)]).toEqual([[[2, 1]], [[2, 1]]]);
    one.read();
    expect(one.dirtyPages).toBe(0);
  });

  test('only pages in the requested range are reported', async () => {
    const testbed = open();
    const { dma, hwpt } = start(testbed, 8);
    await dma.write(IOVA, pattern(8 * PAGE));
    const bitmap = hwpt.dirtyBitmap({ iova: IOVA + 0x2000n, length: 0x3000n });
    bitmap.read();
    expect(inPages(bitmap)).toEqual([[2, 3]]);
    // Pages outside of the range are still dirty.
    const whole = hwpt.dirtyBitmap({ iova: IOVA, length: BigInt(8 * PAGE) });
    whole.read();
    expect(inPages(whole)).toEqual([
      [0, 2],
      [5, 3],
    ]);
  });

  test('enabling tracking marks all pages clean', async () => {
    const testbed = open();
    const { dma, hwpt } = start(testbed, 4);
    const bitmap = hwpt.dirtyBitmap({ iova: IOVA, length: BigInt(4 * PAGE) });
    await dma.write(IOVA, pattern(PAGE));
    hwpt.setDirtyTracking(false);
    await dma.write(IOVA + 0x1000n, pattern(PAGE));
    hwpt.setDirtyTracking(true);
    bitmap.read();
    expect(inPages(bitmap)).toEqual([]);
    await dma.write(IOVA + 0x3000n, pattern(1));
    bitmap.read();
    expect(inPages(bitmap)).toEqual([[3, 1]]);
  });

  test.each([2048, 4096, 8192, 65536])(
    'every written page is reported exactly once: pages of %d bytes',
    async (pageSize) => {
      const testbed = open();
      const { dma, hwpt, memory } = start(testbed, PAGES);
      const whole = (PAGES * PAGE) / pageSize;
      const range = fc
        .tuple(fc.nat(whole - 1), fc.integer({ min: 1, max: whole }))
        .map(([first, count]) => [first * pageSize, Math.min(count, whole - first) * pageSize] as const)
        // Another test checks half a page of the hardware.
        .filter(([first, length]) => first % PAGE === 0 && length % PAGE === 0);
      const property = fc.asyncProperty(range, steps, async ([first, length], list) => {
        // The last run left pages dirty.
        hwpt.setDirtyTracking(true);
        using bitmap = hwpt.dirtyBitmap({
          iova: IOVA + BigInt(first),
          length: BigInt(length),
          pageSize: BigInt(pageSize),
        });
        const model = new Model(first, length, pageSize);
        const write = async (offset: number, size: number): Promise<void> => {
          const most = Math.min(size, PAGES * PAGE - offset);
          await dma.write(IOVA + BigInt(offset), bytes.subarray(0, most));
          model.write(offset, most);
        };
        for (const step of list) {
          if (step.kind === 'write') await write(step.offset, step.length);
          else if (step.kind === 'read') {
            bitmap.read({ clear: step.clear });
            model.read(step.clear);
          } else if (step.kind === 'take') {
            const expected = model.ranges.slice(0, step.most);
            const taken: DirtyRange[] = [];
            if (step.most > 0) {
              for (const one of bitmap.take()) if (taken.push(one) === step.most) break;
            }
            expect(taken).toEqual(expected);
            for (const one of taken) model.take(one);
          } else {
            for (const one of bitmap.take()) {
              model.take(one);
              await write(step.offset, 1);
              bitmap.read();
              model.read(true);
              break;
            }
          }
          expect(bitmap.dirtyPages).toBe(model.bits.size);
          expect([...bitmap]).toEqual(model.ranges);
        }
        bitmap.read();
        model.read(true);
        expect([...bitmap.take()]).toEqual(model.ranges);
        expect([...bitmap]).toEqual([]);
      });
      await fc.assert(property, { numRuns: 15, seed: 5 });
      expect(memory.isClosed).toBe(false);
    },
  );

  test('each read() uses the mappings at that time', async () => {
    const testbed = open();
    const { ioas, dma, hwpt, memory } = start(testbed, 2);
    const bitmap = hwpt.dirtyBitmap({ iova: IOVA, length: BigInt(256 * PAGE) });
    const at = (page: number): bigint => IOVA + BigInt(page * PAGE);
    /** Writes to all mapped pages. @returns the pages that read() reports */
    const dirty = async (pages: readonly number[]): Promise<number[]> => {
      for (const page of pages) await dma.write(at(page), pattern(1));
      bitmap.read();
      return inPages(bitmap.take()).flatMap(([first, count]) =>
        Array.from({ length: count }, (_, i) => first + i),
      );
    };
    expect(await dirty([0, 1])).toEqual([0, 1]);
    // One run starts at a word of the bitmap, and one within a word.
    const far = ioas.mapMemory(memory, { iova: at(128) });
    const near = ioas.mapMemory(memory, { iova: at(70) });
    expect(await dirty([0, 71, 128, 129])).toEqual([0, 71, 128, 129]);
    far.unmap();
    ioas.mapMemory(memory, { iova: at(2) });
    expect(await dirty([1, 3, 70])).toEqual([1, 3, 70]);
    near.unmap();
    ioas.mapMemory(memory, { iova: at(130), length: PAGE });
    expect(await dirty([0, 130])).toEqual([0, 130]);
    ioas.unmap({ iova: at(2), length: BigInt(100 * PAGE) });
    ioas.mapMemory(memory, { iova: at(254) });
    expect(await dirty([0, 130, 254, 255])).toEqual([0, 130, 254, 255]);
  });

  test('a bitmap of 128 GiB of guest memory is read where it is dirty', async () => {
    const testbed = open();
    const ioas = testbed.iommufd.allocIoas();
    const { hardware, device } = plugged(testbed);
    const hwpt = device.allocHwpt({ ioas, dirtyTracking: true, data: HUGE });
    device.attach(hwpt);
    const length = 2 ** 37;
    ioas.mapMemory(testbed.iommufd.allocMemory(length), { iova: 0n });
    hwpt.setDirtyTracking(true);
    const bitmap = hwpt.dirtyBitmap({ iova: 0n, length: BigInt(length), pageSize: 1n << 21n });
    for (const at of [5n, BigInt(length) - 1n]) await hardware.dma.write(at, pattern(1));
    bitmap.read();
    const size = 1n << 21n;
    expect([...bitmap]).toEqual([
      { iova: 0n, length: size },
      { iova: BigInt(length) - size, length: size },
    ]);
  });

  test('a page table without tracking fails with EOPNOTSUPP', () => {
    const testbed = open();
    const { ioas, device } = start(testbed, 2);
    const bitmap = device.allocHwpt({ ioas }).dirtyBitmap({ iova: IOVA, length: 8192n });
    const error = errorOf(() => bitmap.read());
    expect(error).toMatchObject({ call: 'IOMMU_HWPT_GET_DIRTY_BITMAP', code: 'EOPNOTSUPP' });
    expect(error.args).toMatchObject({ hwpt_id: bitmap.hwpt.id, iova: IOVA, length: 8192n });
  });

  test('nothing is reported while tracking is off, and reported pages stay', async () => {
    const testbed = open();
    const { dma, hwpt } = start(testbed, 2);
    const bitmap = hwpt.dirtyBitmap({ iova: IOVA, length: 8192n });
    await dma.write(IOVA, pattern(1));
    bitmap.read();
    hwpt.setDirtyTracking(false);
    await dma.write(IOVA + 0x1000n, pattern(1));
    // Linux looks at the tracking only while it walks, and drops what the walk returns.
    bitmap.read();
    expect(inPages(bitmap)).toEqual([[0, 1]]);
  });

  test('a range must be aligned to the pages of the IOMMU, whatever pageSize is', async () => {
    const testbed = open();
    const { dma, hwpt } = start(testbed, 2);
    for (const range of [
      { iova: IOVA + 1024n, length: 2048n },
      { iova: IOVA, length: 1024n },
    ]) {
      const error = errorOf(() => hwpt.dirtyBitmap({ ...range, pageSize: 1024n }).read());
      expect(error).toMatchObject({ code: 'EINVAL', errno: 22 });
    }
    const fine = hwpt.dirtyBitmap({ iova: IOVA + 0x1000n, length: 4096n, pageSize: 1024n });
    await dma.write(IOVA + 0x1000n, pattern(1));
    fine.read();
    expect(inPages(fine, 1024n)).toEqual([[4, 4]]);
  });

  test.each<[string, Partial<DirtyRangeOptions>]>([
    ['pageSize', { pageSize: 0n }],
    ['pageSize', { pageSize: -4096n }],
    ['pageSize', { pageSize: 5000n }],
    ['iova', { iova: 100n }],
    ['iova', { iova: -4096n }],
    ['iova', { iova: IOVA + 0x1000n, pageSize: 8192n }],
    ['length', { length: 0n }],
    ['length', { length: -4096n }],
    ['length', { length: 4097n }],
    ['length', { length: 12288n, pageSize: 8192n }],
  ])('an empty, misaligned or wrapping range is refused: %s', (name, options) => {
    const testbed = open();
    const { hwpt } = start(testbed, 2);
    const make = () => hwpt.dirtyBitmap({ iova: IOVA, length: 8192n, ...options });
    expect(make).toThrow(RangeError);
    expect(make).toThrow(new RegExp(`^Hwpt\\.dirtyBitmap: ${name}: expected a .*, found `));
  });

  test('a wrapping range is refused', () => {
    const testbed = open();
    const { hwpt } = start(testbed, 2);
    const iova = (1n << 64n) - 4096n;
    expect(() => hwpt.dirtyBitmap({ iova, length: 8192n })).toThrow(
      'length: 0xfffffffffffff000 and 8192 bytes',
    );
  });

  test('a closed bitmap is not written to', async () => {
    const testbed = open();
    const { dma, hwpt } = start(testbed, 2);
    const bitmap = hwpt.dirtyBitmap({ iova: IOVA, length: 8192n });
    bitmap.close();
    bitmap.close();
    // The address may belong to another mapping now.
    const others = testbed.iommufd.allocMemory(PAGE);
    await dma.write(IOVA, pattern(1));
    let refused = false;
    try {
      bitmap.read();
    } catch {
      refused = true;
    }
    expect([refused, others.bytes(0, 8)]).toEqual([true, new Uint8Array(8)]);
  });
});
