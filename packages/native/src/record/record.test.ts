/** Recorded tapes replay without the program, and note what they do not contain. */

import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { FakeKernel, MockDevice, type Module, mockModule } from '@iommufd/fakekernel';
import type { Task, UserMemory } from '@iommufd/fakekernel/task';
import {
  boot,
  type MachineOptions,
  makeHardware,
  readTapes,
  replay,
  type Step,
  type Tape,
} from '@iommufd/tape';
import { TestProgram } from '../programs/program.testing.js';
import {
  CHILDREN,
  EVENTFDS,
  EVENTFDS_RESULT,
  KEPT_PAGES,
  KERNEL_PAGE,
  LOST_PAGES,
  OTHER_PROGRAM,
  POINTERS,
} from '../programs/recorded.testing.js';
import type { RunOptions } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'iommufd-record-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => TestProgram.killAll());

let files = 0;
const newFile = (): string => join(folder, `${files++}.jsonl`);

interface Recorded {
  readonly tape: Tape;
  readonly result: unknown;
  readonly notices: readonly string[];
}

interface Recording extends RunOptions {
  readonly modules?: readonly Module[];
  readonly version?: string;
  /** Default: a kernel with a mock device. */
  readonly machine?: MachineOptions;
  /** The actions of the test while the program runs. */
  readonly during?: (program: TestProgram, device: MockDevice) => Promise<void>;
}

/** Runs a program, and records it. */
async function recorded(
  body: string,
  { modules = [mockModule], version, machine, during, ...options }: Recording = {},
): Promise<Recorded> {
  const kernel = new FakeKernel(modules, version === undefined ? {} : { version });
  const device = new MockDevice();
  if (machine === undefined) kernel.plug(device);
  else makeHardware(kernel, machine);
  const file = newFile();
  const notices: string[] = [];
  const program = await TestProgram.start(kernel, body, {
    record: { file, machine: machine ?? { mock: true, devices: ['mock'] } },
    onNotice: (what) => notices.push(what),
    ...options,
  });
  await during?.(program, device);
  const result = await program.result();
  await program.run.allExited;
  expect(kernel.leftOver()).toEqual([]);
  const [tape] = readTapes(file);
  if (tape === undefined) throw new Error('there is no tape');
  return { tape, result, notices };
}

/** Checks that a tape is complete, and that its replay is identical. */
function expectIdentical({ tape, notices }: Recorded): void {
  const calls = tape.steps.filter((step) => 'ret' in step).length;
  expect({ notices, difference: replay(tape, boot).difference, calls: tape.calls }).toEqual({
    notices: [],
    difference: undefined,
    calls,
  });
}

const steps = ({ steps: all }: Tape, op: Step['op']): Step[] => all.filter((step) => step.op === op);

describe.each([
  ['with files from 512 on', false],
  ['with exact fds', true],
])('a recorded program, %s,', (_name, exactFds) => {
  test('replays with pointers in unions, duplicated files, shared memory and queues', async () => {
    const run = await recorded(POINTERS, { exactFds });
    expect(run.result).toEqual([
      ...[12, 20, 0, 0, 0, 0, 0, 0, 0, 0],
      ...['MEMORY 0', 'MEMORY 1', 'MEMORY 2', 0, 'written', 'written', 0, -2, 0],
    ]);
    expectIdentical(run);
    expect(steps(run.tape, 'memfd')).toHaveLength(2);
  });

  test('replays with its children, and files that they inherit, are sent, and keep', async () => {
    const run = await recorded(CHILDREN, {
      exactFds,
      during: async (program) => {
        // The two may arrive in any order.
        const met = [await program.next(), await program.next()];
        expect(met).toEqual(expect.arrayContaining([{ meet: 'child' }, { meet: 'closed' }]));
        program.goOn();
        program.goOn();
      },
    });
    expect(run.result).toEqual({ statuses: [0, 0, 5], early: 3, late: 4, gone: -9 });
    expectIdentical(run);
    expect(steps(run.tape, 'exit')).toHaveLength(4);
  });

  test('replays with eventfds that it closes and replaces, and one that is signalled when it is set', async () => {
    const run = await recorded(EVENTFDS, { exactFds, modules: [], machine: { devices: ['edu@00:05.0'] } });
    expect(run.result).toEqual(EVENTFDS_RESULT);
    expectIdentical(run);
    expect(steps(run.tape, 'eventfd')).toContainEqual(expect.objectContaining({ init: 3, flags: 1 }));
  });

  test('replays with pages that it unmaps, replaces, drops and protects while they are mapped for devices', async () => {
    const run = await recorded(LOST_PAGES, { exactFds });
    expect(run.result).toEqual([-22, -22, -22, 0, 0, -14, -14, 'before']);
    expectIdentical(run);
  });
});

