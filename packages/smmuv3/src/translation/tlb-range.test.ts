import { expect, test } from '@jest/globals';
import { smmuv3Config } from '../config.js';
import { Features } from '../registers/features.js';
import { isRangeLegal, rangeScope } from './tlb-range.js';

const NARROW = new Features(smmuv3Config());
const WIDE = new Features(smmuv3Config({ largeAddresses: true }));
const NONE = { NUM: 0, SCALE: 0, TTL: 0, TG: 1, Address: 0x1000_0000n };

/** Bit 5 of SCALE is reserved without 52-bit addresses (4.4.1.1), and reserved bits are ignored here (4.1.5). */
test.each<readonly [scale: number, narrow: number, wide: number]>([
  [0, 0, 0],
  [1, 1, 1],
  [31, 31, 31],
  [32, 0, 32],
  [33, 1, 33],
  [39, 7, 39],
  [40, 8, 39],
  [63, 31, 39],
])('SCALE of %i', (SCALE, narrow, wide) => {
  for (const [features, scale] of [
    [NARROW, narrow],
    [WIDE, wide],
  ] as const) {
    for (const [TG, log2size] of [
      [1, 12],
      [2, 14],
      [3, 16],
    ] as const) {
      const { range } = rangeScope({ ...NONE, NUM: 2, SCALE, TG }, features);
      expect(range).toEqual({ first: 0x10000, pages: 3 * 2 ** (scale + log2size - 12) });
    }
    // A range of one page without a hint is reserved.
    expect(isRangeLegal({ ...NONE, SCALE }, features)).toBe(scale !== 0);
  }
});
