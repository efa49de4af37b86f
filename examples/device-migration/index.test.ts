import { expect, test } from '@jest/globals';
import { runExample } from '../run.testing.js';

test('the device goes on elsewhere, with its memory, after rounds that become smaller', () => {
  const lines = runExample('./device-migration/index.ts');
  const rounds = lines.flatMap((line) => {
    const found = /^round \d: (\d+) pages; .* (\d+) bytes, and (\d+) have changed$/.exec(line);
    return found === null ? [] : [found.slice(1).map(Number)];
  });
  expect(rounds).toHaveLength(4);
  expect(rounds.map(([, initial]) => initial)).toEqual([532, 0, 0, 0]);
  for (const [i, [pages = 0]] of rounds.entries())
    if (i > 1) expect(pages).toBeLessThan(rounds[i - 1]?.[0] ?? 0);
  expect(lines.slice(4)).toEqual([
    expect.stringMatching(/^stopped: \d+ pages and \d+ bytes of state followed, 0 ticks were done$/),
    'the counter was 1475, and is 1475; the memory is the same',
    'it goes on to 1485',
    'the kernels hold nothing any more',
  ]);
});
