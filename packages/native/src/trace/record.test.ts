/** `iommufd record` on programs that run on the fake kernel: its tape and the tape of `iommufd run --record` agree call by call. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { FakeKernel, mockModule } from '@iommufd/fakekernel';
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
  changes,
  CHILDREN,
  EVENTFDS,
  EVENTFDS_RESULT,
  HOLES,
  KEPT_PAGES,
  KERNEL_PAGE,
  LOST_PAGES,
  OTHER_PROGRAM,
  POINTERS,
} from '../programs/recorded.testing.js';
import { IOMMUFD, RunningCommand } from './command.testing.js';

const folder = mkdtempSync(join(tmpdir(), 'iommufd-trace-record-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => TestProgram.killAll());

let files = 0;
const newFile = (): string => join(folder, `${files++}.jsonl`);

interface Both {
  readonly result: unknown;
  /** The tape of `iommufd record`, which does not know that a fake kernel answers. */
  readonly tape: Tape;
  /** The tape of the bridge's recorder. */
  readonly bridge: Tape;
  /** What the command printed. */
  readonly err: string;
  /** The notices of the bridge. */
  readonly notices: readonly string[];
}

/** Reads a tape, and sets its version of Linux to the fake kernel's. */
function tapeOf(file: string, kernel: FakeKernel): Tape {
  const [tape] = readTapes(file);
  if (tape === undefined) throw new Error('there is no tape');
  return { ...tape, kernel: kernel.version.name };
}

/** Runs a program under both recorders. @param during the actions of the test while the program runs */
async function recorded(
  body: string,
  options: readonly string[] = [],
  during?: (program: TestProgram) => Promise<void>,
  machine: MachineOptions = { mock: true, devices: ['mock'] },
): Promise<Both> {
  const kernel = new FakeKernel(machine.mock === true ? [mockModule] : []);
  makeHardware(kernel, machine);
  const [file, bridge] = [newFile(), newFile()];
  const through = [...IOMMUFD, 'record', '-o', file, ...options, '--'];
  const record = { file: bridge, machine };
  const notices: string[] = [];
  const onNotice = (what: string): unknown => notices.push(what);
  const program = await TestProgram.start(kernel, body, { exactFds: true, record, onNotice }, through);
  await during?.(program);
  const result = await program.result();
  await program.run.allExited;
  const err = await program.complaints();
  // The tape of a real kernel has no machine.
  const tape = { ...tapeOf(file, kernel), machine };
  return { result, tape, bridge: tapeOf(bridge, kernel), err, notices };
}

/** The steps of the program's own calls, and the memory after them. */
function callsOf({ steps }: Tape): Step[] {
  const kinds: ReadonlySet<Step['op']> = new Set<Step['op']>([
    'open',
    'ioctl',
    'read',
    'write',
    'pread',
    'pwrite',
    'peek',
  ]);
  return steps
    .filter((step) => kinds.has(step.op) && step.pid !== 0)
    .map((step) => Object.fromEntries(Object.entries(step).filter(([name]) => name !== 'took')) as Step);
}

function expectSame({ tape, bridge, err, notices }: Both): void {
  expect(err).toBe('');
  expect(notices).toEqual([]);
  expect(replay(tape, boot).difference).toBeUndefined();
  expect(replay(bridge, boot).difference).toBeUndefined();
  expect(callsOf(tape)).toEqual(callsOf(bridge));
}

