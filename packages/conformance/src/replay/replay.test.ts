import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FakeKernel, KernelBug } from '@iommufd/fakekernel';
import { type Machine, rate, replay, runFiles, type Step, type Tape } from '@iommufd/tape';
import { runConformance } from './conformance-program.js';

const boot = (): Machine & { readonly kernel: FakeKernel } => {
  const kernel = new FakeKernel();
  const process = kernel.spawn();
  const finish = (): string[] => {
    process.exit();
    return [];
  };
  return {
    kernel,
    process,
    pass: (milliseconds: number) => milliseconds,
    spawn: (privileges) => kernel.spawn(privileges),
    finish,
  };
};

const tapeOf = (steps: readonly Step[], name = 'by hand'): Tape => {
  return { name, kernel: '7.3.4', arch: 'x86_64', calls: steps.length, steps };
};
const played = (steps: readonly Step[], machine: () => Machine = boot) => replay(tapeOf(steps), machine);

const ADDRESS = '0x20000000';
const MEMFD: Step = { op: 'memfd', size: 8192, ret: 3 };
const SHARED: Step = {
  op: 'mmap',
  addr: '0x0',
  len: 8192,
  prot: 3,
  flags: 1,
  fd: 3,
  off: 0,
  ret: ADDRESS,
};
const AGAIN: Step = { ...SHARED, ret: '0x20002000' };
const NO_NODE: Step = { op: 'open', path: '/dev/absent', ret: -2 };

test('a tape that goes as recorded', () => {
  expect(played([MEMFD, SHARED, NO_NODE, { op: 'close', fd: 3, ret: 0 }, { op: 'settle' }])).toEqual({
    name: 'by hand',
    steps: 5,
    calls: 4,
  });
});

test('memory of a memfd is seen through each of its mappings, across pages', () => {
  const steps: Step[] = [
    MEMFD,
    SHARED,
    AGAIN,
    { op: 'poke', addr: '0x20000ffe', hex: '01020304' },
    NO_NODE,
    { op: 'peek', addr: '0x20002ffe', hex: '01020304' },
  ];
  expect(played(steps).difference).toBeUndefined();
});

test('a memfd that loses pages and grows again: they are zero, and beyond its end they cannot be read', () => {
  const hole = { op: 'fallocate', fd: 3, mode: 3, off: 0, len: '0x1000', ret: 0 } as const;
  const cut = { op: 'ftruncate', fd: 3, size: '0x1000', ret: 0 } as const;
  const written: Step = { op: 'poke', addr: ADDRESS, hex: '01' };
  const second: Step = { op: 'poke', addr: '0x20001000', hex: '02' };
  const seen = (first: string): Step => ({ op: 'peek', addr: ADDRESS, hex: first });
  const steps: Step[] = [
    MEMFD,
    SHARED,
    written,
    second,
    hole,
    seen('00'),
    { op: 'peek', addr: '0x20001000', hex: '02' },
    written,
    cut,
    seen('01'),
    { op: 'peek', addr: '0x20001000', len: 1, fault: true },
    { op: 'ftruncate', fd: 3, size: 8192, ret: 0 },
    { op: 'peek', addr: '0x20001000', hex: '00' },
    { op: 'ftruncate', fd: 3, size: -1, ret: -22 },
    { op: 'fallocate', fd: 4, mode: 0, off: 0, len: 1, ret: -9 },
  ];
  expect(played(steps).difference).toBeUndefined();
  expect(played([...steps.slice(0, 8), { ...cut, ret: -22 }]).difference).toMatchObject({
    call: 'ftruncate(3, 4096)',
    linux: { result: expect.stringMatching(/^-1 EINVAL/) },
  });
  expect(played([...steps.slice(0, 4), { ...hole, ret: -1 }]).difference).toMatchObject({
    call: 'fallocate(3, FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, 0, 4096)',
    linux: { result: expect.stringMatching(/^-1 EPERM/) },
  });
});

test('memory that moves, with what it contains', () => {
  const move = { op: 'mremap', addr: ADDRESS, len: 4096, to: '0x30000000', ret: '0x30000000' } as const;
  const steps: Step[] = [
    MEMFD,
    SHARED,
    AGAIN,
    { op: 'poke', addr: ADDRESS, hex: '07' },
    move,
    { op: 'peek', addr: '0x30000000', hex: '07' },
    { op: 'peek', addr: ADDRESS, len: 1, fault: true },
    { op: 'poke', addr: '0x30000000', hex: '08' },
    NO_NODE,
    { op: 'peek', addr: '0x20002000', hex: '08' },
    { ...move, ret: -14 },
  ];
  expect(played(steps).difference).toBeUndefined();
  expect(played([...steps.slice(0, 4), { ...move, ret: -22 }]).difference).toMatchObject({
    call: 'mremap(0x20000000, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0x30000000)',
    linux: { result: expect.stringMatching(/^-1 EINVAL/) },
  });
});

