import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { boot, readTapes, replay } from '@iommufd/tape';
import { bundled } from '@iommufd/testkit/program';
import { runNative } from './run.js';

/** Starts the command inside the repository, with a process before it. */
const BIN = fileURLToPath(new URL('../../bin/iommufd.mjs', import.meta.url));
/** The command as its published form: one process. */
const MAIN = await bundled(new URL('../main.ts', import.meta.url));

type Result = Pick<ReturnType<typeof spawnSync>, 'status' | 'signal'> & {
  readonly out: string;
  readonly err: string;
};

/** Runs the command, as a shell does. */
function start(command: string, args: readonly string[]): Result {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [command, 'run', ...args], {
    encoding: 'utf8',
  });
  return { status, signal, out: stdout, err: stderr };
}

const iommufd = (...args: string[]): Result => start(MAIN, args);

/** Raw system calls for programs. */
const PRELUDE = fileURLToPath(new URL('../../../native/src/programs/prelude.testing.mjs', import.meta.url));

/**
 * Starts the command in a process group of its own, as a shell does at a terminal.
 * @returns it, once the program has said something
 */
async function started(program: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [MAIN, 'run', '--', process.execPath, '-e', program], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'readable');
  return child;
}

/** Opens /dev/iommu. */
const OPENS = `require('node:fs').openSync('/dev/iommu', 'r+')`;

test.each(['run', 'trace', 'record', 'doctor'])(
  'iommufd help %s prints the help of the command',
  (command) => {
    const printed = (...args: string[]): Pick<Result, 'status' | 'out'> => {
      const { status, stdout } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
      return { status, out: stdout };
    };
    const help = printed(command, '--help');
    expect(help).toMatchObject({ status: 0, out: expect.stringContaining(`Usage: iommufd ${command}`) });
    expect(printed('help', command)).toEqual(help);
  },
);

