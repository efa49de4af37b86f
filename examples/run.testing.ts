import { spawnSync } from 'node:child_process';
import { bundled } from '@iommufd/testkit/program';
import { expect } from '@jest/globals';

/**
 * Runs an example with its output piped. Fails if it writes to standard error.
 * @param path of its source, relative to this file
 * @returns the lines of standard output
 */
export async function runExample(path: string): Promise<string[]> {
  const program = await bundled(new URL(path, import.meta.url));
  // Jest's workers and some CIs force colours; this tests the output to a plain pipe.
  const { CI: _ci, FORCE_COLOR: _force, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], { encoding: 'utf8', env });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  // No escape sequences.
  expect(stdout).not.toMatch(/[\x1b\r]/);
  return stdout.trimEnd().split('\n');
}
