import { expect, test } from '@jest/globals';
import { runExample } from './run.testing.js';

test('decode-veventq prints the events and the loss', async () => {
  expect(await runExample('./decode-veventq.ts')).toEqual([
    '0: stream 0x123 found no translation for 0x10002000',
    '1: stream 0x123 may not write 0x10003000',
    '4 events were lost, up to number 5',
  ]);
});
