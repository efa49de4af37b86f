/**
 * Runs the SDK's own tests again with real system calls, as a native program that the fake kernel answers. `npm test` leaves out the
 * repetitions with interrupted calls; `SDK_SUITE=all` runs them too.
 */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { FakeKernel, mockModule } from '@iommufd/fakekernel';
import { runProgram } from '../index.js';
import { CAP_SYS_RESOURCE } from '../linux/constants.js';
import { fileUserOf } from '../linux/proc.js';
import { serveKernel } from './served-kernel.testing.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Files that are left out. `vsmmu` is one: the tests access the objects of its SMMUv3 directly. */
const LEFT_OUT = [
  // Errors of callers that are found before a system call is made.
  '/calls/arguments/',
  // Their hardware is also an SMMUv3.
  '/calls/causes/attach',
  '/calls/causes/alloc',
  // They create kernels that fail, or kernels of older versions.
  '/objects/failures.test',
  '/objects/features.test',
  // They measure the memory of this process, including the kernel.
  '/queues/million-events',
  '/queues/allocation.test',
  // It counts steps in a process that runs nothing else, and maps more memory than the machine has.
  '/objects/large-guest.test',
  // It starts programs with their own kernels.
  '/queues/waiting.test',
];

/** True if this process, and so the program, has the capability: root outside of a container. */
const hasSysResource =
  ((fileUserOf(process.pid)?.capabilities ?? 0n) & (1n << BigInt(CAP_SYS_RESOURCE))) !== 0n;

/** Tests that do not pass as a native program, and why. */
const NOT_NATIVE: Readonly<Record<string, string>> = {
  ...(hasSysResource && {
    'setting rlimitMode needs CAP_SYS_RESOURCE':
      'the program has the capability, and its privileges are fixed',
  }),
  'open() takes another path': 'it creates a node by a function in the kernel',
  'without a free file descriptor nothing is opened, and allocations are undone':
    "files of the fake kernel have numbers from 512 on: those below are free for the machine's own files",
  'locked memory is charged to the user or to the process':
    'it sets privileges, and those of the program are fixed',
  'createSelftestDevice() fails with ENOTTY without the mock driver':
    'the program has one kernel, which has it',
  'memory and queues of another process are refused': 'the program is one process',
  'a memfd has a file descriptor, and another program can map it': 'the program is one process',
  'a device is moved without a gap: it is never detached in between': 'it observes the hardware directly',
  '`using` closes objects in an order that the kernel accepts': 'it accesses the kernel directly',
  'a queue whose close failed does not close its fd again': 'it accesses the kernel directly',
  'file descriptor 0 is valid': "number 0 is Node's",
  'bytes() returns memory of many gigabytes in parts': 'LinuxSyscalls returns up to 4 GiB in one part',
  'huge pages are contiguous': 'the machine has reserved none',
  'its memory must be mapped, readable and contiguous': 'the machine has reserved no huge pages',
  'a bitmap of 128 GiB of guest memory is read where it is dirty': 'the machine does not have enough memory',
};

/** The program's report on a test file. */
interface FileReport {
  readonly file: string;
  /** The error of loading it, or an error outside tests. */
  readonly error?: string;
  readonly tests: readonly {
    readonly title: string;
    readonly status: string;
    readonly failureMessages: readonly string[];
  }[];
}

const REGISTER = '../../../workspace/src/jest/register.mjs';

/** The test files that are run. */
const FILES = ['objects', 'queues', 'calls'].flatMap((room) => {
  const folder = join(ROOT, 'packages/sdk/src', room);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => file.endsWith('.test.ts') && !LEFT_OUT.some((part) => file.includes(part)));
});

/** Runs them as one native program. @returns its report @throws Error with its standard error, if it reports nothing */
async function runSuite(folder: string): Promise<readonly FileReport[]> {
  const kernel = new FakeKernel([mockModule]);
  const served = serveKernel(kernel);
  const report = join(folder, 'report.json');
  const names = process.env['SDK_SUITE'] === 'all' ? '' : '^(?!with EINTR)';
  const run = await runProgram(
    kernel,
    '/bin/sh',
    [
      // A test opens as many files as the program may have, which is a million on some machines.
      ...['-c', 'ulimit -n 2048 && exec "$0" "$@"', process.execPath],
      ...['--conditions=iommufd-source', '--import', new URL(REGISTER, import.meta.url).href],
      ...[fileURLToPath(new URL('suite-program.testing.mjs', import.meta.url)), report, names, ...FILES],
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
  return JSON.parse(readFileSync(report, 'utf8')) as FileReport[];
}

test('the tests of the SDK pass with LinuxSyscalls', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'iommufd-sdk-'));
  try {
    const report = await runSuite(folder);
    const complaints = report.flatMap(({ file, error, tests }) => [
      ...(error === undefined ? [] : [`${file}: ${error}`]),
      ...tests
        .filter(({ status, title }) => status === 'failed' && NOT_NATIVE[title] === undefined)
        .map(({ title, failureMessages }) => `${file}: ${title}: ${failureMessages[0] ?? ''}`),
    ]);
    expect(complaints).toEqual([]);
    const titles = new Set(report.flatMap(({ tests }) => tests.map(({ title }) => title)));
    expect(Object.keys(NOT_NATIVE).filter((title) => !titles.has(title))).toEqual([]);
    expect(report.map(({ file }) => file)).toEqual(FILES);
    const passed = report.flatMap(({ tests }) => tests.filter(({ status }) => status === 'passed'));
    expect(passed.length).toBeGreaterThan(300);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
