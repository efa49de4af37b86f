/** `iommufd trace` on programs that run on the fake kernel: their calls, threads and processes. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import { TestProgram } from '../programs/program.testing.js';
import { boot, replay, tapeOfTrace } from '@iommufd/tape';
import { IOMMUFD, RunningCommand } from './command.testing.js';

const folder = mkdtempSync(join(tmpdir(), 'iommufd-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => TestProgram.killAll());

let files = 0;

/** The same for a replay. */
const MACHINE = { mock: true, devices: ['mock'] };

function machine(): FakeKernel {
  const kernel = new FakeKernel([mockModule]);
  kernel.plug(new MockDevice());
  return kernel;
}

/** Removes times, process numbers and addresses from lines. */
function plain(text: string): string[] {
  const pids = new Map<string, string>();
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# Linux '))
    .map((line) =>
      line
        .replace(/^\d+\.\d{6} \[(\d+)(\/\d+)?\]/, (_, pid: string, tid?: string) => {
          if (!pids.has(pid)) pids.set(pid, `P${pids.size + 1}`);
          return `${pids.get(pid)}${tid === undefined ? '' : '/T'}`;
        })
        .replace(/ <\d+\.\d{6}>$/, '')
        .replace(/0x[0-9a-f]{6,}/g, 'ADDRESS'),
    );
}

interface Traced {
  readonly result: unknown;
  readonly lines: readonly string[];
  /** The unchanged output. */
  readonly text: string;
}

/** Runs a program under the tracer. */
async function traced(body: string, ...options: string[]): Promise<Traced> {
  const kernel = machine();
  const file = join(folder, String(files++));
  const through = [...IOMMUFD, 'trace', '-o', file, ...options, '--'];
  const program = await TestProgram.start(kernel, body, { exactFds: true }, through);
  const result = await program.result();
  await program.run.allExited;
  expect(kernel.leftOver()).toEqual([]);
  const text = readFileSync(file, 'utf8');
  return { result, lines: plain(text), text };
}

/** The calls of the lines, without the fields that they return and without the events of processes. */
const calls = (lines: readonly string[]): string[] =>
  lines.filter((line) => !line.startsWith('    ') && !line.endsWith(' +++'));
/** The events of processes. */
const events = (lines: readonly string[]): string[] => lines.filter((line) => line.endsWith(' +++'));

