import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FakeKernel, mockModule } from '@iommufd/fakekernel';
import { type AnsweredCall, describeCall, runProgram } from './index.js';
import { runScript, TestProgram } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

const kernelWithMock = (): FakeKernel => new FakeKernel([mockModule]);

describe('runProgram()', () => {
  test('runs a program that opens /dev/iommu, maps memory, and leaves nothing at its end', async () => {
    const kernel = kernelWithMock();
    const result = await runScript(
      kernel,
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const { result, device } = mockDomain(fd, ioas);
       const address = memory(1 << 20);
       const mapped = ioasMap(fd, ioas, address, 1 << 20, 1 << 24);
       const again = ioasMap(fd, ioas, address, 1 << 20, 1 << 24);
       const nowhere = ioasMap(fd, ioas, 4096, 4096, 1 << 25);
       const unmapped = ioasUnmap(fd, ioas, 1 << 24, 1 << 20);
       report({ fd, ioas, result, device, mapped, again, nowhere, unmapped, bad: destroy(fd, 99) });`,
    );
    expect(result).toEqual({
      fd: 512,
      ioas: 1,
      result: 0,
      device: 2,
      mapped: 0,
      again: -17,
      nowhere: -14,
      unmapped: 0,
      bad: -2,
    });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('gives the program its environment, directory, standard files and arguments', async () => {
    const program = await runProgram(
      kernelWithMock(),
      'sh',
      ['-c', 'echo "$0 $1 $NAME $(pwd)"; exit 3', 'a', 'b c'],
      {
        env: { NAME: 'value', PATH: process.env['PATH'] },
        cwd: '/usr',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const chunks = await program.stdout?.toArray();
    expect(String(chunks?.[0])).toBe('a b c value /usr\n');
    expect(await program.exited).toEqual({ code: 3, signal: null });
  });

  test('passes only the standard files to the program, and default signal dispositions, as a shell does', async () => {
    const result = await runScript(
      kernelWithMock(),
      `const { readFileSync, readdirSync, readlinkSync } = await import('node:fs');
       const status = readFileSync('/proc/self/status', 'latin1');
       const files = readdirSync('/proc/self/fd').filter((fd) => fd > 2).map((fd) => { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return ''; } });
       report({ sockets: files.filter((name) => name.startsWith('socket:') || name.includes('seccomp')).length, filters: /Seccomp_filters:\\t1/.test(status), privileges: /NoNewPrivs:\\t1/.test(status) });`,
    );
    expect(result).toEqual({ sockets: 0, filters: true, privileges: true });
  });

  test('answers processes that outlive the program, and resolves allExited when they have ended', async () => {
    // Its standard input is closed when the program has ended.
    const body = 'exec 3<&0; (cat <&3; ls -d /etc) & exit 4';
    const run = await runProgram(kernelWithMock(), 'sh', ['-c', body], { stdio: 'pipe' });
    expect(await run.exited).toEqual({ code: 4, signal: null });
    const chunks = await run.stdout?.toArray();
    expect(Buffer.concat(chunks as Buffer[]).toString()).toBe('/etc\n');
    await run.allExited;
  });

  test('resolves allExited when the files of the last process are closed, which it closes after its memory is unmapped', async () => {
    const kernel = kernelWithMock();
    const program = await TestProgram.start(
      kernel,
      `const POPULATE_WRITE = 23;
       const fd = iommu();
       if (fork() === 0) {
         const large = memory(1 << 28);
         c.madvise(large, 1 << 28, POPULATE_WRITE);
         c.exit(ioasAlloc(fd));
       }
       report(0);`,
    );
    expect(await program.result()).toBe(0);
    await program.run.allExited;
    expect(kernel.leftOver()).toEqual([]);
  });

  test('returns the signal that ended the program, and kills it when the AbortSignal is aborted', async () => {
    const killed = await runProgram(kernelWithMock(), 'sh', ['-c', 'kill -TERM $$']);
    expect(await killed.exited).toEqual({ code: null, signal: 'SIGTERM' });
    const abort = new AbortController();
    const aborted = await runProgram(kernelWithMock(), 'sleep', ['1000'], { signal: abort.signal });
    abort.abort();
    expect(await aborted.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test.each([
    ['no-such-program', 127],
    ['/no/such/program', 127],
    ['/etc/passwd', 126],
    ['/', 126],
  ])('throws LaunchError for %s with status %i', async (program, status) => {
    const before = readdirSync('/proc/self/fd').length;
    await expect(runProgram(kernelWithMock(), program)).rejects.toMatchObject({
      name: 'LaunchError',
      status,
    });
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });

  test('passes each answered call to onCall, which describeCall() describes', async () => {
    const calls: AnsweredCall[] = [];
    await runScript(kernelWithMock(), 'const fd = iommu(); ioasAlloc(fd); destroy(fd, 7); report(0);', {
      onCall: (call) => calls.push(call),
    });
    const ioctls = calls.filter(({ name }) => name === 'ioctl').map(describeCall);
    expect(ioctls.map(({ call, result }) => `${call} = ${result}`)).toEqual([
      'ioctl(512, IOMMU_IOAS_ALLOC, {size=12, flags=0}) = 0 {out_ioas_id=1}',
      'ioctl(512, IOMMU_DESTROY, {size=8, id=7}) = -1 ENOENT (No object has this id)',
    ]);
  });

  test('prints a notice when a program uses a feature that is not supported', async () => {
    const notices: string[] = [];
    const hasRing = await runScript(
      kernelWithMock(),
      `const fd = iommu();
       const { file } = eventQueue(fd);
       const ring = c.syscall(425, 1, addressOf(Buffer.alloc(128)), 0, 0);
       ioasAlloc(fd);
       c.dup2(file, 100);
       c.dup2(fd, 101);
       c.dup2(1, 102);
       c.seccomp(${process.arch === 'arm64' ? 277 : 317}, 1, 8, Buffer.alloc(128));
       report(ring > 0);`,
      { onNotice: (what) => notices.push(what) },
    );
    expect(notices.map((what) => /io_uring|dup2\(\).* number \d+|listener/.exec(what)?.[0])).toEqual([
      // An administrator may have forbidden it.
      ...(hasRing === true ? ['io_uring'] : []),
      'dup2() gives a file of iommufd number 100',
      'listener',
    ]);
  });

  test('prints no notice of io_uring without a queue, nor of a seccomp listener that is only probed', async () => {
    const notices: string[] = [];
    const program = await TestProgram.start(
      kernelWithMock(),
      `// Without room for its parameters it fails.
       c.syscall(425, 1, 0, 0, 0);
       c.seccomp(${process.arch === 'arm64' ? 277 : 317}, 1, 8, null);
       const fd = iommu();
       meet('before');
       eventQueue(fd);
       meet('failed');
       const ring = c.syscall(425, 1, addressOf(Buffer.alloc(128)), 0, 0);
       ioasAlloc(fd);
       report(ring > 0);`,
      { onNotice: (what) => notices.push(what) },
    );
    await program.meet('before');
    expect(notices).toEqual([]);
    program.goOn();
    await program.meet('failed');
    expect(notices).toEqual([]);
    program.goOn();
    const hasRing = await program.result();
    expect(notices).toEqual(hasRing === true ? [expect.stringContaining('io_uring')] : []);
  });

  test('describes the call that created an object which is left over', async () => {
    const kernel = kernelWithMock();
    const program = await TestProgram.start(kernel, 'const fd = iommu(); ioasAlloc(fd); meet("open");');
    await program.meet('open');
    const node = process.execPath;
    const call = 'IOMMU_IOAS_ALLOC, {size=12, flags=0}';
    expect(kernel.leftOver()).toEqual([
      'a process with open files: 1',
      `an open /dev/iommu with ioas 1 (1 users, made by ${node}, thread ${program.run.pid}: ${call})`,
    ]);
    program.goOn();
    await program.exit();
    expect(kernel.leftOver()).toEqual([]);
  });

  test.each([
    ['as this user', {}],
    ...(process.getuid?.() === 0 ? [['as another user', { uid: 65534, gid: 65534 }] as const] : []),
  ])('runs programs %s, with their own privileges', async (_name, options) => {
    const result = await runScript(
      kernelWithMock(),
      `const { readFileSync } = await import('node:fs');
       const fd = iommu();
       const ioas = ioasAlloc(fd);
       mockDomain(fd, ioas);
       const limit = Buffer.alloc(128);
       limit.writeBigUInt64LE(65536n, 0);
       limit.writeBigUInt64LE(65536n, 8);
       c.setrlimit(8, limit);
       const place = memory(1 << 20);
       const isFree = (parseInt(/CapEff:\\t(\\w+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1], 16) & (1 << 14)) !== 0;
       report({ isFree, below: ioasMap(fd, ioas, place, 65536, 1 << 24), beyond: ioasMap(fd, ioas, place + 65536, 65536, 1 << 25), pinned: Number(/VmPin:\\t([ \\d]{8}) kB/.exec(readFileSync('/proc/' + process.pid + '/status', 'latin1'))[1]) });`,
      options,
    );
    const { isFree } = result as { readonly isFree: boolean };
    expect(result).toEqual({ isFree, below: 0, beyond: isFree ? 0 : -12, pinned: isFree ? 128 : 64 });
  });
});
