/** Runs Jest, and returns the numbers of tests that passed and failed. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { ROOT } from './setup.mjs';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** The fields of Jest's report that are used. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Tests that skip themselves, or are excluded by `-t`. */
  readonly numPendingTests: number;
  /** Test files that could not be loaded. Their tests are not counted as failed. */
  readonly numRuntimeErrorTestSuites: number;
  readonly success: boolean;
}

/** Runs Jest, with its output on standard error. @param report the path of the file that Jest writes its report to */
export async function runJest(args: readonly string[], report: string): Promise<Counts> {
  const node = ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`];
  const status = await new Promise((resolve, reject) => {
    const jest = spawn(process.execPath, [...node, ...args], { cwd: ROOT, stdio: ['inherit', 2, 2] });
    jest.on('error', reject);
    jest.on('close', resolve);
  });
  // Without a report, Jest failed before it ran a test.
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const counts = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
  // A file may skip all its tests, if there is no browser. But a test name that matches no test is a mistake.
  const isByName = args.some((each) => /^(-t|--testNamePattern\b)/.test(each));
  const isNothing = counts.numPassedTests === 0 && (isByName || counts.numPendingTests === 0);
  return { passed: counts.numPassedTests, failed: failed === 0 && (status !== 0 || isNothing) ? 1 : failed };
}
