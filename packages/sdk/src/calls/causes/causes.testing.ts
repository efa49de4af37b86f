import { expect, test } from '@jest/globals';
import { interruptedSyscalls, listedSyscalls } from '@iommufd/testkit';
import { Testbed } from '../../testing/testbed.testing.js';
import { errorOf } from '../../testing/devices.testing.js';

/** A failure: the call, and what the SDK says of it. */
export type Failure = readonly [call: () => unknown, meaning: string];

/** A failure of a kind. What it needs beforehand is made before the call is given back. */
export type Row<T> = readonly [what: string, code: string, prepare: (things: T) => Failure];

/** What may be asked after a failure: nothing of it changes anything. */
const QUESTIONS = ['IOMMU_IOAS_IOVA_RANGES', 'IOMMU_GET_HW_INFO', 'VFIO_DEVICE_GET_INFO'];

/**
 * Tests of failures: which cause the error names; that only questions are asked for it, once the call has failed; and that
 * the kernel is as it was.
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
      // What was opened or mapped for the call goes with it.
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
