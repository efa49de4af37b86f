import { expect, test } from '@jest/globals';
import { runExample } from './run.testing.js';

test('the example prints what its buffer holds', () => {
  expect(runExample('./decode-veventq.ts')).toEqual([
    '0: stream 0x123 found nothing at 0x10002000',
    '1: stream 0x123 may not write 0x10003000',
    '4 events were lost, up to number 5',
  ]);
});
