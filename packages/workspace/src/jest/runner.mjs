/**
 * Runs test files in plain Node: Jest's `runner`. A process takes one file after another, and a module is loaded once for all of
 * them. Jest's own runner gives each file a context of its own (`node:vm`), loads every module of the toolkit anew in it, and compiles
 * it anew: most of the time of most test files. The price: what a test changes of its process, it changes back.
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'jest-worker';

/** @param {string} name */
const here = (name) => new URL(name, import.meta.url);

/** As Node is started for test files. `worker.mjs` says what it exports. */
const EXEC_ARGV = [
  '--conditions=iommufd-source',
  '--enable-source-maps',
  '--import',
  here('register.mjs').href,
];

/** @typedef {import('@jest/test-result').Test} Test */
/** @typedef {import('@jest/test-result').TestResult} TestResult */
/** @typedef {import('@jest/test-result').SerializableError} SerializableError */

export default class PlainRunner {
  #globalConfig;

  /** @param {import('@jest/types').Config.GlobalConfig} globalConfig */
  constructor(globalConfig) {
    this.#globalConfig = globalConfig;
  }

  /**
   * Runs the files, as many at once as Jest says.
   * @param {Test[]} tests
   * @param {{ isInterrupted(): boolean }} watcher
   * @param {(test: Test) => Promise<void>} onStart
   * @param {(test: Test, result: TestResult) => Promise<void>} onResult
   * @param {(test: Test, error: SerializableError) => Promise<void>} onFailure
   */
  async runTests(tests, watcher, onStart, onResult, onFailure) {
    const numWorkers = Math.max(1, Math.min(this.#globalConfig.maxWorkers, tests.length));
    const pool = /** @type {Worker & typeof import('./worker.mjs')} */ (
      new Worker(fileURLToPath(here('worker.mjs')), {
        exposedMethods: ['run'],
        numWorkers,
        // A file that ends its process is not run again.
        maxRetries: 0,
        forkOptions: { stdio: 'inherit', execArgv: EXEC_ARGV },
      })
    );
    const waiting = tests.values();
    const takeOver = async () => {
      for (const test of waiting) {
        if (watcher.isInterrupted()) return;
        await onStart(test);
        try {
          await onResult(test, await pool.run(test.path, test.context.config, this.#globalConfig));
        } catch (error) {
          await onFailure(test, /** @type {SerializableError} */ (error));
        }
      }
    };
    try {
      await Promise.all(Array.from({ length: numWorkers }, takeOver));
    } finally {
      await pool.end();
    }
  }
}