describe('iommufd trace', () => {
  test('prints fields, structs behind pointers, records that are read, and the kinds of objects', async () => {
    const { result, lines, text } = await traced(
      `const fd = iommu();
       const { file, idev, queue } = eventQueue(fd, 2);
       const buffer = Buffer.alloc(4096);
       for (let i = 0; i < 4; i++) triggerEvent(fd, idev);
       const seen = [c.read(file, buffer, 12), vectored(c.readv, file, buffer, [12, 12])];
       const copy = c.dup(fd);
       c.close(fd);
       report([...seen, destroy(copy, 77)]);`,
    );
    expect(result).toEqual([12, 20, -2]);
    const fd = /= (\d+)$/.exec(lines[0] ?? '')?.[1] ?? '';
    expect(lines[0]).toBe(`P1 open("/dev/iommu", O_RDWR|O_CLOEXEC) = ${fd}`);
    expect(lines).toEqual(
      expect.arrayContaining([
        '    returns {mock_domain.out_stdev_id=2, mock_domain.out_hwpt_id=4, mock_domain.out_idev_id=3}',
        `P1 ioctl(${fd}, IOMMU_HWPT_ALLOC, {size=48, flags=0, dev_id=3, pt_id=6 (on hwpt 5), data_type=IOMMU_HWPT_DATA_SELFTEST, data_len=8, data_uptr=ADDRESS, fault_id=0}) = 0`,
        '    data_uptr -> {iotlb=0x0, pagetable_type=MOCK_IOMMUPT_DEFAULT}',
        `P1 ioctl(${fd}, IOMMU_TEST_CMD, {size=72, op=IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE, id=2, mock_domain_replace.pt_id=7 (nested on viommu 6), last=0}) = 0`,
        '    header {flags=0, sequence=0} event {virt_id=0x99}',
        '    header {flags=IOMMU_VEVENTQ_FLAG_LOST_EVENTS, sequence=3} without data: the queue was full and lost 2 events, numbers 2 to 3',
        `P1 close(${fd}) = 0`,
      ]),
    );
    expect(lines.at(-1)).toBe('P1 +++ exited with 0 +++');
    expect(calls(lines).at(-1)).toMatch(
      /^P1 ioctl\(\d+, IOMMU_DESTROY, \{size=8, id=77\}\) = -1 ENOENT \(.+\)$/,
    );
    // The printed trace can be replayed.
    const tape = { ...tapeOfTrace(text), kernel: '7.3', machine: MACHINE };
    expect(replay(tape, boot).difference).toBeUndefined();
    expect(tape.lacks).toEqual([
      expect.stringMatching(/^the privileges/),
      expect.stringMatching(/^the contents of memory/),
    ]);
  });

  test('follows threads, children, files in messages, and execs', async () => {
    const { result, lines, text } = await traced(
      `const { Worker } = await import('node:worker_threads');
       const fd = iommu();
       const [here, there] = sockets();
       const threaded = await new Promise((resolve) => {
         const code = "import * as p from '" + new URL('./src/programs/prelude.testing.mjs', 'file://' + process.cwd() + '/') + "'; import { parentPort } from 'node:worker_threads'; parentPort.postMessage(p.ioasAlloc(" + fd + '));';
         new Worker(new URL('data:text/javascript,' + encodeURIComponent(code))).once('message', resolve);
       });
       c.fcntl(fd, 2, 0);
       const statuses = [
         inChild(() => { const own = iommu(); ioasAlloc(own); return sendFd(here, own) === 1 ? 0 : 1; }),
         inChild(() => execute('/bin/true')),
         inChild(() => ioasAlloc(fd)),
       ];
       const received = receiveFd(there);
       report([threaded, ...statuses, ioasAlloc(received), ioasAlloc(fd)]);`,
    );
    expect(result).toEqual([1, 0, 0, 2, 2, 3]);
    const made = calls(lines).map((line) => line.replace(/\d+, IOMMU/, 'FD, IOMMU'));
    const alloc = (who: string): string => `${who} ioctl(FD, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = 0`;
    expect(made.filter((line) => line.includes('IOAS_ALLOC'))).toEqual([
      alloc('P1/T'),
      alloc('P2'),
      alloc('P4'),
      alloc('P1'),
      alloc('P1'),
    ]);
    const files = [...text.matchAll(/open\(.*\) = (\d+)/g)].map(([, fd]) => fd);
    expect(events(lines).map((line) => line.replace(/by \d+/, 'by P1'))).toEqual([
      'P2 +++ forked by P1 +++',
      'P2 +++ exited with 0 +++',
      'P3 +++ forked by P1 +++',
      expect.stringMatching(/^P3 \+\+\+ executes ".*" \+\+\+$/),
      'P3 +++ exited with 0 +++',
      'P4 +++ forked by P1 +++',
      'P4 +++ exited with 2 +++',
      'P1 +++ exited with 0 +++',
    ]);
    expect(files).toHaveLength(2);
  });

  test('passes on signals, stops, continuations, and the end of the program', async () => {
    const kernel = machine();
    const body = `const fd = iommu();
       const got = [];
       process.on('SIGUSR1', () => got.push('SIGUSR1'));
       process.kill(process.pid, 'SIGUSR1');
       await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
       const child = fork();
       if (child === 0) for (;;) poll(-1, 0, 1000);
       const status = Buffer.alloc(128);
       const [WUNTRACED, WCONTINUED] = [2, 8];
       const waited = [];
       c.kill(child, 19);
       c.waitpid(child, status, WUNTRACED);
       waited.push(status.readInt32LE(0));
       c.kill(child, 18);
       c.waitpid(child, status, WCONTINUED);
       waited.push(status.readInt32LE(0));
       c.kill(child, 15);
       report([got, ...waited, statusOf(child), ioasAlloc(fd)]);
       process.kill(process.pid, 'SIGTERM');`;
    const file = join(folder, String(files++));
    const through = [...IOMMUFD, 'trace', '-o', file, '--'];
    const program = await TestProgram.start(kernel, body, { exactFds: true }, through);
    expect(await program.next()).toEqual([['SIGUSR1'], 0x137f, 0xffff, -15, 1]);
    expect(await program.exit()).toEqual({ code: null, signal: 'SIGTERM' });
    const lines = plain(readFileSync(file, 'utf8'));
    expect(calls(lines)).toHaveLength(2);
    expect(events(lines).slice(-2)).toEqual(['P2 +++ killed by SIGTERM +++', 'P1 +++ killed by SIGTERM +++']);
  });

  test('counts calls, errors and times by ioctl', async () => {
    const { lines } = await traced(
      `const fd = iommu();
       for (let i = 0; i < 3; i++) ioasAlloc(fd);
       report(destroy(fd, 77));`,
      '--summary',
      '-e',
      'iommufd',
    );
    const rows = lines.map((line) => line.trim().split(/\s+/).slice(2).join(' '));
    expect(rows[0]).toBe('calls errors call');
    expect(rows.at(-1)).toBe('4 1 total');
    expect(rows).toEqual(expect.arrayContaining(['3 IOMMU_IOAS_ALLOC', '1 1 IOMMU_DESTROY']));
    expect(rows).toHaveLength(4);
  });
});

