import { describe, expect, test } from '@jest/globals';
import {
  queueEntriesUsed,
  isQueueEmpty,
  isQueueFull,
  isQueueOverflowed,
  joinQueueIndex,
  nextQueueIndex,
  splitQueueIndex,
} from './queue.js';

describe('splitQueueIndex and joinQueueIndex', () => {
  const cases: [register: number, log2size: number, parts: ReturnType<typeof splitQueueIndex>][] = [
    [0, 7, { index: 0, wrap: 0, overflow: 0 }],
    [0x7f, 7, { index: 0x7f, wrap: 0, overflow: 0 }],
    [0x80, 7, { index: 0, wrap: 1, overflow: 0 }],
    [0x8000_00ff, 7, { index: 0x7f, wrap: 1, overflow: 1 }],
    [0x8000_0000, 19, { index: 0, wrap: 0, overflow: 1 }],
    [0x800f_ffff, 19, { index: 0x7_ffff, wrap: 1, overflow: 1 }],
    [0, 0, { index: 0, wrap: 0, overflow: 0 }],
    [1, 0, { index: 0, wrap: 1, overflow: 0 }],
  ];

  test.each(cases)('0x%s in a queue of 2^%i', (register, log2size, parts) => {
    expect(splitQueueIndex(register, log2size)).toEqual(parts);
    expect(joinQueueIndex(parts, log2size)).toBe(register);
  });

  test('other bits of the register do not count', () => {
    expect(splitQueueIndex(0x0100_0085, 7)).toEqual({ index: 5, wrap: 1, overflow: 0 });
    expect(splitQueueIndex(0x000f_ff05, 7)).toEqual({ index: 5, wrap: 0, overflow: 0 });
  });

  test('invalid values are refused', () => {
    expect(() => joinQueueIndex({ index: 128, wrap: 0, overflow: 0 }, 7)).toThrow(RangeError);
    expect(() => joinQueueIndex({ index: -1, wrap: 0, overflow: 0 }, 7)).toThrow(RangeError);
    expect(() => joinQueueIndex({ index: 0, wrap: 2, overflow: 0 }, 7)).toThrow(RangeError);
    expect(() => joinQueueIndex({ index: 0, wrap: 0, overflow: 2 }, 7)).toThrow(RangeError);
    for (const log2size of [-1, 20, 1.5, NaN]) expect(() => splitQueueIndex(0, log2size)).toThrow(RangeError);
  });
});

test('a queue of four entries fills, empties and wraps', () => {
  let prod = 0x8000_0000;
  let cons = 0;
  const seen = new Set<number>();
  for (let round = 0; round < 10; round++) {
    expect(isQueueEmpty(prod, cons, 2)).toBe(true);
    for (let used = 1; used <= 4; used++) {
      expect(isQueueFull(prod, cons, 2)).toBe(false);
      seen.add(splitQueueIndex(prod, 2).index);
      prod = nextQueueIndex(prod, 2);
      expect(isQueueEmpty(prod, cons, 2)).toBe(false);
      expect(queueEntriesUsed(prod, cons, 2)).toBe(used);
    }
    expect(isQueueFull(prod, cons, 2)).toBe(true);
    cons = nextQueueIndex(cons, 2, round % 2 === 0 ? 4 : 3);
    if (round % 2 === 1) cons = nextQueueIndex(cons, 2);
  }
  expect([...seen]).toEqual([0, 1, 2, 3]);
  expect(prod >>> 31).toBe(1);
});

test('next toggles the wrap bit at the end, and leaves the bits above', () => {
  expect(nextQueueIndex(0x8000_007f, 7)).toBe(0x8000_0080);
  expect(nextQueueIndex(0x8000_00ff, 7)).toBe(0x8000_0000);
  expect(nextQueueIndex(0x0100_00ff, 7)).toBe(0x0100_0000);
  expect(nextQueueIndex(0x800f_ffff, 19)).toBe(0x8000_0000);
  expect(nextQueueIndex(0x5, 7, 0)).toBe(0x5);
  expect(nextQueueIndex(0x5, 7, 128)).toBe(0x85);
  expect(nextQueueIndex(0, 0)).toBe(1);
  expect(nextQueueIndex(1, 0)).toBe(0);
  for (const count of [-1, 129, 0.5]) expect(() => nextQueueIndex(0, 7, count)).toThrow(RangeError);
});

test('indexes that contradict each other', () => {
  // Behind by one, without the wrap that would explain it.
  expect(() => queueEntriesUsed(0x04, 0x05, 7)).toThrow(
    'indexes 0x4 and 0x5 are not a state of a queue of 128 entries',
  );
  expect(isQueueEmpty(0x04, 0x05, 7)).toBe(false);
  expect(isQueueFull(0x04, 0x05, 7)).toBe(false);
  expect(queueEntriesUsed(0x84, 0x05, 7)).toBe(127);
});

test('an overflow lasts until it is acknowledged', () => {
  expect(isQueueOverflowed(0, 0)).toBe(false);
  expect(isQueueOverflowed(0x8000_0000, 0)).toBe(true);
  expect(isQueueOverflowed(0x8000_0005, 0x8000_0003)).toBe(false);
  expect(isQueueOverflowed(0x5, 0x8000_0005)).toBe(true);
});
