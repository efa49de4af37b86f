import { expect, test } from '@jest/globals';
import { runExample } from '../run.testing.js';

test('the device continues at the destination, with its memory, after rounds that become smaller', async () => {
  const lines = await runExample('./device-migration/index.ts');
  const rounds = lines.flatMap((line) => {
    const found = /^round \d: (\d+) pages; .* (\d+) initial bytes, (\d+) changed bytes$/.exec(line);
    return found === null ? [] : [found.slice(1).map(Number)];
  });
  expect(rounds).toHaveLength(4);
  expect(rounds.map(([, initial]) => initial)).toEqual([532, 0, 0, 0]);
  for (const [i, [pages = 0]] of rounds.entries())
    if (i > 1) expect(pages).toBeLessThan(rounds[i - 1]?.[0] ?? 0);
  expect(lines.slice(4)).toEqual([
    expect.stringMatching(/^stopped: \d+ pages and \d+ bytes of state copied, 0 ticks counted$/),
    'the counter is 1475 at the source, 1475 at the destination; the memory is equal',
    'the counter continues to 1485',
    'left over in the kernels: nothing',
  ]);
});
