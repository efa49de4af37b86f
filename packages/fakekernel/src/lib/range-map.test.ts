import { expect, test } from '@jest/globals';
import { Random } from '@iommufd/testkit';
import { expectToBe, expectToEqual } from '@iommufd/testkit/expect';
import fc from 'fast-check';
import { RangeMap } from './range-map.js';

/** The same map as a plain list: slow, but obviously correct. */
class Model {
  ranges: { start: bigint; last: bigint }[] = [];

  hits(from: bigint, to: bigint) {
    return this.ranges
      .filter(({ start, last }) => start <= to && last >= from)
      .sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  gaps(from: bigint, to: bigint) {
    const gaps: [bigint, bigint][] = [];
    let cursor = from;
    for (const { start, last } of this.hits(from, to)) {
      if (start > cursor) gaps.push([cursor, start - 1n]);
      cursor = last + 1n;
    }
    if (cursor <= to) gaps.push([cursor, to]);
    return gaps;
  }
}

const point = fc.integer({ min: 0, max: 400 }).map(BigInt);
const step = fc.oneof(
  fc.record({
    op: fc.constant('insert' as const),
    start: point,
    length: fc.integer({ min: 1, max: 12 }).map(BigInt),
  }),
  fc.record({ op: fc.constant('remove' as const), start: point, length: fc.constant(0n) }),
  fc.record({
    op: fc.constant('gap' as const),
    start: point,
    length: fc.integer({ min: 1, max: 30 }).map(BigInt),
  }),
  fc.record({
    op: fc.constant('range' as const),
    start: point,
    length: fc.integer({ min: 0, max: 80 }).map(BigInt),
  }),
);

/** The starts of the tested ranges. Beyond 2^53, several IOVAs round to the same number. */
const BASES = [0n, 2n ** 53n - 200n, 2n ** 63n - 200n, 2n ** 64n - 500n];

test.each(BASES)('a range map holds the same ranges as a plain list, from %d on', (base) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const map = new RangeMap<bigint>();
      const model = new Model();
      for (const { op, start: offset, length } of steps) {
        const start = base + offset;
        const last = start + length - 1n;
        if (op === 'insert') {
          if (model.hits(start, last).length > 0) {
            expect(() => map.insert(start, last, start)).toThrow(RangeError);
          } else {
            map.insert(start, last, start);
            model.ranges.push({ start, last });
          }
        } else if (op === 'remove') {
          // Also tries starts that are not the start of a range: only an exact start is removed.
          const known = model.hits(start, start)[0];
          expectToBe(map.remove(start), known?.start === start);
          model.ranges = model.ranges.filter((range) => range.start !== start);
        } else if (op === 'range') {
          const got = [...map.range(start, start + length)].map(({ start, last }) => ({ start, last }));
          expectToEqual(got, model.hits(start, start + length));
        } else {
          const aligned = (from: bigint, to: bigint) => {
            const at = (from + 3n) & ~3n;
            return at <= to && to - at + 1n >= length ? at : undefined;
          };
          const want = model
            .gaps(start, base + 350n)
            .map(([from, to]) => aligned(from, to))
            .find((at) => at !== undefined);
          expectToBe(map.firstGap(start, base + 350n, length, aligned), want);
        }
        expectToBe(map.size, model.ranges.length);
      }
    }),
    { numRuns: 100 },
  );
});

test('thousands of ranges are inserted and removed', () => {
  const base = fc.constantFrom(0n, 2n ** 53n - 5000n, 2n ** 64n - 40_000n);
  fc.assert(
    fc.property(base, fc.integer(), fc.integer({ min: 100, max: 3000 }), (base, seed, size) => {
      const map = new RangeMap<number>();
      const there = new Set<number>();
      const random = new Random(seed);
      // First the map grows, then it shrinks until it is empty.
      for (let i = 0; i < 4 * size; i++) {
        const slot = random.below(size);
        const start = base + BigInt(slot) * 10n;
        if (there.has(slot) && (i > 2 * size || random.oneIn(3))) {
          expectToBe(map.remove(start), true);
          there.delete(slot);
        } else if (!there.has(slot) && i < 2 * size) {
          map.insert(start, start + BigInt(random.below(9)), slot);
          there.add(slot);
        }
      }
      const sorted = [...there].sort((a, b) => a - b);
      expect([...map].map(({ value }) => value)).toEqual(sorted);
      const free = Array.from({ length: size }, (_, i) => i).find((i) => !there.has(i) && !there.has(i + 1));
      if (free !== undefined)
        expect(map.firstGap(base, 2n ** 64n - 1n, 19n, (start) => start)).toBeLessThanOrEqual(
          base + BigInt(free) * 10n,
        );
      for (const slot of sorted) expectToBe(map.at(base + BigInt(slot) * 10n)?.value, slot);
      for (const slot of sorted) expectToBe(map.remove(base + BigInt(slot) * 10n), true);
      expect([map.size, [...map].length]).toEqual([0, 0]);
      map.insert(5n, 6n, 1);
      expect(map.at(5n)?.value).toBe(1);
    }),
    { numRuns: 30 },
  );
});

/** The steps of one call of each kind, in a map of `size` ranges of length 8 with gaps of 8, and one gap of 16 at the end. */
function steps(size: number): { find: number; insert: number; remove: number; gap: number } {
  const map = new RangeMap<number>();
  for (let i = 0; i < size; i++) map.insert(BigInt(i) * 16n, BigInt(i) * 16n + 7n, i);
  const end = BigInt(size) * 16n;
  map.insert(end + 16n, end + 23n, size);
  const counted = (work: () => unknown): number => {
    const before = map.steps;
    work();
    return map.steps - before;
  };
  const middle = BigInt(size >> 1) * 16n;
  return {
    find: counted(() => map.at(middle)),
    insert: counted(() => map.insert(middle + 8n, middle + 11n, 0)),
    remove: counted(() => map.remove(middle + 8n)),
    gap: counted(() => map.firstGap(0n, end + 100n, 16n, (start) => start)),
  };
}

test('the steps of a call grow with the logarithm of the size', () => {
  const small = steps(1_000);
  const large = steps(100_000);
  for (const name of ['find', 'insert', 'remove', 'gap'] as const) {
    // A map a hundred times as large has a tree that is less than two levels higher.
    expect(large[name]).toBeLessThan(2.5 * small[name]);
    expect(large[name]).toBeLessThan(400);
  }
});

test('ranges at both ends of the 64-bit numbers', () => {
  const map = new RangeMap<string>();
  const max = 2n ** 64n - 1n;
  map.insert(0n, 0n, 'first');
  map.insert(max, max, 'last');
  expect([...map].map(({ value }) => value)).toEqual(['first', 'last']);
  expect(map.at(max)?.value).toBe('last');
  expect(map.firstGap(0n, max, max - 1n, (start, last) => [start, last])).toEqual([1n, max - 1n]);
  expect(map.firstGap(0n, max, max, (start) => start)).toBeUndefined();
});
