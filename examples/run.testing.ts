import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';

/** Runs an example with its output piped. Fails if it writes to standard error. @returns the lines of standard output */
export function runExample(path: string): string[] {
  const program = fileURLToPath(new URL(path, import.meta.url));
  const node = ['--conditions=iommufd-source', '--import', 'tsx', program];
  // Jest's workers and some CIs force colours; this tests the output to a plain pipe.
  const { CI: _ci, FORCE_COLOR: _force, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, node, { encoding: 'utf8', env });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  // No escape sequences.
  expect(stdout).not.toMatch(/[\x1b\r]/);
  return stdout.trimEnd().split('\n');
}
