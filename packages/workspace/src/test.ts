/**
 * `npm test` runs every check and every test; `npm test -- ARGUMENTS...` passes the arguments to Jest and runs no check. The
 * last line is `N passed, N failed`, in which a failed check counts as a failed test.
 */
import './tier-up.mjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from './checks.js';
import { runJest } from './run-jest.js';
import { say } from './setup.mjs';

const args = process.argv.slice(2);
/** Jest leaves a core idle if nothing else is said. The checks are done before the tests are, so that no core is idle to the end. */
const everything = [`--maxWorkers=${availableParallelism()}`];
const folder = mkdtempSync(join(tmpdir(), 'iommufd-test-'));
try {
  const [counts, failedChecks] = await Promise.all([
    runJest(args.length > 0 ? args : everything, join(folder, 'report.json')),
    args.length > 0 ? [] : runChecks(folder),
  ]);
  const failed = counts.failed + failedChecks.length;
  if (failedChecks.length > 0) say(`failed: ${failedChecks.join(', ')}`);
  process.stdout.write(`${counts.passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
