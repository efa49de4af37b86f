import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pnpm, run, say, setUp } from './setup.mjs';
import { checkUserProject } from './user-project.mjs';

/** Everything that must be right besides the tests, by name. */
const CHECKS = {
  format: () => pnpm(['-s', 'format:check']),
  types: () => pnpm(['-s', 'typecheck']),
  build: () => pnpm(['-s', 'build']),
  packages: () => pnpm(['-s', 'check:packages']),
  "user's project": checkUserProject,
  docs: () => pnpm(['-s', 'run', 'docs']),
};

setUp();
const folder = mkdtempSync(join(tmpdir(), 'iommufd-test-'));
const counted = join(folder, 'count.json');
const failedChecks = [];
let counts;
try {
  for (const [name, check] of Object.entries(CHECKS)) {
    const start = Date.now();
    say(`checking ${name} ...`);
    const ok = check() === 0;
    say(`${name}: ${ok ? 'fine' : 'FAILED'} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    if (!ok) failedChecks.push(name);
  }
  say('running the tests ...');
  const env = { ...process.env, JEST_COUNT: counted };
  const jest = [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
  ];
  const status = run(process.execPath, [...jest, ...process.argv.slice(2)], { env });
  // Without a count the runner did not get as far as to report.
  counts = existsSync(counted) ? JSON.parse(readFileSync(counted, 'utf8')) : { passed: 0, failed: 0 };
  if (status !== 0 && counts.failed === 0) failedChecks.push('jest');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

if (failedChecks.length > 0) say(`failed: ${failedChecks.join(', ')}`);
process.exitCode = counts.failed + failedChecks.length === 0 ? 0 : 1;
// A check that failed counts as one test that failed.
process.stdout.write(`${counts.passed} passed, ${counts.failed + failedChecks.length} failed\n`);