describe('iommufd record, and the recorder of the bridge,', () => {
  test('agree on pointers, duplicated files, shared memory and queues', async () => {
    const both = await recorded(POINTERS);
    expect(both.result).toEqual([
      ...[12, 20, 0, 0, 0, 0, 0, 0, 0, 0],
      ...['MEMORY 0', 'MEMORY 1', 'MEMORY 2', 0, 'written', 'written', 0, -2, 0],
    ]);
    expectSame(both);
  });

  test('agree on children, and files that they inherit, are sent, and keep', async () => {
    const both = await recorded(CHILDREN, [], async (program) => {
      expect(await Promise.all([program.next(), program.next()])).toHaveLength(2);
      program.goOn();
      program.goOn();
    });
    expect(both.result).toEqual({ statuses: [0, 0, 5], early: 3, late: 4, gone: -9 });
    expectSame(both);
  });

  test('agree on shared memory of a process other than the first', async () => {
    const both = await recorded(
      `const source = \`import * as p from './src/programs/prelude.testing.mjs';
         const memfd = p.c.memfd('guest', 0);
         p.c.ftruncate(memfd, 8192);
         const place = p.c.mmap(0, 8192, p.PROT, p.MAP_SHARED, memfd, 0);
         p.at(place, 4).write('mine');
         const fd = p.iommu();
         const ioas = p.ioasAlloc(fd);
         p.mockDomain(fd, ioas);
         const mapped = p.ioasMap(fd, ioas, place, 8192, 1 << 24);
         process.exit(mapped === 0 ? 5 : 6);\`;
       report([ioasAlloc(iommu()), statusOf(spawn(process.execPath, ['--input-type=module', '-e', source]))]);`,
    );
    expect(both.result).toEqual([1, 5]);
    expectSame(both);
  });

  test('agree on eventfds that interrupts are sent to', async () => {
    const both = await recorded(
      `const device = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
       bind(device, iommu());
       const eventfd = c.eventfd(0, 0);
       // DATA_EVENTFD and ACTION_TRIGGER of MSI; a file that is not an eventfd; DATA_NONE, which triggers it.
       const set = (fd) => call(device, 110, 24, 0x24, 1, 0, 1, fd).result;
       report([set(eventfd), set(device), set(-1), set(eventfd), call(device, 110, 20, 0x21, 1, 0, 1).result]);`,
      [],
      undefined,
      { devices: ['edu@00:05.0'] },
    );
    expect(both.result).toEqual([0, -22, 0, 0, 0]);
    expectSame(both);
  });

  test('agree on eventfds that are closed and replaced, and one that is signalled when it is set', async () => {
    const both = await recorded(EVENTFDS, [], undefined, { devices: ['edu@00:05.0'] });
    expect(both.result).toEqual(EVENTFDS_RESULT);
    expectSame(both);
  });

  test('record a new eventfd that has the number and the id of a closed one', async () => {
    // Index 9 does not exist, so the kernel does not keep the eventfds.
    const both = await recorded(
      `const device = c.open('/dev/vfio/devices/vfio0', O_RDWR, 0);
       bind(device, iommu());
       const set = (fd) => call(device, 110, 24, 0x24, 9, 0, 1, fd).result;
       const first = c.eventfd(0, 0);
       const results = [set(first)];
       c.close(first);
       const second = c.eventfd(3, 1);
       results.push(second - first, set(second));
       report(results);`,
      [],
      undefined,
      { devices: ['edu@00:05.0'] },
    );
    expect(both.result).toEqual([-22, 0, -22]);
    expectSame(both);
    expect(both.tape.steps.filter(({ op }) => op === 'eventfd')).toMatchObject([
      { init: 0, flags: 0 },
      { init: 3, flags: 1 },
    ]);
  });

  test('agree on a memfd whose size changes between calls that name it', async () => {
    const both = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       mockDomain(fd, ioas);
       const memfd = c.memfd('guest', 0);
       const results = [0, 8192, 0, 4096].map((size, i) => {
         c.ftruncate(memfd, size);
         return ioasMapFile(fd, ioas, memfd, 0, 4096, (i + 1) << 24);
       });
       // Mode 0 extends the file, FALLOC_FL_KEEP_SIZE does not, and a write behind the end does.
       c.fallocate(memfd, 1, 0, 1 << 20);
       results.push(ioasMapFile(fd, ioas, memfd, 4096, 4096, 16 << 24));
       c.fallocate(memfd, 0, 4096, 4096);
       results.push(ioasMapFile(fd, ioas, memfd, 4096, 4096, 17 << 24));
       c.pwrite(memfd, Buffer.alloc(4096), 4096, 4 * 4096);
       results.push(ioasMapFile(fd, ioas, memfd, 4 * 4096, 4096, 18 << 24));
       report(results);`,
    );
    expect(both.result).toEqual([-22, 0, -22, 0, -22, 0, 0]);
    expectSame(both);
  });

  test('agree on mappings of a memfd that shrinks and grows: beyond its end nothing can be mapped for devices', async () => {
    const both = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       mockDomain(fd, ioas);
       const memfd = c.memfd('guest', 0);
       const map = (length) => c.mmap(0, length, PROT, MAP_SHARED, memfd, 0);
       c.ftruncate(memfd, 4096);
       const first = map(4096);
       let iova = 1 << 24;
       const use = (place, pages) => [...Array(pages).keys()].map((i) => ioasMap(fd, ioas, place + i * 4096, 4096, iova += 4096));
       const results = [use(first, 1)];
       c.ftruncate(memfd, 3 * 4096);
       const place = map(3 * 4096);
       at(place, 3 * 4096).fill(7);
       results.push(use(place, 3));
       c.ftruncate(memfd, 2 * 4096);
       results.push(use(place, 3), use(first, 1));
       c.close(memfd);
       report(results);`,
    );
    expect(both.result).toEqual([[0], [0, 0, 0], [0, 0, -14], [0]]);
    expectSame(both);
  });

  test('agree on private copies that the end of a memfd removes', async () => {
    const both = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { hwpt } = mockDomain(fd, ioas);
       const memfd = c.memfd('guest', 0);
       c.ftruncate(memfd, 4 * 4096);
       const place = c.mmap(0, 3 * 4096, PROT, MAP_PRIVATE, memfd, 4096);
       at(place, 3 * 4096).fill('a');
       const results = [ioasMap(fd, ioas, place, 3 * 4096, 1 << 24)];
       // A hole removes no copies, an end does.
       c.fallocate(memfd, 3, 0, 4 * 4096);
       results.push(checkMap(fd, hwpt, 1 << 24, 3 * 4096, place));
       c.ftruncate(memfd, 3 * 4096);
       c.ftruncate(memfd, 4 * 4096);
       for (const i of [0, 1, 2]) results.push(checkMap(fd, hwpt, (1 << 24) + i * 4096, 4096, place + i * 4096));
       results.push(ioasMap(fd, ioas, place, 3 * 4096, 2 << 24), checkMap(fd, hwpt, 2 << 24, 3 * 4096, place));
       report(results);`,
    );
    expect(both.result).toEqual([0, 0, 0, 0, -22, 0, 0]);
    expectSame(both);
  });

  test('agree on private mappings that go on behind the end of a memfd', async () => {
    const both = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { hwpt } = mockDomain(fd, ioas);
       const memfd = c.memfd('guest', 0);
       const place = c.mmap(0, 8 * 4096, PROT, MAP_PRIVATE, memfd, 0);
       let iova = 1 << 24;
       const map = (index, pages) => ioasMap(fd, ioas, place + index * 4096, pages * 4096, iova += 1 << 16);
       const results = [0, 1, 2, 5, 8, 3].map((pages) => {
         c.ftruncate(memfd, pages * 4096);
         const first = iova + (1 << 16);
         return [map(0, 1), map(1, 7), map(2, 2), map(7, 1), checkMap(fd, hwpt, first, 4096, place + 3 * 4096)];
       });
       report(results);`,
    );
    const [EFAULT, EINVAL] = [-14, -22];
    expect(both.result).toEqual([
      [EFAULT, EFAULT, EFAULT, EFAULT, EFAULT],
      [0, EFAULT, EFAULT, EFAULT, EFAULT],
      [0, EFAULT, EFAULT, EFAULT, EFAULT],
      [0, EFAULT, 0, EFAULT, EINVAL],
      [0, 0, 0, 0, EINVAL],
      [0, EFAULT, EFAULT, EFAULT, EFAULT],
    ]);
    expectSame(both);
  });

  test('agree on a memfd that is opened and truncated by a link to its descriptor', async () => {
    const both = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { hwpt } = mockDomain(fd, ioas);
       const memfd = c.memfd('guest', 0);
       const [O_TRUNC, O_PATH] = [0o1000, 0o10000000];
       c.ftruncate(memfd, 4096);
       const place = c.mmap(0, 4096, PROT, MAP_SHARED, memfd, 0);
       let iova = 1 << 24;
       const results = [];
       const change = (call) => {
         at(place, 4096).fill('a');
         ioasMap(fd, ioas, place, 4096, iova += 4096);
         const result = call('/proc/self/fd/' + memfd);
         c.ftruncate(memfd, 4096);
         results.push(result >= 0, checkMap(fd, hwpt, iova, 4096, place));
       };
       change((path) => c.open(path, O_PATH | O_TRUNC, 0));
       change((path) => c.open(path, O_RDWR | O_TRUNC, 0));
       change((path) => c.truncate(path, 0));
       change((path) => c.truncate(path.replace('self', 'thread-self'), 0));
       change((path) => c.truncate(path.replace('/proc/self', '/dev'), 0));
       report(results);`,
    );
    expect(both.result).toEqual([true, 0, true, -22, true, -22, true, -22, true, -22]);
    expectSame(both);
  });

  test('agree on bytes behind the end of a memfd, which ftruncate() to the same size removes', async () => {
    const both = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       mockDomain(fd, ioas);
       const memfd = c.memfd('guest', 0);
       c.ftruncate(memfd, 4096 + 100);
       const place = c.mmap(0, 8192, PROT, MAP_SHARED, memfd, 0);
       at(place, 8192).fill('a');
       const access = testCmd(fd, 5, ioas, 0n).bytes.readUInt32LE(16);
       const buffer = Buffer.alloc(4096);
       ioasMap(fd, ioas, place, 8192, 1 << 24);
       const read = () => {
         testCmd(fd, 8, access, (1 << 24) + 4095, 200, addressOf(buffer), 4);
         return buffer.toString('latin1', 99, 103);
       };
       report([read(), c.ftruncate(memfd, 4096 + 100), read()]);`,
    );
    expect(both.result).toEqual(['aaaa', 0, 'aa\0\0']);
    expectSame(both);
  });

  test('agree on pages that are removed from a memfd', async () => {
    const both = await recorded(HOLES);
    expect(both.result).toEqual([0, 0, 0, -22, -22, -22, 'ab', 'bc', 'ab', 'bc']);
    expectSame(both);
    // The bridge knows which pages a call removes, the tracer sees the call.
    const changesIn = ({ steps }: Tape): string[] =>
      steps.map(({ op }) => op).filter((op) => op === 'fallocate' || op === 'ftruncate' || op === 'note');
    expect(changesIn(both.bridge)).toEqual(['fallocate', 'fallocate', 'fallocate']);
    expect(changesIn(both.tape)).toEqual(['fallocate', 'fallocate', 'ftruncate', 'ftruncate']);
  });

  test('record what a program has written to pages before it removes them, as far as the fake kernel sees it', async () => {
    const { result, bridge } = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       mockDomain(fd, ioas);
       const memfd = c.memfd('guest', 0);
       c.ftruncate(memfd, 2 * 4096);
       const place = c.mmap(0, 2 * 4096, PROT, MAP_SHARED, memfd, 0);
       ioasMap(fd, ioas, place, 2 * 4096, 1 << 24);
       at(place, 2 * 4096).fill('a');
       c.ftruncate(memfd, 0);
       const access = testCmd(fd, 5, ioas, 0n).bytes.readUInt32LE(16);
       const buffer = Buffer.alloc(4096);
       testCmd(fd, 8, access, (1 << 24) + 4095, 2, addressOf(buffer), 4);
       report(buffer.toString('latin1', 0, 2));`,
    );
    expect(result).toBe('aa');
    expect(replay(bridge, boot).difference).toBeUndefined();
  });

  test('agree on shared memory that is written through one mapping and zeroed through another', async () => {
    const both = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       mockDomain(fd, ioas);
       const memfd = c.memfd('guest', 0);
       c.ftruncate(memfd, 2 * 4096);
       const [one, other] = [0, 0].map(() => c.mmap(0, 2 * 4096, PROT, MAP_SHARED, memfd, 0));
       at(one, 2 * 4096).fill(7);
       const access = testCmd(fd, 5, ioas, 0n).bytes.readUInt32LE(16);
       const results = [ioasMap(fd, ioas, one, 2 * 4096, 1 << 24)];
       at(one, 2 * 4096).fill(0);
       results.push(ioasMap(fd, ioas, other, 2 * 4096, 2 << 24));
       const buffer = Buffer.alloc(4096);
       for (const iova of [1 << 24, 2 << 24]) {
         testCmd(fd, 8, access, iova + 4095, 2, addressOf(buffer), 4);
         results.push(buffer.toString('hex', 0, 2));
       }
       report(results);`,
    );
    expect(both.result).toEqual([0, 0, '0000', '0000']);
    const { tape, bridge } = both;
    for (const each of [tape, bridge]) expect(replay(each, boot).difference).toBeUndefined();
  });

  test.each([2, 19, 30])('agree on random changes of a memfd, seed %i', async (seed) => {
    const both = await recorded(changes(seed, false));
    expect(both.result).toBe(true);
    expectSame(both);
  });

  test.each([6, 12, 19])(
    'record what devices read after random changes of a memfd, as far as the fake kernel sees it, seed %i',
    async (seed) => {
      const { result, bridge, err, notices } = await recorded(changes(seed, true));
      expect([result, err, notices]).toEqual([true, '', []]);
      expect(replay(bridge, boot).difference).toBeUndefined();
    },
  );

  test('agree on files that lose pages by their path', async () => {
    const shm = mkdtempSync('/dev/shm/iommufd-trace-record-');
    const both = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { hwpt } = mockDomain(fd, ioas);
       const path = '${shm}/memory';
       const file = c.open(path, 0o102, 0o600);
       c.ftruncate(file, 8192);
       const place = c.mmap(0, 8192, PROT, MAP_SHARED, file, 0);
       const page = (index) => (1 << 24) + index * 4096;
       let base = 0;
       const look = () => [0, 1].map((i) => checkMap(fd, hwpt, page(base + i), 4096, place + i * 4096));
       const results = [];
       const remove = (how) => {
         base += 2;
         ioasMap(fd, ioas, place, 8192, page(base));
         results.push(look());
         how();
         c.ftruncate(file, 8192);
         results.push(look());
       };
       remove(() => c.truncate(path, 4096));
       remove(() => c.close(c.open(path, 0o1001, 0)));
       c.truncate(path, -1);
       results.push(ioasMap(fd, ioas, place, 8192, page(16)));
       report(results);`,
    );
    rmSync(shm, { recursive: true });
    expect(both.result).toEqual([[0, 0], [0, -22], [0, 0], [-22, -22], 0]);
    expectSame(both);
  });

  test('agree on a segment that is detached', async () => {
    const both = await recorded(
      `const fd = iommu();
       const id = c.shmget(0, 4096, 0o1600);
       const place = c.shmat(id, 0, 0);
       c.shmctl(id, 0, null);
       at(place, 4096).writeUInt32LE(12);
       const alloc = () => c.ioctlAt(fd, 0x3b81, place);
       report([alloc(), c.shmdt(place), alloc()]);`,
    );
    expect(both.result).toEqual([0, 0, -14]);
    expectSame(both);
  });

  test('agree on a page of the kernel that the program maps', async () => {
    expectSame(await recorded(KERNEL_PAGE));
  });

  test('agree on lengths beyond the mapped memory, which is not read', async () => {
    const both = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       mockDomain(fd, ioas);
       const place = memory(4096);
       report([2n ** 64n - 1n, 2n ** 63n, 2n ** 47n].map((length) => ioasMap(fd, ioas, place, length, 1 << 24)));
       process.exit(0);`,
    );
    expect(both.result).toEqual([-75, -22, -22]);
    expectSame(both);
  });

  test('agree on memory that the program may not read, or only write', async () => {
    const both = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       mockDomain(fd, ioas);
       const [place, struct] = [memory(3 * 4096), memory(4096)];
       at(place, 3 * 4096).fill(7);
       at(struct, 4096).writeUInt32LE(12);
       const alloc = () => c.ioctlAt(fd, 0x3b81, struct);
       const map = (iova) => ioasMap(fd, ioas, place, 3 * 4096, iova);
       const results = [];
       for (const prot of [0, 1, 2, 3]) {
         c.mprotect(place + 4096, 4096, prot);
         c.mprotect(struct, 4096, prot);
         results.push([map((1 + prot) << 24), alloc()]);
       }
       report(results);`,
    );
    expect(both.result).toEqual([
      [-14, -14],
      [-14, -14],
      [0, 0],
      [0, 0],
    ]);
    expectSame(both);
  });

  test('agree on an exec of another program', async () => {
    const both = await recorded(OTHER_PROGRAM);
    expect(both.result).toEqual([0, 0, 2]);
    expectSame(both);
  });

  test('agree on pages that are unmapped while they are mapped for devices', async () => {
    const both = await recorded(LOST_PAGES);
    expect(both.result).toEqual([-22, -22, -22, 0, 0, -14, -14, 'before']);
    expectSame(both);
  });

  test('agree on pages that stay mapped for devices after a call that fails or shrinks the mapping', async () => {
    const both = await recorded(KEPT_PAGES);
    expect(both.result).toEqual([
      [-22, -22, -22, -22, -22, -12, -14, -22, -9, 0, -22, 0, 0],
      [0, 0, 0, 0, 0, -22],
    ]);
    expectSame(both);
  });
});

const MAPS = `const fd = iommu();
  const ioas = ioasAlloc(fd);
  mockDomain(fd, ioas);
  const place = memory(1 << 16);
  at(place, 4096).fill(0x5a);
  const mapped = ioasMap(fd, ioas, place, 1 << 16, 1 << 24);
  for (let i = 0; i < 100; i++) ioasAlloc(fd);
  report(mapped);`;

test('iommufd trace writes a tape, which can be printed, to a file with its extension', async () => {
  const kernel = new FakeKernel([mockModule]);
  const file = newFile();
  const through = [...IOMMUFD, 'trace', '-o', file, '--'];
  const program = await TestProgram.start(kernel, MAPS, { exactFds: true }, through);
  expect(await program.result()).toBe(0);
  await program.run.allExited;
  // The tape has no machine, and that of arm64 has no mock driver.
  expect(replay({ ...tapeOf(file, kernel), machine: { mock: true } }, boot).difference).toBeUndefined();
  const { out } = await new RunningCommand('decode', '--log', '--file', file).end();
  expect(out).toMatch(/^ioctl\(\d+, IOMMU_IOAS_MAP, \{.*iova=0x1000000\}\) = 0 <\d\.\d{6}>$/m);
});

describe('iommufd record', () => {
  test('writes hashes in place of guest memory with the option', async () => {
    const { tape, result } = await recorded(MAPS, ['--no-guest-memory']);
    expect(result).toBe(0);
    expect(JSON.stringify(tape.steps)).not.toContain('5a5a5a5a');
    const notes = tape.steps.filter(({ op }) => op === 'note');
    expect(notes).toMatchObject([
      {
        text: expect.stringMatching(
          /^65536 bytes at 0x[0-9a-f]+ of IOMMU_IOAS_MAP were left out: sha256 [0-9a-f]{64}$/,
        ),
      },
    ]);
    expect(replay(tape, boot).difference).toBeUndefined();
  });

  test('ends the tape at the maximum size, with a note', async () => {
    const { tape, result, err } = await recorded(MAPS, ['--stop-at', '4K']);
    expect(result).toBe(0);
    expect(err).toBe('iommufd: not in the tape: calls after the tape had reached 4096 bytes\n');
    expect(tape.steps.at(-1)).toEqual({
      op: 'note',
      text: 'calls after the tape had reached 4096 bytes',
    });
    expect(tape.steps.filter(({ op }) => op === 'ioctl').length).toBeLessThan(100);
    expect(replay(tape, boot).difference).toBeUndefined();
  });

  test('records memory that mremap() moves while it is mapped for devices', async () => {
    const both = await recorded(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { hwpt } = mockDomain(fd, ioas);
       const place = memory(3 * 4096);
       at(place, 4096).write('moved');
       const results = [ioasMap(fd, ioas, place, 4096, 1 << 24)];
       // The second page is in the way.
       c.mprotect(place + 4096, 4096, 0);
       const other = c.mremap(place, 4096, 8192, 1);
       results.push(other !== place, ioasMap(fd, ioas, other, 8192, 2 << 24), checkMap(fd, hwpt, 2 << 24, 8192, other));
       results.push(ioasMap(fd, ioas, place, 4096, 3 << 24));
       // The struct of a call moves, and its next page does not exist.
       const call = memory(2 * 4096);
       at(call, 4096).writeUInt32LE(12);
       const target = memory(2 * 4096);
       const alloc = (address) => c.ioctlAt(fd, 0x3b81, address);
       results.push(alloc(call), c.mremap(call, 8192, 4096, 3, target) === target, alloc(target), alloc(call));
       report({ results, place, other, call, target });`,
    );
    const { results, place, other, call, target } = both.result as {
      readonly results: unknown;
      readonly place: number;
      readonly other: number;
      readonly call: number;
      readonly target: number;
    };
    expect(results).toEqual([0, true, 0, 0, -14, 0, true, 0, -14]);
    const { tape, err, notices } = both;
    expect(err).toBe('');
    expect(notices).toEqual([
      'mremap() may move memory that is mapped for devices: they go on with the old address',
    ]);
    expectSame({ ...both, notices: [] });
    const hex = (address: number): string => `0x${address.toString(16)}`;
    const move = (from: number, to: number): Step => ({
      op: 'mremap',
      addr: hex(from),
      len: 4096,
      to: hex(to),
      ret: hex(to),
    });
    expect(tape.steps.filter(({ op }) => op === 'mremap')).toEqual([move(place, other), move(call, target)]);
  });

  test('notes memory that no declaration names', async () => {
    const { tape, err } = await recorded(
      `const fd = iommu();
       report(c.ioctl(fd, 0x3bff, struct(8, 0)));`,
    );
    const text = 'memory of request 0x3bff, which no declaration names';
    expect(err).toBe(`iommufd: not in the tape: ${text}\n`);
    expect(tape.steps).toContainEqual({ op: 'note', text });
  });

  test('attaches to a running program, and detaches from it', async () => {
    const kernel = new FakeKernel([mockModule]);
    const program = await TestProgram.start(
      kernel,
      `const fd = iommu();
       const beat = setInterval(() => ioasAlloc(fd), 1);
       process.once('SIGUSR2', () => { clearInterval(beat); report(true); });
       report({ pid: process.pid });`,
    );
    const { pid } = (await program.next()) as { readonly pid: number };
    const file = newFile();
    const command = new RunningCommand('record', '-o', file, '-p', String(pid), '--stop-at', '4K');
    await command.says(/not in the tape: calls after/);
    command.kill('SIGINT');
    expect(await command.end()).toMatchObject({ status: 0, signal: null });
    program.run.kill('SIGUSR2');
    expect(await program.result()).toBe(true);
    const { steps } = tapeOf(file, kernel);
    expect(steps[0]).toEqual({ op: 'note', text: `what process ${pid} did before it was attached to` });
    expect(steps).toContainEqual({ op: 'inherit', path: '/dev/iommu', ret: 512 });
  });
});