test('another answer is a difference at its step, in words', () => {
  const { calls, difference } = played([MEMFD, { ...NO_NODE, ret: 4 }, NO_NODE]);
  expect(calls).toBe(2);
  expect(difference).toEqual({
    step: 1,
    op: 'open',
    call: 'open("/dev/absent", O_RDWR|O_CLOEXEC)',
    linux: { result: '4', notes: [] },
    ours: { result: expect.stringMatching(/^-1 ENOENT \(.+\)$/), notes: [] },
    fields: [{ path: 'ret', linux: '4', ours: '-2' }],
  });
});

test('a mapping that fails: the call is made as recorded', () => {
  expect(played([{ ...SHARED, ret: -9 }]).difference).toBeUndefined();
  expect(played([{ ...SHARED, ret: -22 }]).difference?.fields).toEqual([
    { path: 'ret', linux: '-22', ours: '-9' },
  ]);
});

test('huge pages and reservations change nothing', () => {
  const huge: Step = { ...SHARED, flags: 0x4c021, fd: -1 };
  expect(played([huge, { op: 'peek', addr: ADDRESS, hex: '00' }]).difference).toBeUndefined();
});

test('poll: the count and what there is', () => {
  const poll: Step = { op: 'poll', fd: 9, events: 1, timeout: 1000, ret: 1, revents: 0x20 };
  expect(played([poll]).difference).toBeUndefined();
  const { difference } = played([{ ...poll, ret: 0, revents: 0 }]);
  expect(difference?.fields).toEqual([
    { path: 'ret', linux: '0', ours: '1' },
    { path: 'revents', linux: '0', ours: 'POLLNVAL' },
  ]);
});

test('memory that differs: the first byte that does', () => {
  const hex = (last: string): string => `${'00'.repeat(20)}${last}`;
  const steps: Step[] = [MEMFD, SHARED, NO_NODE, { op: 'peek', addr: ADDRESS, hex: hex('0102') }];
  expect(played([...steps.slice(0, 3), { op: 'peek', addr: ADDRESS, hex: hex('0000') }]).difference).toBe(
    undefined,
  );
  expect(played(steps).difference).toMatchObject({
    step: 3,
    op: 'peek',
    call: 'open("/dev/absent", O_RDWR|O_CLOEXEC)',
    fields: [{ path: `${ADDRESS} + 20`, linux: '0102', ours: '0000' }],
  });
});

/** A machine whose memory is written by opening a node. */
const scribbling = (bytes: readonly number[]) => (): Machine => {
  const machine = boot();
  machine.kernel.addNode('/dev/scribble', () => {
    machine.process.memory(BigInt(ADDRESS), bytes.length).set(bytes);
    return machine.process.files.get(3).get();
  });
  return machine;
};

test('memory must stay as it was before the last call', () => {
  const steps: Step[] = [
    MEMFD,
    SHARED,
    { op: 'poke', addr: ADDRESS, hex: '0102' },
    { op: 'open', path: '/dev/scribble', ret: 4 },
    { op: 'peek', addr: ADDRESS, len: 8192, same: true },
  ];
  expect(played(steps, scribbling([1, 2])).difference).toBeUndefined();
  expect(played(steps, scribbling([1, 2, 3])).difference).toMatchObject({
    step: 4,
    fields: [{ path: `${ADDRESS} + 2`, linux: '00'.repeat(16) + '...', ours: `03${'00'.repeat(15)}...` }],
  });
});

test('memory that must not be readable', () => {
  const fault: Step = { op: 'peek', addr: ADDRESS, len: 16, fault: true };
  expect(played([NO_NODE, fault]).difference).toBeUndefined();
  const unmap: Step = { op: 'munmap', addr: ADDRESS, len: 4096, ret: 0 };
  expect(played([MEMFD, SHARED, unmap, fault]).difference).toBeUndefined();
  expect(played([MEMFD, SHARED, fault]).difference).toMatchObject({
    step: 2,
    fields: [{ path: ADDRESS, linux: 'unreadable', ours: '00'.repeat(16) }],
  });
});