/** A program that makes calls until a signal requests its report. */
const BUSY = `const fd = iommu();
  const { file, idev } = eventQueue(fd);
  const { Worker } = await import('node:worker_threads');
  new Worker('setInterval(() => undefined, 1)', { eval: true });
  const beat = setInterval(() => triggerEvent(fd, idev), 1);
  let isDone = false;
  process.on('SIGUSR2', () => {
    if (isDone) return;
    isDone = true;
    clearInterval(beat);
    report(ioasAlloc(fd) > 0);
    process.exit(0);
  });
  report({ pid: process.pid });`;

describe('iommufd trace --pid', () => {
  const attached = async (): Promise<{ readonly program: TestProgram; readonly command: RunningCommand }> => {
    const program = await TestProgram.start(machine(), BUSY);
    const { pid } = (await program.next()) as { readonly pid: number };
    const command = new RunningCommand('trace', '--pid', String(pid), '-e', 'IOMMU_TEST_*');
    await command.says(/IOMMU_TEST_OP_TRIGGER_VEVENT, .*\) = 0 <.*>\n/);
    return { program, command };
  };

  test('attaches to a running program, and detaches from it', async () => {
    const { program, command } = await attached();
    command.kill('SIGINT');
    expect(await command.end()).toMatchObject({ status: 0, signal: null, out: '' });
    program.run.kill('SIGUSR2');
    expect(await program.result()).toBe(true);
  });

  test('leaves the program running when it is killed', async () => {
    const { program, command } = await attached();
    command.kill('SIGKILL');
    expect(await command.end()).toMatchObject({ signal: 'SIGKILL' });
    program.run.kill('SIGUSR2');
    expect(await program.result()).toBe(true);
  });

  test('ends with the program', async () => {
    const { program, command } = await attached();
    program.run.kill('SIGUSR2');
    expect(await program.result()).toBe(true);
    expect(await command.end()).toMatchObject({ status: 0, signal: null });
  });
});

test('iommufd trace prints the reason why a process cannot be attached to', async () => {
  const program = await TestProgram.start(machine(), BUSY);
  const { pid } = (await program.next()) as { readonly pid: number };
  const first = new RunningCommand('trace', '--pid', String(pid));
  await first.says(/IOMMU_TEST_CMD/);
  const { status, err } = await new RunningCommand('trace', '--pid', String(pid)).end();
  expect({ status, err }).toEqual({
    status: 125,
    err: `iommufd: process ${pid} cannot be attached to (EPERM): it has another tracer, is of another user, or /proc/sys/kernel/yama/ptrace_scope allows only children\n`,
  });
  first.kill('SIGTERM');
  expect(await first.end()).toMatchObject({ status: 0, signal: null });
});

test.each([
  ['nonesuch', 127, 'nonesuch: not found'],
  ['/etc/passwd', 126, '/etc/passwd: cannot be executed (EACCES)'],
])('iommufd trace %s ends with %i', async (program, status, message) => {
  const end = await new RunningCommand('trace', program).end();
  expect(end).toEqual({ status, signal: null, out: '', err: `iommufd: ${message}\n` });
});

test('a missing program is reported before a tape that cannot be written', async () => {
  const end = await new RunningCommand('record', '-o', '/dev/full', '--', 'nonesuch').end();
  expect(end).toEqual({ status: 127, signal: null, out: '', err: 'iommufd: nonesuch: not found\n' });
});

test.each([
  ['trace', []],
  ['trace', ['--summary']],
  ['record', []],
])(
  'a file that cannot be written to is one line, and lets the program go: %s %j',
  async (command, options) => {
    const kernel = machine();
    const through = [...IOMMUFD, command, '-o', '/dev/full', ...options, '--'];
    const program = await TestProgram.start(
      kernel,
      `const fd = iommu();
     report([ioasAlloc(fd), ioasAlloc(fd)]);`,
      { exactFds: true },
      through,
    );
    expect(await program.next()).toEqual([1, 2]);
    expect(await program.run.exited).toEqual({ code: 125, signal: null });
    await program.run.allExited;
    expect(await program.complaints()).toBe('iommufd: -o /dev/full: ENOSPC\n');
    expect(kernel.leftOver()).toEqual([]);
  },
);
