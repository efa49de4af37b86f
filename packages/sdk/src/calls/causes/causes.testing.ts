import { expect, test } from '@jest/globals';
import { interruptedSyscalls, listedSyscalls } from '@iommufd/testkit';
import { Testbed } from '../../testing/testbed.testing.js';
import { errorOf } from '../../testing/devices.testing.js';

/** A failing call, and the expected `meaning` of its error. */
export type Failure = readonly [call: () => unknown, meaning: string];

/** A test of a cause. `prepare` sets up its state and returns the failing call. */
export type Row<T> = readonly [what: string, code: string, prepare: (things: T) => Failure];

/** Requests that the SDK may make after a failure; they change nothing. */
const QUESTIONS = ['IOMMU_IOAS_IOVA_RANGES', 'IOMMU_GET_HW_INFO', 'VFIO_DEVICE_GET_INFO'];

/**
 * Tests failures: that the error names the right cause, that the SDK makes only such requests, after the failure, and that
 * the kernel's state does not change.
 */
export function tellsTheCause<T>(start: (testbed: Testbed) => T, rows: readonly Row<T>[]): void {
  test.each(rows.map(([what, code, prepare]) => ({ what, code, prepare })))(
    '$code: $what',
    ({ code, prepare }) => {
      const calls: string[] = [];
      const testbed = new Testbed((sys) => listedSyscalls(sys, calls));
      const [call, meaning] = prepare(start(testbed));
      const before = testbed.kernel.leftOver();
      calls.length = 0;
      const error = errorOf(call);
      expect({ code: error.code, meaning: error.meaning }).toEqual({ code, meaning });
      expect(error).not.toHaveProperty('cause');
      const failed = calls.indexOf(error.call);
      expect(failed).toBeGreaterThan(-1);
      // Files and memory of the failed call are closed and unmapped too.
      const allowed = [...QUESTIONS, 'close', 'munmap'];
      expect(calls.slice(failed + 1).filter((each) => !allowed.includes(each))).toEqual([]);
      expect(testbed.kernel.leftOver()).toEqual(before);
      expect(testbed.end()).toEqual([]);
    },
  );

  test('the same where calls are interrupted', () => {
    for (const [seed, [, , prepare]] of rows.entries()) {
      const testbed = new Testbed((sys) => interruptedSyscalls(sys, seed));
      const [call, meaning] = prepare(start(testbed));
      expect(errorOf(call).meaning).toBe(meaning);
      expect(testbed.end()).toEqual([]);
    }
  });
}
