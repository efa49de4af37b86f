/** Runs a test file in this process, with Jest's own loop (jest-circus), and returns the result in Jest's format. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { createEmptyTestResult } from '@jest/test-result';
import { addEventHandler, getState, resetState, run as runTests } from 'jest-circus';
import { formatExecError, formatResultsErrors } from 'jest-message-util';
import { cpuSince } from './cpu.mjs';
import { expect, jest } from './globals.mjs';

/** @typedef {Pick<import('@jest/types').Config.GlobalConfig, 'expand' | 'noStackTrace' | 'randomize' | 'seed' | 'testNamePattern' | 'testTimeout'>} GlobalConfig */
/** @typedef {Pick<import('@jest/types').Config.ProjectConfig, 'rootDir' | 'testMatch' | 'testTimeout'>} ProjectConfig */
/** @typedef {import('@jest/test-result').AssertionResult} AssertionResult */
/** @typedef {import('@jest/test-result').TestResult} TestResult */
/** @typedef {import('@jest/test-result').SerializableError} SerializableError */

/**
 * @typedef Late an error that a file has thrown after it had finished
 * @property {string} path of the file
 * @property {SerializableError} error
 */

// Adds errors that `expect` stores during a test: a wrong number of assertions, and failures that the code under test has caught.
addEventHandler((event) => {
  if (event.name === 'test_start')
    expect.setState({ currentTestName: nameOf(event.test), assertionCalls: 0, suppressedErrors: [] });
  if (event.name === 'test_done') {
    const { suppressedErrors = [] } = expect.getState();
    const wrongCounts = expect.extractExpectedAssertionsErrors().map(({ error }) => error);
    event.test.errors.push(...wrongCounts, ...suppressedErrors);
    event.test.numPassingAsserts = expect.getState().numPassingAsserts;
  }
});

/** The test file to which the running code belongs, including timers and promises of a file that has finished. */
const fileOf = new AsyncLocalStorage();
/** The file that was started last. */
let lastFile = '';

/**
 * Uncaught exceptions and unhandled rejections of test files.
 * @type {{ readonly path: string, readonly error: unknown }[]}
 */
let unexpected = [];
/** @param {unknown} error */
const keep = (error) => unexpected.push({ path: fileOf.getStore() ?? lastFile, error });
const EVENTS = ['uncaughtException', 'unhandledRejection'];
for (const event of EVENTS) process.on(event, keep);

/** Node reports an unhandled rejection after all microtasks, so one turn of the event loop is enough. */
const rejectionsAreKnown = () => new Promise((resolve) => setImmediate(resolve));

/** @returns the errors so far, which are removed from the list */
function taken() {
  const all = unexpected;
  unexpected = [];
  return all;
}

/** @param {unknown} error @returns {SerializableError} the error in a form that can be sent to another process */
const serializable = (error) =>
  error instanceof Error
    ? { message: error.message, stack: error.stack }
    : { message: inspect(error), stack: '' };

/** @param {{ readonly name: string, readonly parent?: any }} block @returns {string} */
const nameOf = ({ name, parent }) => (parent?.parent === undefined ? name : `${nameOf(parent)} ${name}`);

/** @param {import('@jest/types').Circus.TestResult} result @returns {AssertionResult} */
function assertionResult({ errors, errorsDetailed, status, testPath, retryReasons, ...rest }) {
  // The first name is that of the root block.
  const names = testPath.slice(1).map(String);
  return {
    ...rest,
    ancestorTitles: names.slice(0, -1),
    title: names.at(-1) ?? '',
    fullName: names.join(' '),
    failureMessages: [...errors],
    failureDetails: errorsDetailed,
    retryReasons: [...retryReasons],
    status:
      status === 'skip' ? 'pending' : status === 'todo' ? 'todo' : errors.length > 0 ? 'failed' : 'passed',
  };
}

/** @param {readonly SerializableError[]} errors @returns {SerializableError} */
const joined = (errors) => ({
  message: errors.map(({ message }) => message).join('\n'),
  stack: errors.map(({ message, stack }) => stack || message).join('\n'),
});

/** @param {typeof unexpected} thrown @returns {Late[]} */
const late = (thrown) => thrown.map(({ path, error }) => ({ path, error: serializable(error) }));

/**
 * Loads the file and runs its tests.
 * @param {string} path
 * @returns {Promise<{ results: AssertionResult[], errors: unknown[] }>} errors: those of the file, not of a test of it
 */
async function testsOf(path) {
  try {
    await import(pathToFileURL(path).href);
    const { testResults, unhandledErrorsDetailed } = await runTests();
    return { results: testResults.map(assertionResult), errors: unhandledErrorsDetailed };
  } catch (error) {
    return { results: [], errors: [error] };
  } finally {
    jest.restoreAllMocks();
    await rejectionsAreKnown();
  }
}

/**
 * @param {string} path of the test file
 * @param {ProjectConfig} config
 * @param {GlobalConfig} globalConfig
 * @returns {Promise<{ result: TestResult, late: Late[], cpu: import('./cpu.mjs').Cpu }>} the result, including errors of the file;
 *   late errors of earlier files; and the CPU time since the last file, which includes loading modules
 */
export async function run(path, config, globalConfig) {
  lastFile = path;
  resetState();
  const state = getState();
  state.testTimeout = globalConfig.testTimeout ?? config.testTimeout;
  state.testNamePattern = globalConfig.testNamePattern ? new RegExp(globalConfig.testNamePattern, 'i') : null;
  state.randomize = globalConfig.randomize ?? false;
  state.seed = globalConfig.seed;
  expect.setState({ testPath: path, expand: globalConfig.expand });
  const start = Date.now();
  const { results, errors: thrown } = await fileOf.run(path, testsOf, path);
  const all = taken();
  const own = all.filter((each) => each.path === path);
  const errors = [...thrown, ...own.map(({ error }) => error)].map(serializable);
  const end = Date.now();
  /** @param {AssertionResult['status']} status */
  const count = (status) => results.filter((each) => each.status === status).length;
  const empty = createEmptyTestResult();
  const messages = [
    formatResultsErrors(results, config, globalConfig, path),
    ...errors.map((error) => formatExecError(error, config, globalConfig, path)),
  ];
  /** @type {TestResult} */
  const result = {
    ...empty,
    failureMessage: messages.join('\n') || null,
    numFailingTests: count('failed'),
    numPassingTests: count('passed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    perfStats: { ...empty.perfStats, start, end, runtime: end - start },
    // A file with such an error has failed, even if each of its tests has passed.
    ...(errors.length === 0 ? {} : { testExecError: joined(errors) }),
    skipped: results.length > 0 && count('pending') === results.length,
    testFilePath: path,
    testResults: results,
  };
  return { result, late: late(all.filter((each) => each.path !== path)), cpu: cpuSince() };
}

/**
 * Called once, after the last file.
 * @returns {Promise<Late[]>}
 */
export async function rest() {
  await rejectionsAreKnown();
  // From now on an error ends the process, and is printed.
  for (const event of EVENTS) process.off(event, keep);
  return late(taken());
}
