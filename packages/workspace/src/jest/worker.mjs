/** Runs a test file in this process, with Jest's own loop (jest-circus), and says of it what Jest wants to know. */
import { pathToFileURL } from 'node:url';
import { createEmptyTestResult } from '@jest/test-result';
import { addEventHandler, getState, resetState, run as runTests } from 'jest-circus';
import { formatExecError, formatResultsErrors } from 'jest-message-util';
import { expect, jest } from './globals.mjs';

/** @typedef {Pick<import('@jest/types').Config.GlobalConfig, 'expand' | 'noStackTrace' | 'testNamePattern' | 'testTimeout'>} GlobalConfig */
/** @typedef {Pick<import('@jest/types').Config.ProjectConfig, 'rootDir' | 'testMatch' | 'testTimeout'>} ProjectConfig */
/** @typedef {import('@jest/test-result').AssertionResult} AssertionResult */

// What `expect` keeps of a test: a wrong number of assertions, and errors that the code under test has caught.
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

/**
 * What a file throws, or rejects, where no test waits for it.
 * @type {Error[]}
 */
const unexpected = [];
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => unexpected.push(error));

/** @param {{ readonly name: string, readonly parent?: any }} block @returns {string} */
const nameOf = ({ name, parent }) => (parent?.parent === undefined ? name : `${nameOf(parent)} ${name}`);

/** @param {import('@jest/types').Circus.TestResult} result @returns {AssertionResult} */
function assertionResult({ errors, errorsDetailed, status, testPath, retryReasons, ...rest }) {
  // The first name is that of the block around all.
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

/**
 * @param {string} path of the test file
 * @param {ProjectConfig} config
 * @param {GlobalConfig} globalConfig
 * @returns {Promise<import('@jest/test-result').TestResult>}
 * @throws what loading the file throws
 */
export async function run(path, config, globalConfig) {
  resetState();
  const state = getState();
  state.testTimeout = globalConfig.testTimeout ?? config.testTimeout;
  state.testNamePattern = globalConfig.testNamePattern ? new RegExp(globalConfig.testNamePattern, 'i') : null;
  expect.setState({ testPath: path, expand: globalConfig.expand });
  const start = Date.now();
  await import(pathToFileURL(path).href);
  const { testResults } = await runTests();
  jest.restoreAllMocks();
  // Node tells of a rejection that is not handled when no promise has anything left to do.
  await new Promise((resolve) => setImmediate(resolve));
  const errors = unexpected.splice(0).map((error) => formatExecError(error, config, globalConfig, path));
  const end = Date.now();
  const results = testResults.map(assertionResult);
  /** @param {AssertionResult['status']} status */
  const count = (status) => results.filter((each) => each.status === status).length;
  const empty = createEmptyTestResult();
  return {
    ...empty,
    failureMessage: [formatResultsErrors(results, config, globalConfig, path), ...errors].join('\n') || null,
    numFailingTests: count('failed'),
    numPassingTests: count('passed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    perfStats: { ...empty.perfStats, start, end, runtime: end - start },
    // A file with such an error has failed, even if each of its tests has passed.
    ...(errors.length === 0 ? {} : { testExecError: { message: errors.join('\n'), stack: '' } }),
    testFilePath: path,
    testResults: results,
  };
}
