/**
 * The SDK's own tests once more, with its system calls on real ones: as a native program that the fake kernel answers. `npm test` leaves
 * out the repetitions with interrupted calls; `SDK_SUITE=all` has them too.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { FakeKernel, mockModule } from '@iommufd/fakekernel';
import { runProgram } from '../index.js';
import { serveKernel } from './served-kernel.testing.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Files that are left out. `vsmmu` is: its hardware is an SMMUv3, whose objects the tests hold in their hands. */
const LEFT_OUT = [
  // What callers get wrong is found before there is a system call.
  '/calls/arguments/',
  // Their hardware is an SMMUv3 as well.
  '/calls/causes/attach',
  '/calls/causes/alloc',
  // They make kernels that fail, or of older versions.
  '/objects/failures.test',
  '/objects/features.test',
  // What they measure is the memory of this process, with a kernel in it.
  '/queues/million-events',
  '/queues/allocation.test',
  // It starts programs, which have a kernel each.
  '/queues/waiting.test',
];

/** Tests that do not pass as a native program, and why. */
const NOT_NATIVE: Readonly<Record<string, string>> = {
  'another path may be its file': 'it makes a node by a function of its own, in the kernel',
  'without a free file descriptor nothing is opened, and allocations are undone':
    'Node has as many as the machine allows',
  'locked memory is counted where there is a limit, for the user or for the process':
    'it has privileges of its own, and the program has one set',
  'a kernel without the mock driver says so': 'the program has one kernel, which has it',
  'memory and queues of another process are refused': 'the program is one process',
  'memory of a file has a file descriptor, and another program sees it': 'the program is one process',
  'a device is moved without a gap: it is never detached in between': 'it listens to the hardware itself',
  'blocks that end close what they hold, in the order that the kernel wants': 'it looks into the kernel',
  'a queue whose close failed does not close its fd again': 'it looks into the kernel',
  'file descriptor 0 is one like others': "number 0 is Node's",
  'memory of many gigabytes is shown piece by piece': 'here it is shown in one piece, up to 4 GiB',
  'huge pages are in one piece': 'the machine has reserved none',
  'its memory must be mapped, to be read, and in one piece': 'the machine has reserved no huge pages',
  'a bitmap of 128 GiB of guest memory is read where it is dirty': 'the machine has not so much memory',
  'guest memory of 64 GiB is mapped, copied and reached without its pages':
    'the machine has not so much memory',
};

/** What is read of the report that Jest writes. */
interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const jestConfig = {
  rootDir: ROOT,
  roots: ['objects', 'queues', 'calls'].map((name) => `<rootDir>/packages/sdk/src/${name}`),
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: LEFT_OUT,
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: { '^.+\\.ts$': '<rootDir>/packages/workspace/src/jest/transform.mjs' },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^ecmascript-globals$': '<rootDir>/packages/workspace/src/jest/globals.mjs',
    '^@iommufd/fakekernel$': '<rootDir>/packages/native/src/sdk-suite/remote-kernel.testing.ts',
  },
  modulePathIgnorePatterns: ['/dist/', '/\\.types/'],
  testEnvironmentOptions: { customExportConditions: ['iommufd-source', 'node', 'node-addons'] },
};

/** Runs Jest as a native program. @returns its report @throws Error with what it complained of, if there is none */
async function runJest(folder: string): Promise<Report> {
  const kernel = new FakeKernel([mockModule]);
  const served = serveKernel(kernel);
  const [config, report] = [join(folder, 'config.json'), join(folder, 'report.json')];
  writeFileSync(config, JSON.stringify(jestConfig));
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  const some = process.env['SDK_SUITE'] === 'all' ? [] : ['--testNamePattern=^(?!with EINTR)'];
  const run = await runProgram(
    kernel,
    process.execPath,
    [
      ...['--experimental-vm-modules', '--no-warnings', jest],
      ...['--runInBand', '--config', config, '--json', `--outputFile=${report}`, ...some],
    ],
    {
      cwd: ROOT,
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
      inherited: new Map([[3, served.fd]]),
    },
  );
  const said = run.stderr === null ? '' : await text(run.stderr);
  await run.exited;
  served.close();
  if (!existsSync(report)) throw new Error(said);
  return JSON.parse(readFileSync(report, 'utf8')) as Report;
}

test('the tests of the SDK pass with LinuxSyscalls', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-sdk-'));
  try {
    const report = await runJest(folder);
    const complaints = report.testResults.flatMap(({ name, message, assertionResults }) => {
      // A file that did not load has no test that failed.
      if (assertionResults.length === 0) return [`${name}: ${message}`];
      return assertionResults
        .filter(({ status, title }) => status === 'failed' && NOT_NATIVE[title] === undefined)
        .map(({ title, failureMessages }) => `${name}: ${title}: ${failureMessages[0] ?? ''}`);
    });
    expect(complaints).toEqual([]);
    expect(report.numPassedTests).toBeGreaterThan(300);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
