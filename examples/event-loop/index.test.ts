import { expect, test } from '@jest/globals';
import { runExample } from '../run.testing.js';

test('the loop gets the events that the kernel kept, and the number of lost ones, by a mark and by a gap', async () => {
  const lines = await runExample('./event-loop/index.ts');
  // The kernel's results and the loop's items have separate lines.
  const shown = lines.map((line) => line.trim().replace(/ +/g, ' '));
  const second = shown.findIndex((line) => line.includes('room for 6000'));
  expect(shown.slice(1, second)).toEqual([
    'device faults once',
    'kernel read() = 1 event, no mark',
    'reader got event 0',
    'device faults 7 times',
    'kernel read() = 3 events, and a mark',
    'reader got events 1 to 3',
    'reader lost 4, numbers 4 to 7',
    expect.stringContaining('reader stops at its signal'),
    'device faults once',
    'kernel read() = 1 event, no mark',
    'reader got event 8',
  ]);
  expect(shown.slice(second + 1)).toEqual([
    'device faults 6005 times',
    'kernel read() = 5461 events, no mark',
    'reader got event 0',
    'device faults once',
    'reader got events 1 to 5460',
    'kernel read() = 540 events, no mark',
    'reader got events 5461 to 5999',
    'reader lost 5, numbers 6000 to 6004',
    'reader got event 6005',
    'reader ends, because the queue was closed',
    'left over in the kernel: nothing',
  ]);
});
