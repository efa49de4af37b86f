/**
 * Runs test files in plain Node: Jest's `runner`. A process runs one file after another, and loads each module once for all of
 * them. Jest's own runner creates a context (`node:vm`) for each file, and loads and compiles every module of the toolkit in it, which
 * takes most of the time of most test files. The cost: a test must restore what it changes in its process. A file that cannot do so,
 * or that needs a process which has loaded no modules, has `@process own` in the comment at its head.
 *
 * With TEST_CPU=N in the environment, it lists the N files that use most CPU time after a run.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extract, parse } from 'jest-docblock';
import { Worker } from 'jest-worker';
import { mostExpensive } from './cpu.mjs';

/** @param {string} name */
const here = (name) => new URL(name, import.meta.url);

/** Node's options for the processes that run test files. */
const EXEC_ARGV = [
  '--conditions=iommufd-source',
  '--enable-source-maps',
  '--import',
  here('register.mjs').href,
  // If Jest's process is debugged, the process that runs test files waits for a debugger too.
  ...(process.execArgv.some((each) => each.startsWith('--inspect')) ? ['--inspect-brk=9230'] : []),
];

/** The certificates in it are read whenever Node starts, a third of its start, and no test uses the network. */
const { NODE_EXTRA_CA_CERTS: _certificates, ...ENV } = process.env;

/** @typedef {import('@jest/test-result').Test} Test */
/** @typedef {import('@jest/test-result').TestResult} TestResult */
/** @typedef {import('@jest/test-result').SerializableError} SerializableError */
/** @typedef {import('@jest/types').Config.GlobalConfig} GlobalConfig */
/** @typedef {import('./worker.mjs').Late} Late */
/** @typedef {'own' | 'shared'} Kind whether a process runs one test file, or many */

/**
 * @typedef Reporter Jest's callbacks for results
 * @property {(test: Test, result: TestResult) => Promise<void>} onResult
 * @property {(test: Test, error: SerializableError) => Promise<void>} onFailure
 * @property {(test: Test, cpu: import('./cpu.mjs').Cpu) => void} onCpu called with the CPU time of a file
 */

/** @param {Test} test @returns {string | string[]} the kind of process that the file requests; only a `Kind` is valid */
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
   * @param {string} folder the folder for its files, which is removed after all tests
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
          env: { ...ENV, IOMMUFD_TEST_PROCESS: kind, IOMMUFD_TEST_FOLDER: folder },
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
      // Errors of the file are in the result, so this is an error of the process, which has ended.
      this.isAlive = false;
      await this.#reporter.onFailure(test, /** @type {SerializableError} */ (error));
      return;
    }
    const { result, late, cpu } = answer;
    this.#reporter.onCpu(test, cpu);
    // Jest itself reports that a file must have a test.
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

  /** Ends the process, and reports errors that its files have thrown after they had finished. */
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
   * Runs the files, as many in parallel as Jest's options allow.
   * @param {Test[]} tests
   * @param {{ isInterrupted(): boolean }} watcher
   * @param {(test: Test) => Promise<void>} onStart
   * @param {Reporter['onResult']} onResult
   * @param {Reporter['onFailure']} onFailure
   */
  async runTests(tests, watcher, onStart, onResult, onFailure) {
    const folder = mkdtempSync(join(tmpdir(), 'iommufd-jest-'));
    /** @type {Map<string, import('./cpu.mjs').Cpu>} */
    const cpus = new Map();
    /** @type {Reporter['onCpu']} */
    const onCpu = ({ path }, cpu) => cpus.set(relative(this.#globalConfig.rootDir, path), cpu);
    /** @param {Kind} kind */
    const start = (kind) => new TestProcess(kind, folder, this.#globalConfig, { onResult, onFailure, onCpu });
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
    const listed = Number(process.env['TEST_CPU'] ?? 0);
    if (listed > 0) process.stderr.write(mostExpensive(cpus, listed));
  }
}
