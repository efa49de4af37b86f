/** Runs Jest and counts. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { ROOT } from './setup.mjs';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** What is read of the report that Jest writes. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Skipped by the test itself, or left out by `-t`. */
  readonly numPendingTests: number;
  /** Test files that did not even load: no test of theirs has failed, and they have. */
  readonly numRuntimeErrorTestSuites: number;
  readonly success: boolean;
}

/** Runs Jest, which prints on standard error. @param report where it writes its report */
export async function runJest(args: readonly string[], report: string): Promise<Counts> {
  const node = ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`];
  const status = await new Promise((resolve, reject) => {
    const jest = spawn(process.execPath, [...node, ...args], { cwd: ROOT, stdio: ['inherit', 2, 2] });
    jest.on('error', reject);
    jest.on('close', resolve);
  });
  // Without a report Jest did not get as far as to run a test.
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const counts = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
  // Files may skip all that they have, for want of a browser. A name that no test has is a mistake.
  const isByName = args.some((each) => /^(-t|--testNamePattern\b)/.test(each));
  const isNothing = counts.numPassedTests === 0 && (isByName || counts.numPendingTests === 0);
  return { passed: counts.numPassedTests, failed: failed === 0 && (status !== 0 || isNothing) ? 1 : failed };
}