test('memory that the tape never maps is there from the start, or from where it can be', () => {
  const stack = '0x7fffffffe000';
  const peek: Step = { op: 'peek', addr: stack, hex: '0000' };
  const poke: Step = { op: 'poke', addr: stack, hex: '0102' };
  const after: Step = { op: 'peek', addr: stack, hex: '0102' };
  const fault: Step = { op: 'peek', addr: stack, len: 2, fault: true };
  expect(played([NO_NODE, peek, poke, NO_NODE, after]).difference).toBeUndefined();
  expect(played([NO_NODE, fault, poke, NO_NODE, after]).difference).toBeUndefined();
  const unmap: Step = { op: 'munmap', addr: stack, len: 4096, ret: 0 };
  expect(played([poke, unmap, fault, poke, NO_NODE, after]).difference).toBeUndefined();
});

test('copies of a file, and a file that the program has from its start', () => {
  const machine = (): Machine => {
    const machine = boot();
    machine.kernel.addNode('/dev/mine', () => machine.process.files.get(3).get());
    return machine;
  };
  const steps: Step[] = [
    MEMFD,
    { op: 'dup', fd: 3, ret: 4 },
    { op: 'dup', fd: 3, to: 7, ret: 7 },
    { op: 'dup', fd: 3, from: 6, ret: 6 },
    { op: 'dup', fd: 3, from: 6, ret: 8 },
    { op: 'dup', fd: 9, to: 7, ret: -9 },
    { op: 'dup', fd: 3, to: 3, ret: 3 },
    { op: 'inherit', path: '/dev/mine', ret: 12 },
    { op: 'close', fd: 12, ret: 0 },
    { op: 'dup', fd: 3, ret: 5 },
  ];
  expect(played(steps, machine).difference).toBeUndefined();
  expect(played([{ op: 'inherit', path: '/dev/none', ret: 12 }]).difference?.fields).toEqual([
    { path: 'ret', linux: '12', ours: '-2' },
  ]);
});

test('a number that is taken', () => {
  expect(
    played([
      { op: 'occupy', fd: 3 },
      { ...MEMFD, ret: 4 },
    ]).difference,
  ).toBeUndefined();
});

test('the fields of a struct that differ', () => {
  const open = { op: 'open', path: '/dev/iommu', ret: 3 } as const;
  const machine = (): Machine => {
    const machine = boot();
    const { process } = machine;
    machine.kernel.addNode('/dev/iommu', () => {
      const fd = process.memfd(0);
      const file = process.files.get(fd).get();
      process.close(fd);
      file.ioctl = () => {
        process.memory(BigInt(ADDRESS) + 8n, 1).set([2]);
        return 0;
      };
      return file;
    });
    return machine;
  };
  const steps: Step[] = [
    open,
    { op: 'poke', addr: ADDRESS, hex: '0c0000000000000000000000' },
    { op: 'ioctl', fd: 3, cmd: '0x3b81', arg: ADDRESS, ret: 0 },
    { op: 'peek', addr: ADDRESS, hex: '0c0000000000000001000000' },
  ];
  expect(played(steps, machine).difference).toEqual({
    step: 3,
    op: 'peek',
    call: 'ioctl(3, IOMMU_IOAS_ALLOC, {size=12, flags=0})',
    linux: { result: '0', notes: ['returns {out_ioas_id=1}'] },
    ours: { result: '0', notes: ['returns {out_ioas_id=2}'] },
    fields: [{ path: 'out_ioas_id', linux: '1', ours: '2' }],
  });
});

test('a bug of the kernel is a difference with its message', () => {
  const machine = (): Machine => {
    const machine = boot();
    machine.kernel.addNode('/dev/bug', () => {
      throw new KernelBug('object 3 is used after its end');
    });
    return machine;
  };
  expect(played([MEMFD, { op: 'open', path: '/dev/bug', ret: 4 }], machine).difference).toMatchObject({
    step: 1,
    ours: { result: 'throws KernelBug: object 3 is used after its end' },
  });
});

test('resources left after the end are a difference', () => {
  const machine = (): Machine => ({ ...boot(), finish: () => ['object 3', 'a pin'] });
  expect(played([MEMFD], machine).difference).toMatchObject({
    step: 1,
    op: 'exit',
    ours: { result: '2 remain', notes: ['object 3', 'a pin'] },
  });
});

