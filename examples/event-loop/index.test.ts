import { expect, test } from '@jest/globals';
import { runExample } from '../run.testing.js';

test('the loop gets what the kernel had room for, and learns what it lost by a mark and by a gap', () => {
  const lines = runExample('./event-loop/index.ts');
  // One line is one thing that happened: what the kernel gave is seen apart from what the loop was told.
  const told = lines.map((line) => line.trim().replace(/ +/g, ' '));
  const second = told.findIndex((line) => line.includes('room for 6000'));
  expect(told.slice(1, second)).toEqual([
    'device faults once',
    'kernel read() = 1 event, no mark',
    'reader got event 0',
    'device faults 7 times',
    'kernel read() = 3 events, and a mark',
    'reader got events 1 to 3',
    'reader lost 4, numbers 4 to 7',
    expect.stringContaining('reader was told to stop'),
    'device faults once',
    'kernel read() = 1 event, no mark',
    'reader got event 8',
  ]);
  expect(told.slice(second + 1)).toEqual([
    'device faults 6005 times',
    'kernel read() = 5461 events, no mark',
    'reader got event 0',
    'device faults once',
    'reader got events 1 to 5460',
    'kernel read() = 540 events, no mark',
    'reader got events 5461 to 5999',
    'reader lost 5, numbers 6000 to 6004',
    'reader got event 6005',
    'reader has ended, because the queue was closed',
    'left over in the kernel: nothing',
  ]);
});
