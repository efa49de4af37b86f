import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';

/** Runs an example as somebody who pipes its output. @returns the lines, none of which came by standard error */
export function runExample(path: string): string[] {
  const program = fileURLToPath(new URL(path, import.meta.url));
  const node = ['--conditions=iommufd-source', '--import', 'tsx', program];
  // Jest's workers and some CIs ask for colours, and this is about what a plain pipe gets.
  const { CI: _ci, FORCE_COLOR: _force, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, node, { encoding: 'utf8', env });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  // Neither colours nor a moving cursor.
  expect(stdout).not.toMatch(/[\x1b\r]/);
  return stdout.trimEnd().split('\n');
}
