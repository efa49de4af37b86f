import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

/** What is compiled runs by itself: Jest has code run where it is several times slower, and by how much depends on the code. */
const MAIN = fileURLToPath(new URL('../dist/smoke-main.js', import.meta.url));

test('nothing is many times as slow as code written by hand, or as in a small case', () => {
  if (!existsSync(MAIN))
    throw new Error('packages/bench is not built: run `pnpm build` first, or `pnpm bench:smoke`');
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  // The table says which ratio it was.
  expect({ status, stderr, table: status === 0 ? '' : stdout }).toEqual({ status: 0, stderr: '', table: '' });
}, 60_000);
