/**
 * Runs test files in plain Node: Jest's `runner`. A process takes one file after another, and a module is loaded once for all of
 * them. Jest's own runner gives each file a context of its own (`node:vm`), loads every module of the toolkit anew in it, and compiles
 * it anew: most of the time of most test files. The price: what a test changes of its process, it changes back. A file that cannot,
 * or that needs a process which has loaded nothing, says `@process own` in the comment at its head.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extract, parse } from 'jest-docblock';
import { Worker } from 'jest-worker';

/** @param {string} name */
const here = (name) => new URL(name, import.meta.url);

/** As Node is started for test files. `worker.mjs` says what it exports. */
const EXEC_ARGV = [
  '--conditions=iommufd-source',
  '--enable-source-maps',
  '--import',
  here('register.mjs').href,
  // Who debugs Jest's process debugs a test file: it waits for the debugger.
  ...(process.execArgv.some((each) => each.startsWith('--inspect')) ? ['--inspect-brk=9230'] : []),
];

/** @typedef {import('@jest/test-result').Test} Test */
/** @typedef {import('@jest/test-result').TestResult} TestResult */
/** @typedef {import('@jest/test-result').SerializableError} SerializableError */
/** @typedef {import('@jest/types').Config.GlobalConfig} GlobalConfig */
/** @typedef {import('./worker.mjs').Late} Late */
/** @typedef {'own' | 'shared'} Kind whether a process runs one test file, or many */

/**
 * @typedef Reporter whom Jest has told the runner to tell
 * @property {(test: Test, result: TestResult) => Promise<void>} onResult
 * @property {(test: Test, error: SerializableError) => Promise<void>} onFailure
 */

/** @param {Test} test @returns {string | string[]} the kind that it asks for: no other than `Kind` is right */
function processOf({ path }) {
  return parse(extract(readFileSync(path, 'utf8')))['process'] ?? 'shared';
}

/** A process that runs test files, one after another. */
class TestProcess {
  #worker;
  #globalConfig;
  #reporter;
  /** @type {Map<string, Test>} */
  #tests = new Map();
  isAlive = true;

  /**
   * @param {Kind} kind
   * @param {string} folder where it leaves files: they are there until all tests have run
   * @param {GlobalConfig} globalConfig
   * @param {Reporter} reporter
   */
  constructor(kind, folder, globalConfig, reporter) {
    this.#globalConfig = globalConfig;
    this.#reporter = reporter;
    this.#worker = /** @type {Worker & typeof import('./worker.mjs')} */ (
      new Worker(fileURLToPath(here('worker.mjs')), {
        exposedMethods: ['run', 'rest'],
        numWorkers: 1,
        // A file that ends its process is not run again.
        maxRetries: 0,
        forkOptions: {
          stdio: 'inherit',
          execArgv: EXEC_ARGV,
          env: { ...process.env, IOMMUFD_TEST_PROCESS: kind, IOMMUFD_TEST_FOLDER: folder },
        },
      })
    );
  }

  /** @param {Test} test */
  async run(test) {
    this.#tests.set(test.path, test);
    let answer;
    try {
      answer = await this.#worker.run(test.path, test.context.config, this.#globalConfig);
    } catch (error) {
      // What the file throws is in the result: its process has ended.
      this.isAlive = false;
      await this.#reporter.onFailure(test, /** @type {SerializableError} */ (error));
      return;
    }
    const { result, late } = answer;
    // Jest says of a file without tests that it must have one.
    if (result.testResults.length === 0 && result.testExecError !== undefined)
      await this.#reporter.onFailure(test, result.testExecError);
    else await this.#reporter.onResult(test, result);
    await this.#report(late);
  }

  /** @param {readonly Late[]} errors */
  async #report(errors) {
    for (const { path, error } of errors) {
      const test = this.#tests.get(path);
      if (test !== undefined) await this.#reporter.onFailure(test, error);
    }
  }

  /** Ends it, and reports what its files have thrown since they were done. */
  async end() {
    try {
      if (this.isAlive) await this.#report(await this.#worker.rest());
    } finally {
      await this.#worker.end();
    }
  }
}

export default class PlainRunner {
  #globalConfig;

  /**
   * @param {GlobalConfig} globalConfig
   * @throws Error for an option that needs Jest's own runner
   */
  constructor(globalConfig) {
    if (globalConfig.collectCoverage)
      throw new Error(
        "--coverage: test files run in plain Node, which Jest does not instrument; NODE_V8_COVERAGE=FOLDER writes V8's own",
      );
    this.#globalConfig = globalConfig;
  }

  /**
   * Runs the files, as many at once as Jest says.
   * @param {Test[]} tests
   * @param {{ isInterrupted(): boolean }} watcher
   * @param {(test: Test) => Promise<void>} onStart
   * @param {Reporter['onResult']} onResult
   * @param {Reporter['onFailure']} onFailure
   */
  async runTests(tests, watcher, onStart, onResult, onFailure) {
    const folder = mkdtempSync(join(tmpdir(), 'iommufd-jest-'));
    /** @param {Kind} kind */
    const start = (kind) => new TestProcess(kind, folder, this.#globalConfig, { onResult, onFailure });
    const waiting = tests.values();
    const takeOver = async () => {
      /** @type {TestProcess | undefined} */
      let shared;
      try {
        for (const test of waiting) {
          if (watcher.isInterrupted()) return;
          await onStart(test);
          const kind = processOf(test);
          if (kind === 'own') {
            const own = start('own');
            await own.run(test).finally(() => own.end());
            continue;
          }
          if (kind !== 'shared') {
            await onFailure(test, { message: `'@process ${String(kind)}' is not '@process own'`, stack: '' });
            continue;
          }
          shared ??= start('shared');
          await shared.run(test);
          if (shared.isAlive) continue;
          await shared.end();
          shared = undefined;
        }
      } finally {
        await shared?.end();
      }
    };
    const atOnce = Math.max(1, Math.min(this.#globalConfig.maxWorkers, tests.length));
    try {
      await Promise.all(Array.from({ length: atOnce }, takeOver));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
