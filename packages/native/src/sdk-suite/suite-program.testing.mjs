/**
 * Runs test files in this process, with the kernel of another one where they import `@iommufd/fakekernel`:
 * `suite-program.testing.mjs REPORT NAMES FILE...` runs the tests whose names match the regular expression NAMES.
 */
import { writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { run } from '../../../workspace/src/jest/worker.mjs';

register('./suite-hooks.testing.mjs', import.meta.url);

const [report = '', testNamePattern = '', ...files] = process.argv.slice(2);
const config = { rootDir: process.cwd(), testMatch: [], testTimeout: 600_000 };
const globalConfig = { expand: false, noStackTrace: false, testNamePattern };

const reports = [];
for (const file of files) {
  try {
    const { testExecError: error, testResults } = await run(file, config, globalConfig);
    const tests = testResults.map(({ title, status, failureMessages }) => ({
      title,
      status,
      failureMessages,
    }));
    reports.push({ file, tests, ...(error === undefined ? {} : { error: error.message }) });
  } catch (error) {
    reports.push({ file, tests: [], error: String(error) });
  }
}
writeFileSync(report, JSON.stringify(reports));
