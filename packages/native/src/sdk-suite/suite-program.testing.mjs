/**
 * Runs test files in this process, with the kernel of another one where they import `@iommufd/fakekernel`:
 * `suite-program.testing.mjs REPORT NAMES FILE...` runs the tests whose names match the regular expression NAMES.
 */
import { writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { rest, run } from '../../../workspace/src/jest/worker.mjs';

register('./suite-hooks.testing.mjs', import.meta.url);

const [report = '', testNamePattern = '', ...files] = process.argv.slice(2);
const config = { rootDir: process.cwd(), testMatch: [], testTimeout: 600_000 };
const globalConfig = { expand: false, noStackTrace: false, testNamePattern };

const reports = [];
const add = (file, tests, error) =>
  reports.push({ file, tests, ...(error === undefined ? {} : { error: error.message }) });
const addLate = (late) => late.forEach(({ path, error }) => add(path, [], error));
for (const file of files) {
  try {
    const { result, late } = await run(file, config, globalConfig);
    const tests = result.testResults.map(({ title, status, failureMessages }) => ({
      title,
      status,
      failureMessages,
    }));
    add(file, tests, result.testExecError);
    addLate(late);
  } catch (error) {
    add(file, [], { message: String(error) });
  }
}
addLate(await rest());
writeFileSync(report, JSON.stringify(reports));
