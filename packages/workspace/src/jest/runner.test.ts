/** Runs Jest with the runner on test files in a temporary folder: failures of every kind must be reported. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const RUNNER = fileURLToPath(new URL('runner.mjs', import.meta.url));
const IMPORT = "import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';\n";
const PASSES = "test('passes', () => {});\n";

/** One process runs the files in this order, except those that request their own process. */
const FILES = {
  'a-after-all': `${PASSES} afterAll(() => { throw new Error('in afterAll'); });`,
  'b-empty-describe': `${PASSES} describe('empty', () => { beforeAll(() => {}); });`,
  'c-late-test': `${PASSES} test('adds one', () => { setImmediate(() => test('late', () => {})); });
    afterAll(() => new Promise((resolve) => setTimeout(resolve, 0)));`,
  'd-throws': `Promise.reject(new Error('rejected while it loads')); throw new Error('does not load');`,
  'e-after-d': PASSES,
  'f-leaves-an-error': `${PASSES} globalThis.later = new Promise((resolve) => {
      setTimeout(() => { setImmediate(resolve); throw new Error('later'); }, 0);
    });`,
  'g-after-f': "test('waits until it has come', () => globalThis.later);",
  'h-skips': "test.skip('is skipped', () => {});",
  'i-own': "test('is alone', () => { expect(globalThis.later).toBeUndefined(); });",
  'j-ends-its-process': "test('ends', () => { process.exit(0); });",
  'k-after-j': PASSES,
  'l-last': `${PASSES} afterAll(() => { setImmediate(() => setImmediate(() => { throw new Error('after all'); })); });`,
  'm-wrong-process': PASSES,
};
const HEADS: Readonly<Record<string, string>> = {
  'i-own': '/**\n * Alone.\n * @process own\n */\n',
  'm-wrong-process': '/** @process alone */\n',
};

interface Report {
  readonly numPendingTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
  }[];
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'iommufd-runner-'));
  mkdirSync(join(folder, 'tmp'));
  for (const [name, text] of Object.entries(FILES))
    writeFileSync(join(folder, `${name}.test.mjs`), `${HEADS[name] ?? ''}${IMPORT}${text}`);
  // The order is that of their names.
  writeFileSync(
    join(folder, 'sequencer.cjs'),
    'module.exports = class { shard(t) { return t; } allFailedTests(t) { return t; } cacheResults() {}\n' +
      'sort(t) { return [...t].sort((a, b) => (a.path < b.path ? -1 : 1)); } };',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly status: number | null;
  readonly stderr: string;
  /** Undefined if Jest failed before it wrote a report. */
  readonly report: Report | undefined;
}

function jest(...args: string[]): Run {
  const config = {
    rootDir: folder,
    testMatch: ['**/*.test.mjs'],
    moduleFileExtensions: ['mjs', 'js'],
    runner: RUNNER,
    testSequencer: join(folder, 'sequencer.cjs'),
    cacheDirectory: join(folder, 'cache'),
  };
  const file = join(folder, 'report.json');
  rmSync(file, { force: true });
  const options = [
    `--config=${JSON.stringify(config)}`,
    '--watchman=false',
    '--json',
    `--outputFile=${file}`,
  ];
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/jest/bin/jest.js'), ...options, ...args],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, TMPDIR: join(folder, 'tmp') } },
  );
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : undefined;
  return { status, stderr, report };
}

describe('a run', () => {
  let report: Report | undefined;
  beforeAll(() => {
    const run = jest('-i');
    if (run.report === undefined) throw new Error(run.stderr);
    ({ report } = run);
  });
  /** The results that are reported for a file; there may be several. */
  const of = (name: string): { status: string; message: string } => {
    const found = (report?.testResults ?? []).filter((each) => each.name.endsWith(`${name}.test.mjs`));
    return {
      status: found.some(({ status }) => status === 'failed') ? 'failed' : (found[0]?.status ?? 'none'),
      message: found.map(({ message }) => message).join('\n'),
    };
  };

  test.each([
    ['a-after-all', 'in afterAll'],
    ['b-empty-describe', 'beforeAll() may not be used in a describe block containing no tests'],
    ['c-late-test', 'Cannot add a test after tests have started running'],
    ['d-throws', 'does not load'],
    ['d-throws', 'rejected while it loads'],
    ['f-leaves-an-error', 'later'],
    ['j-ends-its-process', 'exitCode=0'],
    ['l-last', 'after all'],
    ['m-wrong-process', "'@process alone' is not '@process own'"],
  ])('%s fails: %s', (name, message) => {
    expect(of(name)).toEqual({ status: 'failed', message: expect.stringContaining(message) });
  });

  test.each(['e-after-d', 'g-after-f', 'i-own', 'k-after-j'])('%s passes', (name) => {
    expect(of(name)).toEqual({ status: 'passed', message: '' });
  });

  test('a file whose tests are all skipped is reported as skipped', () => {
    expect(report?.numPendingTestSuites).toBe(1);
  });
});

test('the option for coverage is refused', () => {
  const { status, stderr } = jest('--coverage', 'e-after-d');
  expect([status, stderr]).toEqual([1, expect.stringContaining('--coverage: test files run in plain Node')]);
});