const BEYOND = '{"op":"reboot","ret":0}';

const lines = (name: string, steps: readonly string[]): string =>
  [JSON.stringify({ ...tapeOf([], name), tape: 1 }), ...steps].join('\n');

let folder = '';
let file = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapes-'));
  file = join(folder, 'tapes.jsonl');
  const steps = [MEMFD, NO_NODE].map((step) => JSON.stringify(step));
  const wrong = JSON.stringify({ ...NO_NODE, ret: -13 });
  const tapes = [lines('good', steps), lines('bad', [...steps, wrong]), lines('beyond', [...steps, BEYOND])];
  writeFileSync(file, `${tapes.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('files of tapes', () => {
  const seen: string[] = [];
  const report = runFiles([file], { boot, onFile: ({ different }) => seen.push(`${different}`) });
  expect(report.files).toMatchObject([{ file, identical: 1, different: 2 }]);
  expect(report.calls).toBe(5);
  expect(rate(report)).toBeGreaterThan(0);
  expect(rate({ calls: 3, milliseconds: 500 })).toBe(6);
  expect(seen).toEqual(['2']);
});

test('a step that cannot be replayed is reported as a difference', () => {
  const [report] = runFiles([file], { boot, filter: 'beyond' }).files;
  expect(report?.differences).toMatchObject([
    {
      tape: 'beyond',
      step: 2,
      op: 'reboot',
      ours: { result: "cannot be replayed: unknown step 'reboot'" },
    },
  ]);
});

const command = async (...argv: string[]) => {
  let text = '';
  const io = { colour: false, write: (more: string) => void (text += more), boot };
  const result = await runConformance(argv, io);
  return { ...result, text };
};

test('the command prints what differs, field by field', async () => {
  const { status, text } = await command('--filter', 'bad', file);
  expect(status).toBe(1);
  expect(text.replace(/in .* s, .* calls/, 'in N s, N calls').split('\n')).toEqual([
    `${file}: identical 0 different 1`,
    '',
    '  bad  step 2, open',
    '    open("/dev/absent", O_RDWR|O_CLOEXEC)',
    '    Linux = -1 EACCES (Permission denied)',
    '    ours  = -1 ENOENT (No such file, object or address)',
    '      ret  Linux -13  ours -2',
    '3 calls in N s, N calls a second',
    '',
  ]);
  expect((await command('--filter', 'good', file)).status).toBe(0);
});

test('the command prints JSON', async () => {
  const { status, text } = await command('--json', file);
  expect(status).toBe(1);
  const printed: unknown = JSON.parse(text);
  expect(printed).toMatchObject({
    files: [{ file, identical: 1, different: 2, differences: [{ tape: 'bad', step: 2 }, { step: 2 }] }],
  });
  expect(Object.keys(Object(printed))).toEqual(['files']);
  const same = { file, identical: 1, different: 0, differences: [] };
  expect(JSON.parse((await command('--json', '--filter', 'good', file)).text)).toEqual({ files: [same] });
});

test('the command replays the tape of a guest', async () => {
  const path = join(folder, 'guest.jsonl');
  const at = (v: string) => JSON.stringify({ t: 'r', cpu: -1, o: '20', s: 4, v });
  writeFileSync(path, ['{"t":"reset"}', '{"t":"note","text":"CR0"}', at('0'), at('1')].join('\n'));
  const { status, text } = await command(path);
  expect(status).toBe(1);
  expect(text.split('\n').slice(0, 6)).toEqual([
    `${path}: identical 0 different 1`,
    '',
    '  guest  step 3, guest',
    `    ${at('1')}`,
    '    guest = 1',
    '            CR0',
  ]);
});

test.each([
  [['--jsn'], /unknown option '--jsn'/],
  [['/no/such/file'], /\/no\/such\/file: .*no such file/],
  [['--filter', 'nothing'], /no tape's name contains 'nothing'/],
])('misuse %j is one line', async (argv, complaint) => {
  const result = await command(...argv);
  expect(result.status).toBe(2);
  expect(result.complaint).toMatch(complaint);
  expect(result.complaint).not.toContain('\n');
});

test('a file that is no tape is misuse', async () => {
  const path = join(folder, 'none.jsonl');
  writeFileSync(path, `${lines('x', ['{"op":"poke","addr":"0x0","hex":"0x1"}'])}\n`);
  expect(await command(path)).toMatchObject({
    status: 2,
    complaint: expect.stringContaining('none.jsonl: '),
  });
});
