import { expect, test } from '@jest/globals';
import { Bench } from '../bench.testing.js';
import { countingSyscalls } from '../counting.testing.js';
import { errorOf } from '../devices.testing.js';
import { tryingSyscalls } from '../trying.testing.js';

/** A failure, and what the SDK says of it. */
export interface Row<T> {
  readonly what: string;
  readonly call: (things: T) => unknown;
  readonly code: string;
  readonly meaning: string | ((things: T) => string);
}

/** What may be asked after a failure: nothing of it changes anything. */
const QUESTIONS = ['IOMMU_IOAS_IOVA_RANGES', 'IOMMU_GET_HW_INFO', 'VFIO_DEVICE_GET_INFO'];

/**
 * Tests of failures: which cause is told; that nothing but questions is asked for it, once each call has failed; and that
 * the kernel is as it was.
 */
export function tellsTheCause<T>(start: (bench: Bench) => T, rows: readonly Row<T>[]): void {
  test.each(rows.map((row) => ({ ...row, name: `${row.code}: ${row.what}` })))('$name', (row) => {
    const calls: string[] = [];
    const bench = new Bench((sys) => countingSyscalls(sys, calls));
    const things = start(bench);
    const before = bench.kernel.leftOver();
    calls.length = 0;
    const error = errorOf(() => row.call(things));
    const { meaning } = row;
    expect({ code: error.code, meaning: error.meaning }).toEqual({
      code: row.code,
      meaning: typeof meaning === 'string' ? meaning : meaning(things),
    });
    expect(error).not.toHaveProperty('cause');
    const failed = calls.indexOf(error.call);
    expect(failed).toBeGreaterThan(-1);
    expect(calls.slice(failed + 1).filter((call) => !QUESTIONS.includes(call) && call !== 'close')).toEqual(
      [],
    );
    expect(bench.kernel.leftOver()).toEqual(before);
    expect(bench.end()).toEqual([]);
  });

  test('the same where calls are interrupted', () => {
    for (const [seed, row] of rows.entries()) {
      const bench = new Bench((sys) => tryingSyscalls(sys, seed));
      const things = start(bench);
      const { meaning } = row;
      expect(errorOf(() => row.call(things)).meaning).toBe(
        typeof meaning === 'string' ? meaning : meaning(things),
      );
      expect(bench.end()).toEqual([]);
    }
  });
}
