import { expect, test } from '@jest/globals';
import { runExample } from '../run.testing.js';

test('the memory is copied completely, in rounds that become smaller', async () => {
  const output = (await runExample('./live-migration/index.ts')).join('\n');
  const rounds = [...output.matchAll(/^(?:round .\d|the rest) +(\d+) pages$/gm)].map(([, pages]) =>
    Number(pages),
  );
  expect(rounds.length).toBeGreaterThan(4);
  expect(rounds[0]).toBe(16384);
  for (const [i, pages] of rounds.entries()) if (i > 0) expect(pages).toBeLessThan(rounds[i - 1] ?? 0);
  // The device was writing until the end, so some pages remained, but not many.
  const rest = rounds.at(-1) ?? 0;
  expect(rest).toBeGreaterThan(0);
  expect(rest).toBeLessThanOrEqual(256);
  expect(output).toContain(`the guest was stopped while ${rest} of 16384 pages were copied`);

  const [source, destination] = ['source', 'destination'].map(
    (which) => new RegExp(`^${which} +sha256 ([0-9a-f]{64})$`, 'm').exec(output)?.[1],
  );
  expect(source).toBeDefined();
  expect(destination).toBe(source);
  expect(output).toContain('both memories are equal');
  expect(output).toContain('left over in the kernels: nothing');
});