test('replays with pages that stay mapped for devices after a call that fails or shrinks the mapping', async () => {
  expectIdentical(await recorded(KEPT_PAGES));
});

test('replays with a page of the kernel that the program maps', async () => {
  const run = await recorded(KERNEL_PAGE);
  expect(run.result).toEqual([-1, 0x1234, -16, -14, 0, 0]);
  expectIdentical(run);
});

test('replays with the same privileges, limits and version of Linux', async () => {
  const run = await recorded(
    `const limit = Buffer.alloc(128);
     limit.writeBigUInt64LE(65536n, 0);
     limit.writeBigUInt64LE(65536n, 8);
     c.setrlimit(8, limit);
     limit.writeBigUInt64LE(520n, 0);
     limit.writeBigUInt64LE(520n, 8);
     c.setrlimit(7, limit);
     const fd = iommu();
     const ioas = ioasAlloc(fd);
     mockDomain(fd, ioas);
     const place = memory(1 << 20);
     const mapped = [ioasMap(fd, ioas, place, 65536, 1 << 24), ioasMap(fd, ioas, place, 4096, 2 << 24)];
     const all = [];
     for (let queue = faultQueue(fd); queue.result === 0; queue = faultQueue(fd)) all.push(queue.fd);
     report({ mapped, last: [all.at(-1), faultQueue(fd).result] });`,
    { uid: 65534, gid: 65534, version: '7.2' },
  );
  expect(run.result).toEqual({ mapped: [0, -12], last: [519, -24] });
  expectIdentical(run);
  expect(run.tape).toMatchObject({
    kernel: '7.2',
    machine: { mock: true, devices: ['mock'] },
    privileges: { uid: 65534, memlock: 65536, ipcLock: false },
  });
});

test('replays with privileges and limits that change while it runs', async () => {
  const run = await recorded(
    `const fd = iommu();
     const ioas = ioasAlloc(fd);
     mockDomain(fd, ioas);
     const limit = (pages) => {
       const limits = Buffer.alloc(128);
       limits.writeBigUInt64LE(BigInt(pages * 4096), 0);
       limits.writeBigUInt64LE(65536n, 8);
       return c.setrlimit(8, limits);
     };
     const place = memory(1 << 20);
     const map = (pages, index) => ioasMap(fd, ioas, place, pages * 4096, (1 << 24) + index * 65536);
     limit(2);
     const results = [map(3, 0)];
     limit(4);
     results.push(map(3, 1), map(3, 2));
     limit(6);
     results.push(map(3, 3));
     report(results);`,
    { uid: 65534, gid: 65534 },
  );
  expect(run.result).toEqual([-12, 0, -12, 0]);
  expectIdentical(run);
  const limits = run.tape.steps.flatMap((step) => (step.op === 'process' ? [step.memlock] : []));
  expect(limits).toEqual([8192, 16384, 24576]);
});

test('replays with an exec of another program', async () => {
  const run = await recorded(OTHER_PROGRAM);
  expect(run.result).toEqual([0, 0, 2]);
  expectIdentical(run);
});