describe('iommufd run', () => {
  test.each([
    ['of the repository', BIN],
    ['as one process', MAIN],
  ])(
    'passes on standard output, the exit status and the signal of the program: the command %s',
    (_, command) => {
      expect(start(command, ['--', 'sh', '-c', 'ls /dev/iommu; exit 3'])).toEqual({
        status: 3,
        signal: null,
        out: '/dev/iommu\n',
        err: '',
      });
      expect(start(command, ['sh', '-c', 'kill -TERM $$']).signal).toBe('SIGTERM');
    },
  );

  test.each([
    [['--', 'no-such-program'], 127, 'iommufd: no-such-program: not found\n'],
    [['/etc/passwd'], 126, 'iommufd: /etc/passwd: cannot be executed (EACCES)\n'],
    [
      ['--device', 'disk', 'true'],
      125,
      'iommufd: --device disk: unknown kind; known are mock, edu, nic, nvme, pci, pci-testdev\n',
    ],
    [
      ['--device', 'edu@5', 'true'],
      125,
      'iommufd: --device edu@5: expected KIND or KIND@BDF, such as mock or edu@00:05.0\n',
    ],
    [
      ['--device', 'edu@00:05.0', '--device', 'nvme@00:05.0', 'true'],
      125,
      'iommufd: --device nvme@00:05.0: 0000:00:05.0 is taken\n',
    ],
    [
      ['--smmuv3', '--device', 'mock', 'true'],
      125,
      'iommufd: --device mock: a mock device cannot be behind an SMMUv3\n',
    ],
    [['--nonsense', 'true'], 125, "iommufd: unknown option '--nonsense'\n"],
    [['--kernal', '6.12', 'true'], 125, "iommufd: unknown option '--kernal'; did you mean --kernel?\n"],
    [[], 125, "iommufd: missing required argument 'program'\n"],
    [['--trace=/no/such/file', 'true'], 125, 'iommufd: --trace=/no/such/file: ENOENT\n'],
    [['--record', '/no/such/file', 'true'], 125, 'iommufd: --record=/no/such/file: ENOENT\n'],
    [
      ['--kernel', '5.10', 'true'],
      125,
      expect.stringMatching(
        /^iommufd: --kernel 5\.10: no such version of Linux\. Known are 6\.12, .*7\.3\.\n$/,
      ),
    ],
    [
      ['--cap-add', 'CAP_CHOWN', 'true'],
      125,
      'iommufd: --cap-add CAP_CHOWN: the fake kernel checks only CAP_IPC_LOCK, CAP_SYS_RESOURCE, CAP_SYS_RAWIO, CAP_SYS_ADMIN\n',
    ],
    [['--script', '/no/such/file', 'true'], 125, 'iommufd: --script /no/such/file: no such file\n'],
  ])('ends %j with status %i and one line', (args, status, err) => {
    expect(iommufd(...args)).toEqual({ status, signal: null, out: '', err });
  });

  test.each(['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const)(
    'leaves it to the program what %s of the terminal does',
    async (signal) => {
      const program = await started(
        `let times = 0;
         process.on('${signal}', () => { times++; setImmediate(() => process.exit(10 + times)); });
         setInterval(() => {}, 1000);
         console.log('ready');`,
      );
      const group = program.pid ?? NaN;
      const ended = once(program, 'exit');
      process.kill(signal === 'SIGINT' || signal === 'SIGQUIT' ? -group : group, signal);
      expect(await ended).toEqual([11, null]);
    },
  );

  test('takes the program along when it is killed', async () => {
    const program = await started(`${OPENS}; setInterval(() => {}, 1000); console.log('ready')`);
    const { stdout } = program;
    if (stdout === null) throw new Error('the command has no standard output');
    program.kill('SIGKILL');
    // The program has the other end of it.
    expect(await text(stdout)).toBe('ready\n');
  });

  test('waits for what the program leaves behind, and keeps its exit status', () => {
    const { status, out } = iommufd(
      '--',
      'sh',
      '-c',
      '(while kill -0 $$; do :; done 2>&-; ls -d /etc) & exit 4',
    );
    expect({ status, out }).toEqual({ status: 4, out: '/etc\n' });
  });

  test('ends as a script says, whatever calls come meanwhile', () => {
    const script = join(mkdtempSync(join(tmpdir(), 'iommufd-run-')), 'script.mjs');
    writeFileSync(script, "export default () => process.on('SIGUSR2', () => process.exit(7));");
    const calls = 'kill -USR2 $PPID; while :; do test -e /etc; done';
    const { status, err } = iommufd('--script', script, '--', 'sh', '-c', calls);
    expect({ status, err }).toEqual({ status: 7, err: '' });
  });

  test('ends with the program if a script still has a timer', () => {
    const script = join(mkdtempSync(join(tmpdir(), 'iommufd-run-')), 'script.mjs');
    writeFileSync(script, 'export default () => void setInterval(() => undefined, 1000);');
    expect(iommufd('--script', script, '--', 'sh', '-c', 'exit 3').status).toBe(3);
  });

  test('lets a script play the hardware, and traces calls to a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'iommufd-run-'));
    const [script, trace] = [join(folder, 'script.mjs'), join(folder, 'trace')];
    writeFileSync(
      script,
      'export default (kernel, { devices, smmu }) => console.log(devices.length, smmu !== undefined);',
    );
    const args = ['--smmuv3', '--device', 'pci@02:00.0', '--script', script, `--trace=${trace}`];
    const { status, out } = iommufd(...args, '--', process.execPath, '-e', `console.log(${OPENS})`);
    expect({ status, out }).toEqual({ status: 0, out: '1 true\n512\n' });
    expect(readFileSync(trace, 'utf8')).toMatch(/^\d+\.\d{6} \[\d+\] openat\("\/dev\/iommu"\) = 512\n$/);
  });

  test.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ])('colours a trace with FORCE_COLOR and %j: %s', (env, isColoured) => {
    const { stderr } = spawnSync(
      process.execPath,
      [MAIN, 'run', '--trace', '--', 'test', '-e', '/dev/iommu'],
      {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], FORCE_COLOR: '1', ...env },
      },
    );
    expect(stderr).toContain('/dev/iommu');
    expect(stderr.includes('\u001b[')).toBe(isColoured);
  });

  test.each(['run --trace', 'trace'])(
    'the program of %s goes on if the reader of the trace has closed the pipe',
    (traced) => {
      // The reader closes the pipe, and then lets the program go on, which waits for a FIFO.
      const folder = mkdtempSync(join(tmpdir(), 'iommufd-run-'));
      const program = 'cat < fifo; test -e /dev/iommu; cat /dev/iommu 2> /dev/null; echo goes on; exit 3';
      const command = `mkfifo fifo
      { { "$0" "$1" ${traced} -- sh -c '${program}' 2>&1 >&3; echo $? >&3; } | { exec <&-; : > fifo; }; } 3>&1`;
      const { stdout } = spawnSync('sh', ['-c', command, process.execPath, MAIN], {
        encoding: 'utf8',
        cwd: folder,
      });
      expect(stdout).toBe('goes on\n3\n');
    },
  );

  test('leaves a pipe of standard error blocking, which the program has too', () => {
    const program = 'test -e /dev/iommu; exec cat /proc/self/fdinfo/2';
    const command = `"$0" "$1" run --trace -- sh -c '${program}' 2>&1 >&3 | cat > /dev/null`;
    const { stdout } = spawnSync('sh', ['-c', `{ ${command}; } 3>&1`, process.execPath, MAIN], {
      encoding: 'utf8',
    });
    const [, flags = ''] = /^flags:\t0(\d+)$/m.exec(stdout) ?? [];
    const O_NONBLOCK = 0o4000;
    expect(parseInt(flags, 8) & O_NONBLOCK).toBe(0);
  });

  describe('--left-over=fail', () => {
    const runs = (body: string): Result =>
      iommufd(
        '--mock',
        '--left-over=fail',
        ...['--', process.execPath, '--input-type=module', '-e'],
        `import * as p from ${JSON.stringify(PRELUDE)}; const fd = p.iommu(); ${body}`,
      );
    const LEFT = expect.stringMatching(
      /^iommufd: left over: at the exit of their program: ioas 1 \(1 users, made by \/\S+, thread \d+: IOMMU_IOAS_ALLOC, \{size=12, flags=0\}\)\n$/,
    );

    test('reports an object that only the exit of the program destroys', () => {
      const body = 'p.ioasMap(fd, p.ioasAlloc(fd), p.memory(4096), 4096, 1 << 24);';
      expect(runs(body)).toEqual({ status: 1, signal: null, out: '', err: LEFT });
    });

    test('keeps the status of a program that fails', () => {
      expect(runs('p.ioasAlloc(fd); process.exit(5);')).toMatchObject({ status: 5, err: LEFT });
    });

    test.each([
      ['destroys its objects', 'p.destroy(fd, p.ioasAlloc(fd));'],
      ['closes their file', 'p.ioasAlloc(fd); p.c.close(fd);'],
    ])('reports nothing if the program %s', (_, body) => {
      expect(runs(body)).toEqual({ status: 0, signal: null, out: '', err: '' });
    });
  });

  test('writes a trace that replays', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'iommufd-run-')), 'trace');
    const program = `import * as p from ${JSON.stringify(PRELUDE)};
      const fd = p.iommu();
      const ioas = p.ioasAlloc(fd);
      console.log(p.ioasMap(fd, ioas, p.memory(4096), 4096, 1 << 24), p.destroy(fd, 99));`;
    const args = [`--trace=${file}`, '--', process.execPath, '--input-type=module', '-e', program];
    expect(iommufd(...args)).toMatchObject({ status: 0, out: '0 -2\n', err: '' });
    const [tape] = readTapes(file);
    if (tape === undefined) throw new Error('the file has no tape');
    const ioctls = tape.steps.filter(({ op }) => op === 'ioctl');
    expect([tape.calls, ioctls.length, replay(tape, boot).difference]).toEqual([4, 3, undefined]);
  });

  test.each([[], ['--smmuv3']])('shows devices of every kind where they were asked for: %j', (...flags) => {
    const kinds = ['edu@00:05.0', 'nvme@02:00.0', 'nic@02:00.1', 'pci-testdev', 'pci'];
    const devices = kinds.flatMap((kind) => ['--device', kind]);
    const looks =
      'cd /sys/bus/pci/devices && for d in *; do readlink $d; done; cat */vendor; ls /dev/vfio/devices';
    const { status, out, err } = iommufd('--only-fake', ...flags, ...devices, '--', 'sh', '-c', looks);
    const paths = [
      '00:01.0',
      '00:02.0',
      '00:05.0',
      '00:1c.0',
      '00:1c.0/0000:02:00.0',
      '00:1c.0/0000:02:00.1',
    ];
    expect({ status, out, err }).toEqual({
      status: 0,
      err: '',
      out: [
        ...paths.map((path) => `../../../devices/pci0000:00/0000:${path}`),
        ...['0x1b36', '0x1234', '0x1234', '0x1b36', '0x1af4'],
        ...['vfio0', 'vfio1', 'vfio2', 'vfio3', 'vfio4'],
        '',
      ].join('\n'),
    });
  });

  test('records a tape, which replays, and says what is not in it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'iommufd-run-'));
    const [script, tape] = [join(folder, 'script.mjs'), join(folder, 'tape.jsonl')];
    writeFileSync(script, 'export default () => undefined;');
    const { status, err } = iommufd(
      '--kernel',
      '7.2',
      '--script',
      script,
      '--record',
      tape,
      '--',
      'node',
      '-e',
      OPENS,
    );
    expect({ status, err }).toEqual({
      status: 0,
      err: `iommufd: not in the tape: the actions of ${script} as the hardware\n`,
    });
    const replayed = spawnSync(process.execPath, [MAIN, 'replay', tape], { encoding: 'utf8' });
    expect(replayed.stdout).toMatch(new RegExp(`^${tape}: identical 1 different 0\n`));
    writeFileSync(tape, readFileSync(tape, 'utf8').replace('"ret":512', '"ret":-13'));
    const different = spawnSync(process.execPath, [MAIN, 'replay', '--all', tape], { encoding: 'utf8' });
    expect(different.status).toBe(1);
    expect(different.stdout).toContain('ret  Linux -13  ours 512');
  });

  test('runs the program on the version of Linux that it is given', () => {
    const folder = mkdtempSync(join(tmpdir(), 'iommufd-run-'));
    const script = join(folder, 'script.mjs');
    writeFileSync(script, 'export default (kernel) => console.log(kernel.version.name);');
    const { status, out } = iommufd('--kernel', '6.12.107', '--script', script, '--', 'true');
    expect({ status, out }).toEqual({ status: 0, out: '6.12\n' });
  });

  test('takes processes to have the capabilities that it is given', () => {
    const tape = join(mkdtempSync(join(tmpdir(), 'iommufd-run-')), 'tape.jsonl');
    const program = `import * as p from ${JSON.stringify(PRELUDE)};
      console.log(p.call(p.iommu(), 0x87, 24, 0, 0, 0, 1n).result);`;
    const run = ['--record', tape, '--', 'node', '--input-type=module', '-e', program];
    const given = ['--cap-add', 'CAP_SYS_RESOURCE', '--cap-add', 'sys_rawio'];
    const { status, out, err } = iommufd(...given, ...run);
    expect({ status, out, err }).toEqual({ status: 0, out: '0\n', err: '' });
    const [header = ''] = readFileSync(tape, 'utf8').split('\n');
    expect(JSON.parse(header)).toMatchObject({ privileges: { sysResource: true, rawIo: true } });
  });

  // An ordinary user cannot open what a process has mapped: memory without a file is reached through those that map it.
  test('keeps shared memory while any process maps it, for an ordinary user', () => {
    const program = `import * as p from ${JSON.stringify(PRELUDE)};
      const { c, at, addressOf, testCmd } = p;
      const [IOVA, PAGE] = [1 << 24, 4096];
      const fd = p.iommu();
      const ioas = p.ioasAlloc(fd);
      p.mockDomain(fd, ioas);
      const place = p.memory(2 * PAGE, p.MAP_SHARED);
      const access = testCmd(fd, 5, ioas).bytes.readUInt32LE(16);
      const bytes = Buffer.alloc(PAGE);
      const rw = (iova, flags) => testCmd(fd, 8, access, iova, 4, addressOf(bytes), flags).result;
      const write = (iova, text) => (bytes.write(text), rw(iova, 1));
      const shown = (page) => at(place + page * PAGE, 4).toString();
      const statuses = [
        p.inChild(() => p.ioasMap(fd, ioas, place, PAGE, IOVA)),
        p.inChild(() => p.ioasMap(fd, ioas, place + PAGE, PAGE, IOVA + PAGE) || c.munmap(place, 2 * PAGE)),
      ];
      write(IOVA, 'ends');
      write(IOVA + PAGE, 'goes');
      const seen = [shown(0), shown(1)];
      c.munmap(place, 2 * PAGE);
      write(IOVA, 'last');
      const kept = [0, 1].map((page) => (rw(IOVA + page * PAGE, 0), bytes.toString('latin1', 0, 4)));
      p.report({ statuses, seen, kept });`;
    const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const args = [BIN, 'run', '--mock', '--', process.execPath, '--input-type=module', '-e', program];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', ...user });
    expect({ out: stdout, err: stderr }).toEqual({
      out: '{"statuses":[0,0],"seen":["ends","goes"],"kept":["last","goes"]}\n',
      err: '',
    });
  });

  test('prints its help, by examples', async () => {
    const [written, complaints]: [string[], string[]] = [[], []];
    const io = {
      colour: false,
      write: (text: string) => void written.push(text),
      complain: (line: string) => void complaints.push(line),
    };
    expect(await runNative(['--help'], io)).toEqual({ status: 0 });
    expect(written.join('')).toContain('iommufd run --mock -- ./my-test');
    expect(complaints).toEqual([]);
  });
});
