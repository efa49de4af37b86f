/**
 * The same program on every kernel: the scenarios on the fake kernel in this process, under `iommufd run`, and with `IOMMUFD_REAL=1` on
 * the `/dev/iommu` of this machine, which needs CONFIG_IOMMUFD_TEST and root. The expected values are the same.
 */

import { execFile } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { FakeKernel, mockModule } from '@iommufd/fakekernel';
import { bundled } from '@iommufd/testkit/program';
import { runProgram } from '../index.js';
import { runScenarios, SCENARIOS, type ScenarioName } from './scenarios.testing.js';

/** What the scenarios saw, by name. */
type Seen = Readonly<Record<string, unknown>>;

const PROGRAM = new URL('./scenarios-program.testing.ts', import.meta.url);

async function inThisProcess(): Promise<Seen> {
  const kernel = new FakeKernel([mockModule]);
  const processes = SCENARIOS.map(() => kernel.spawn());
  const left = [...processes];
  const seen = await runScenarios(() => left.shift() ?? kernel.spawn());
  for (const process of processes) process.exit();
  expect(kernel.leftOver()).toEqual([]);
  return seen;
}

async function underTheBridge(): Promise<Seen> {
  const kernel = new FakeKernel([mockModule]);
  const program = await bundled(PROGRAM);
  const run = await runProgram(kernel, process.execPath, [program], {
    // Those of root, which a container may lack.
    privileges: { sysResource: true, ipcLock: true },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out = '', err] = await Promise.all([run.stdout, run.stderr].map((each) => (each ? text(each) : '')));
  expect([err, await run.exited]).toEqual(['', { code: 0, signal: null }]);
  expect(kernel.leftOver()).toEqual([]);
  return JSON.parse(out) as Seen;
}

async function onThisMachine(): Promise<Seen> {
  const { stdout } = await promisify(execFile)(process.execPath, [await bundled(PROGRAM)]);
  return JSON.parse(stdout) as Seen;
}

const event = (sequence: number): object => ({ kind: 'event', sequence, event: { virt_id: 0x99 } });
const fault = (address: number, read: boolean): object => ({
  ...{ address: String(address), read, write: !read, execute: !read, privileged: !read, length: 0 },
});

const EXPECTED: Readonly<Record<ScenarioName, unknown>> = {
  'maps memory in an IOAS': {
    ids: [1, 2],
    mapped: ['16777216', '16384'],
    overlapping: 'EEXIST',
    unaligned: 'EEXIST',
    part: 'ENOENT',
    file: '8192',
    copied: '33554432',
    unmapped: '16384',
    missing: 'ENOENT',
    rest: ['8192', '8192'],
  },
  'limits the IOVAs of an IOAS': {
    before: { alignment: '1', ranges: [['0', '18446744073709551615']] },
    isAllowed: true,
    after: { alignment: '2048', ranges: [['16777216', '2147483647']] },
  },
  'sets options': { before: ['user', true], after: ['user', false], late: 'EBUSY' },
  'attaches a device to page tables': {
    // 2 is the mock object of the device.
    ids: [1, 3, 4, 5, 5],
    same: 0,
    other: -22,
    used: ['EBUSY', 'EBUSY'],
    home: 4,
    closed: 'ok',
  },
  'attaches PASIDs': {
    beforehand: 'EINVAL',
    without: 'EINVAL',
    together: 'ok',
    plain: 'EINVAL',
    pasids: [100],
    used: 'EBUSY',
    closed: 'ok',
  },
  'tracks dirty pages': {
    early: 'ok',
    made: 0,
    kept: [
      [0, 8192],
      [16384, 4096],
    ],
    cleared: [
      [0, 8192],
      [16384, 4096],
    ],
    empty: [],
    refused: 'EOPNOTSUPP',
  },
  'reports the hardware': {
    type: 'selftest',
    data: { flags: 0, test_reg: 0xdead_beef },
    pasidBits: 0,
    dirtyTracking: true,
    pasidExecute: false,
    pasidPrivileged: false,
    ats: false,
    other: 'EOPNOTSUPP',
  },
  'allocates virtual IOMMUs, their devices and pages': {
    refused: 'EINVAL',
    ids: [6, 7, 8, 9],
    twice: 'EEXIST',
    none: true,
    length: 8192,
    data: '0df0feca',
    shared: [1, 2, 3],
    used: 'EBUSY',
  },
  'invalidates caches, up to the entry that fails': {
    failed: { code: 'EINVAL', handled: 2, failedIndex: 2, total: 4 },
    all: 'ok',
    unknown: { code: 'EINVAL', handled: 2, failedIndex: 2, total: 4 },
    flagged: { code: 'EOPNOTSUPP', handled: 0, failedIndex: 0, total: 1 },
    tlb: [[0, 1, 2, 3], [1, 3], []],
    cache: [0, 2],
  },
  'reads events, and reports those that were lost': {
    twice: 'EEXIST',
    silent: [0, false],
    sent: [0, 0, 0, 0, 0],
    first: [true, [event(0), event(1), { kind: 'lost', sequence: 4, lost: 3 }]],
    second: [true, [event(5)]],
    aborted: false,
    third: 3,
  },
  'reads page requests, and answers them': {
    early: 0,
    sent: [0, 0],
    isReady: true,
    shown: [
      { isDevice: true, index: 3, cookie: 1, faults: [fault(0x5000, true)] },
      { isDevice: true, index: 4, cookie: 2, faults: [fault(0x6000, false)] },
    ],
    again: 'EALREADY',
    late: 'EINVAL',
    used: 'EBUSY',
  },
  'allocates hardware queues in order': {
    unmapped: 'ENOENT',
    early: 'EIO',
    twice: 'EEXIST',
    beyond: 'EINVAL',
    pinned: 'EBUSY',
    order: 'EBUSY',
    unpinned: 'ok',
  },
  'closes everything with its Iommufd': { closed: true, late: 'EBADF', ioas: 'EBADF' },
};

const KERNELS = [
  { kernel: 'the fake kernel', run: inThisProcess },
  { kernel: 'the fake kernel, as a native program', run: underTheBridge },
  ...(process.env['IOMMUFD_REAL'] === '1' ? [{ kernel: "this machine's kernel", run: onThisMachine }] : []),
];

describe('the SDK', () => {
  test.each(KERNELS)('sees the same on $kernel', async ({ run }) => {
    expect(await run()).toEqual(EXPECTED);
  });
});