test('replays with a program that was started by vfork()', async () => {
  const run = await recorded(
    `const source = \`import * as p from './src/programs/prelude.testing.mjs';
       const place = p.memory(8192);
       p.at(place, 4).write('mine');
       const fd = p.iommu();
       const ioas = p.ioasAlloc(fd);
       p.mockDomain(fd, ioas);
       p.ioasMap(fd, ioas, place, 8192, 1 << 24);
       const access = p.testCmd(fd, 5, ioas, 0n).bytes.readUInt32LE(16);
       const buffer = Buffer.alloc(4096);
       p.testCmd(fd, 8, access, 1 << 24, 4, p.addressOf(buffer), 0);
       process.exit(buffer.toString('latin1', 0, 4) === 'mine' ? 5 : 6);\`;
     report(statusOf(spawn(process.execPath, ['--input-type=module', '-e', source])));`,
  );
  expect(run.result).toBe(5);
  expectIdentical(run);
});

/** The mock driver with a replaced command. @param work gets the first 64 bits of the operation */
const changed = (work: (memory: UserMemory, value: bigint) => void): Module => ({
  commands: (mockModule.commands ?? []).map((command) => ({
    ...command,
    frames: [],
    makeFrame: () => {
      const { bytes } = command.makeFrame();
      const run = ({ process }: { readonly process: Task }): number => {
        work(process.memorySpace, new DataView(bytes.buffer).getBigUint64(16, true));
        return 0;
      };
      return { bytes, run };
    },
  })),
});

test('notes memory that no declaration names', async () => {
  const { tape, notices } = await recorded(
    `const fd = iommu();
     const hidden = memory(4096);
     at(hidden, 4).writeUInt32LE(0x12345678);
     report(testCmd(fd, 1, 0, BigInt(hidden)).result);`,
    { modules: [changed((memory, address) => void memory.readU32(address))] },
  );
  const note = 'IOMMU_TEST_CMD reads memory that no declaration names';
  expect(notices).toEqual([`${note}: it is in the tape as the fake kernel read it`]);
  expect(steps(tape, 'note')).toMatchObject([{ text: note }]);
  expect(steps(tape, 'poke')).toContainEqual(expect.objectContaining({ hex: '78563412' }));
});

test('notes memory that was unmapped during the call', async () => {
  let file = '';
  const { tape, notices } = await recorded(
    `const fd = iommu();
     const memfd = c.memfd('guest', 0);
     c.ftruncate(memfd, 4096);
     const place = c.mmap(0, 4096, PROT, MAP_SHARED, memfd, 0);
     struct(72, 1).copy(at(place, 8));
     report({ file: '/proc/' + process.pid + '/fd/' + memfd });
     meet('ready');
     report(c.ioctlAt(fd, 0x3ba0, place));`,
    {
      modules: [changed(() => truncateSync(file))],
      during: async (program) => {
        ({ file } = (await program.next()) as { readonly file: string });
        await program.meet('ready');
        program.goOn();
      },
    },
  );
  expect(notices).toEqual(['not in the tape: memory of IOMMU_TEST_CMD that was gone when it returned']);
  expect(steps(tape, 'note')).toHaveLength(1);
});

test('a tape that cannot be written does not stop the program, and is reported at its end', async () => {
  const kernel = new FakeKernel([mockModule]);
  const record = { file: '/dev/full', machine: { mock: true } };
  const body = `const fd = iommu();
    report([ioasAlloc(fd), ioasAlloc(fd)]);`;
  const program = await TestProgram.start(kernel, body, { exactFds: true, record });
  expect(await program.next()).toEqual([1, 2]);
  expect(await program.run.exited).toEqual({ code: 0, signal: null });
  await expect(program.run.allExited).rejects.toThrow('--record /dev/full: ENOSPC');
  expect(kernel.leftOver()).toEqual([]);
});
