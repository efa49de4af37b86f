import { readdirSync } from 'node:fs';
import { Session } from 'node:inspector';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FakeKernel, MockDevice, mockModule } from '@iommufd/fakekernel';
import koffi from 'koffi';
import { runScript, TestProgram } from './programs/program.testing.js';

afterEach(() => TestProgram.killAll());

/** The number of repetitions. `ROBUST=long` repeats for minutes. */
const [FORKS, KILLS, CALLS_OF_THREAD] =
  process.env['ROBUST'] === 'long' ? [1000, 500, 5000] : [100, 100, 250];

/** The open descriptors of this process. */
const openHere = (): number => readdirSync('/proc/self/fd').length;

/** Runs a program, and checks that no object is left over. @returns its result */
async function run(body: string): Promise<unknown> {
  const kernel = new FakeKernel([mockModule]);
  kernel.plug(new MockDevice());
  const before = openHere();
  const result = await runScript(kernel, body);
  expect(kernel.leftOver()).toEqual([]);
  expect(openHere()).toBe(before);
  return result;
}

describe('calls of a program', () => {
  // Without SA_RESTART, a signal before the fake kernel has received the call makes it fail with EINTR, without effect. This includes
  // munmap(), after which V8 would crash: so the signal is only sent to this thread, and only during these calls.
  test.each([
    ['with SA_RESTART', 0x10000000, 10000],
    ['without', 0, 2000],
  ])('are executed exactly once while signals arrive, %s', async (_name, restart, calls) => {
    const result = await run(
      `const [SIGALRM, SIGEV_THREAD_ID, CLOCK_MONOTONIC, SIG_BLOCK, SIG_UNBLOCK] = [14, 4, 1, 0, 1];
       process.on('SIGALRM', () => {});
       // struct sigaction of libc: libuv's, with or without SA_RESTART.
       const action = Buffer.alloc(256);
       c.sigaction(SIGALRM, null, action);
       action.writeInt32LE((action.readInt32LE(136) & ~0x10000000) | ${restart}, 136);
       c.sigaction(SIGALRM, action, null);
       const alarm = Buffer.alloc(128);
       alarm.writeBigUInt64LE(1n << BigInt(SIGALRM - 1), 0);
       c.pthread_sigmask(SIG_BLOCK, alarm, null);
       const event = Buffer.alloc(64);
       event.writeInt32LE(SIGALRM, 8);
       event.writeInt32LE(SIGEV_THREAD_ID, 12);
       event.writeInt32LE(c.getpid(), 16);
       const timer = Buffer.alloc(8);
       c.timer_create(CLOCK_MONOTONIC, event, timer);
       const interval = Buffer.alloc(32);
       interval.writeBigInt64LE(1000000n, 8);
       interval.writeBigInt64LE(1000000n, 24);
       c.timer_settime(timer.readBigInt64LE(0), 0, interval, null);
       const fd = iommu();
       const bytes = struct(12, 0, 0);
       let [wrong, id] = [0, 0];
       while (id < ${calls}) {
         c.pthread_sigmask(SIG_UNBLOCK, alarm, null);
         const result = c.ioctl(fd, 0x3b81, bytes);
         c.pthread_sigmask(SIG_BLOCK, alarm, null);
         if (result === -4 && ${restart} === 0) continue;
         if (result !== 0 || bytes.readUInt32LE(8) !== ++id) wrong++;
       }
       report({ wrong, next: ioasAlloc(fd) });
       process.exit(0);`,
    );
    expect(result).toEqual({ wrong: 0, next: calls + 1 });
  });

  // A profiler sends signals to its own process, and so interrupts a test or a VMM.
  test('are answered while signals arrive in the supervisor', async () => {
    const profiler = new Session();
    profiler.connect();
    profiler.post('Profiler.enable');
    profiler.post('Profiler.setSamplingInterval', { interval: 50 });
    profiler.post('Profiler.start');
    try {
      const result = await run(
        `let wrong = 0;
         for (let i = 0; i < 300; i++) {
           const fd = iommu();
           if (fd < 512 || ioasAlloc(fd) !== 1) wrong++;
           c.close(fd);
         }
         report({ wrong });
         process.exit(0);`,
      );
      expect(result).toEqual({ wrong: 0 });
    } finally {
      profiler.disconnect();
    }
  });

  test('of many threads at once are answered to the calling thread', async () => {
    const result = await run(
      `const { Worker } = await import('node:worker_threads');
       const source = \`import('./src/programs/prelude.testing.mjs').then((p) => {
         const { parentPort } = process.getBuiltinModule?.('node:worker_threads') ?? require('node:worker_threads');
         const fd = p.iommu();
         let wrong = 0;
         for (let id = 1; id <= ${CALLS_OF_THREAD}; id++) {
           if (p.ioasAlloc(fd) !== id) wrong++;
           if (p.destroy(fd, id + 1) !== -2) wrong++;
         }
         parentPort.postMessage(wrong);
       })\`;
       const workers = Array.from({ length: 16 }, () => new Worker(source, { eval: true }));
       const wrong = await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
       report(wrong);
       process.exit(0);`,
    );
    expect(result).toEqual(Array<number>(16).fill(0));
  });

  test('of many children leave no object over', async () => {
    const result = await run(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       let wrong = 0;
       for (let i = 0; i < ${FORKS}; i++) {
         const status = inChild(() => {
           const own = iommu();
           const place = memory(8192);
           return ioasAlloc(own) === 1 && ioasMap(fd, ioas, place, 8192, (i + 1) << 20) === 0 ? 0 : 1;
         });
         if (status !== 0) wrong++;
       }
       report({ wrong, next: ioasAlloc(fd) });`,
    );
    expect(result).toEqual({ wrong: 0, next: 2 });
  });

  test('of children that are killed at any moment do not affect others', async () => {
    const result = await run(
      `const fd = iommu();
       const ioas = ioasAlloc(fd);
       const hwpt = mockDomain(fd, ioas).hwpt;
       let wrong = 0;
       let seed = 1;
       for (let i = 0; i < ${KILLS}; i++) {
         const pid = fork();
         if (pid === 0) {
           const place = memory(1 << 16);
           for (;;) {
             ioasMap(fd, ioas, place, 1 << 16, 1 << 28);
             ioasUnmap(fd, ioas, 1 << 28, 1 << 16);
             c.close(iommu());
           }
         }
         seed = (seed * 1103515245 + 12345) % 2 ** 31;
         for (let spin = 0; spin < seed % 40; spin++) if (destroy(fd, 1000) !== -2) wrong++;
         c.kill(pid, 9);
         if (statusOf(pid) !== -9) wrong++;
         const left = ioasUnmap(fd, ioas, 1 << 28, 1 << 16);
         if (left !== 0 && left !== -2) wrong++;
       }
       report({ wrong });`,
    );
    expect(result).toEqual({ wrong: 0 });
  });

  test('fail with EMFILE at the limit of open files, and succeed below it', async () => {
    const result = await run(
      `const limit = Buffer.alloc(128);
       limit.writeBigUInt64LE(600n, 0);
       limit.writeBigUInt64LE(600n, 8);
       c.setrlimit(7, limit);
       const all = [];
       for (let fd = iommu(); fd >= 0; fd = iommu()) all.push(fd);
       const last = iommu();
       const queues = faultQueue(all[0]).result;
       const copy = c.dup(all[0]);
       c.close(all[50]);
       const again = iommu();
       report({ count: all.length, last, queues, copy, again: again === all[50] });`,
    );
    expect(result).toEqual({ count: 88, last: -24, queues: -24, copy: -24, again: true });
  });

  test('fail with ENFILE while the supervisor is at its limit of open files', async () => {
    const limits = koffi.load(null);
    const RLIMIT_NOFILE = 7;
    const get = limits.func('int getrlimit(int, void *)') as (resource: number, into: Buffer) => number;
    const set = limits.func('int setrlimit(int, void *)') as (resource: number, from: Buffer) => number;
    const before = Buffer.alloc(16);
    get(RLIMIT_NOFILE, before);
    const low = Buffer.from(before);
    const kernel = new FakeKernel([mockModule]);
    const program = await TestProgram.start(
      kernel,
      `await meet('start');
       let opened = 0;
       let fd = iommu();
       for (; fd >= 0 && opened < 300; fd = iommu()) opened++;
       report({ some: opened > 0, error: fd });
       await meet('limit');
       report({ again: iommu() > 0 });
       process.exit(0);`,
    );
    await program.meet('start');
    low.writeBigUInt64LE(BigInt(openHere() + 100), 0);
    set(RLIMIT_NOFILE, low);
    try {
      program.goOn();
      expect(await program.next()).toEqual({ some: true, error: -23 });
    } finally {
      set(RLIMIT_NOFILE, before);
    }
    await program.meet('limit');
    program.goOn();
    expect(await program.result()).toEqual({ again: true });
    expect(kernel.leftOver()).toEqual([]);
  });

  test('with any pointer and any length do not break the fake kernel', async () => {
    const result = await run(
      `const fd = iommu();
       const { file } = eventQueue(fd);
       const big = [0n, 1n, 4096n, 2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 47n - 4096n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
       const place = BigInt(memory(4096));
       let calls = 0;
       for (const request of Array.from({ length: 0x22 }, (_, i) => 0x3b80 + i).concat([0x3b64, 0x3b71, 0x3b76, 0x3ba0, 0x3bff]))
         for (const pointer of [...big, place, place + 4092n]) {
           at(place, 4).writeUInt32LE(0xffffffff);
           at(place + 4092n, 4).writeUInt32LE(4096);
           if (typeof c.ioctlAt(fd, request, pointer) === 'number') calls++;
         }
       for (const pointer of big) for (const length of big) { c.readAt(file, pointer, length); calls++; }
       for (const a of big) for (const b of big)
         for (const n of [0x85, 0x86, 0x8f]) { call(fd, n, n === 0x86 ? 24 : 40, ...(n === 0x86 ? [1, a, b] : [7, 1, 0, a, b, 2n ** 30n])); calls++; }
       report({ calls, next: ioasAlloc(fd) > 0 });`,
    );
    expect(result).toEqual({ calls: 39 * 11 + 81 + 243, next: true });
  });
});
