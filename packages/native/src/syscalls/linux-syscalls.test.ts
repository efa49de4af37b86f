/**
 * LinuxSyscalls on the machine's own kernel: memory, memfds, pipes. Tests that need `/dev/iommu` are in `sdk-suite.test.ts`.
 * @process own
 */

import { spawnSync } from 'node:child_process';
import { closeSync, readFileSync, readSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { errno, POLLIN, POLLNVAL, POLLOUT } from '@iommufd/uapi';
import koffi from 'koffi';
import { LinuxSyscalls } from './linux-syscalls.js';

const sys = new LinuxSyscalls();
const PAGE = 4096;
const [ANONYMOUS, NORESERVE, FIXED] = [0x22, 0x4000, 0x10];
const map = (length: number, flags = ANONYMOUS): bigint => sys.mmap(0n, length, 3, flags, -1, 0n);

/** Creates a pipe. @returns the read end and the write end */
function pipe(): [number, number] {
  const ends = Buffer.alloc(128);
  koffi.load(null).func('int pipe(void *)')(ends);
  return [ends.readInt32LE(0), ends.readInt32LE(4)];
}

/** The permissions of this process's mapping at an address; undefined if nothing is mapped there. */
function mappedAt(address: bigint): string | undefined {
  for (const line of readFileSync('/proc/self/maps', 'latin1').split('\n')) {
    const [, start = '0', end = '0', mode] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
    if (address >= BigInt(`0x${start}`) && address < BigInt(`0x${end}`)) return mode;
  }
  return undefined;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects garbage until a condition is true. */
async function collected(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !isDone(); i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('failed calls return negative errnos', () => {
  expect(sys.open('/no/such/node')).toBe(-errno.ENOENT);
  expect(sys.open('/proc/self')).toBe(-errno.EISDIR);
  expect(sys.ioctl(-1, 0x3b80, 2n ** 64n - 1n)).toBe(-errno.EBADF);
  expect(sys.close(-1)).toBe(-errno.EBADF);
  expect(sys.dup(-1)).toBe(-errno.EBADF);
  expect(sys.read(-1, 0n, 1)).toBe(-errno.EBADF);
  expect(sys.write(-1, 2n ** 63n, 1)).toBe(-errno.EBADF);
  expect(sys.mmap(0n, 0, 3, ANONYMOUS, -1, 0n)).toBe(BigInt(-errno.EINVAL));
  expect(sys.munmap(1n, PAGE)).toBe(-errno.EINVAL);
  expect(sys.memfd(-1)).toBe(-errno.EINVAL);
});

describe('memory', () => {
  test('has the same bytes in a view, in system calls and in another mapping', () => {
    const fd = sys.memfd(2 * PAGE);
    const [a, b] = [sys.mmap(0n, 2 * PAGE, 3, 1, fd, 0n), sys.mmap(0n, PAGE, 3, 1, fd, BigInt(PAGE))];
    const [read, write] = pipe();
    sys.memory(a + BigInt(PAGE), 5).set(Buffer.from('hello'));
    expect(sys.write(write, b, 5)).toBe(5);
    expect(sys.read(read, a + 100n, 64)).toBe(5);
    expect(Buffer.from(sys.memory(a + 100n, 5)).toString()).toBe('hello');
    expect(sys.memory(a, 1).buffer).toBe(sys.memory(a + 4000n, 200).buffer);
    for (const end of [read, write, fd]) expect(sys.close(end)).toBe(0);
    for (const place of [a, b]) expect(sys.munmap(place, PAGE)).toBe(0);
  });

  test('of more than 4 GiB can be viewed in parts', () => {
    const size = 6 * 2 ** 30;
    const start = map(size, ANONYMOUS | NORESERVE);
    for (const at of [0, 2 ** 31 - 8, 2 ** 32 - 8, size - 16]) {
      sys.memory(start + BigInt(at), 16).fill(at % 251);
      expect([...sys.memory(start + BigInt(at), 16)]).toEqual(Array<number>(16).fill(at % 251));
    }
    expect(sys.memory(start + BigInt(PAGE), 2 ** 32 - PAGE)).toHaveLength(2 ** 32 - PAGE);
    expect(() => sys.memory(start, size)).toThrow(/a view cannot be longer than 4 GiB/);
    expect(sys.munmap(start, size)).toBe(0);
  });

  test('that is not mapped fails with RangeError', () => {
    const start = map(PAGE);
    expect(() => sys.memory(start, PAGE + 1)).toThrow(RangeError);
    expect(() => sys.memory(0n, 1)).toThrow(/0x0: no mapping of these system calls contains 1 bytes/);
    expect(() => sys.memory(start, 0.5)).toThrow(RangeError);
    sys.munmap(start, PAGE);
    expect(() => sys.memory(start, 1)).toThrow(RangeError);
  });

  test('is unmapped at once without views, and after the collection of its views otherwise', async () => {
    const unseen = map(PAGE);
    sys.munmap(unseen, PAGE);
    const place = map(3 * PAGE);
    let view: Uint8Array | undefined = sys.memory(place, 3 * PAGE).fill(7);
    expect(sys.munmap(place + BigInt(PAGE), PAGE)).toBe(0);
    // The view remains valid: the unmapped part is zero, and writes to it have no effect on other memory.
    expect([view[0], view[PAGE], view[2 * PAGE]]).toEqual([7, 0, 7]);
    view[PAGE] = 1;
    expect([...sys.memory(place, 1), ...sys.memory(place + BigInt(2 * PAGE), 1)]).toEqual([7, 7]);
    expect(() => sys.memory(place, 2 * PAGE)).toThrow(RangeError);
    expect(sys.munmap(place, 3 * PAGE)).toBe(0);
    expect([...view.subarray(0, 1)]).toEqual([0]);
    expect(mappedAt(place)).toBe('rw-p');
    view = undefined;
    await collected(() => mappedAt(place) === undefined);
    expect(mappedAt(place)).toBeUndefined();
  });

  test('that replaces memory of an old view stays mapped when the view is collected', async () => {
    const place = map(PAGE);
    let view: Uint8Array | undefined = sys.memory(place, PAGE);
    sys.munmap(place, PAGE);
    expect(sys.mmap(place, PAGE, 1, ANONYMOUS | FIXED, -1, 0n)).toBe(place);
    let isGone = false;
    const registry = new FinalizationRegistry(() => (isGone = true));
    registry.register(view.buffer, 0);
    view = undefined;
    await collected(() => isGone);
    expect({ isGone, mode: mappedAt(place) }).toEqual({ isGone: true, mode: 'r--p' });
    sys.munmap(place, PAGE);
  });
});

describe('waiting', () => {
  const entry = (fd: number, events: number) => ({ fd, events, revents: 0 });

  test('does not block the event loop, and ends when a file is ready', async () => {
    const [read, write] = pipe();
    const fds = [entry(read, POLLIN)];
    const other = [entry(read, POLLIN), entry(write, 0)];
    const waits = [sys.wait(fds), sys.wait(other)];
    setImmediate(() => writeSync(write, 'x'));
    expect(await Promise.all(waits)).toEqual([1, 1]);
    expect([fds[0]?.revents, other[0]?.revents]).toEqual([POLLIN, POLLIN]);
    // A wait for POLLOUT that ends does not end waits for POLLIN.
    readSync(read, Buffer.alloc(1));
    const again = sys.wait([entry(read, POLLIN)]);
    expect(await sys.wait([entry(read, POLLIN), entry(write, POLLOUT)])).toBe(1);
    closeSync(write);
    expect(await again).toBe(1);
    closeSync(read);
  });

  test('ends at its signal and its timeout, and at once if either is already over', async () => {
    const [read, write] = pipe();
    const controller = new AbortController();
    const aborted = sys.wait([entry(read, POLLIN)], { signal: controller.signal });
    controller.abort();
    expect(await aborted).toBe(0);
    expect(await sys.wait([entry(read, POLLIN)], { signal: controller.signal })).toBe(0);
    expect(await sys.wait([entry(read, POLLIN)], { timeout: 1 })).toBe(0);
    expect(await sys.wait([entry(read, POLLIN)], { timeout: 0 })).toBe(0);
    expect(await sys.wait([], { timeout: 1 })).toBe(0);
    for (const end of [read, write]) closeSync(end);
  });

  test('works with files that epoll does not support', async () => {
    const fd = sys.memfd(PAGE);
    const ready = [entry(fd, POLLIN)];
    expect(await sys.wait(ready)).toBe(1);
    expect(ready[0]?.revents).toBe(POLLIN);
    expect(await sys.wait([entry(fd, 0)], { timeout: 1 })).toBe(0);
    const [read, write] = pipe();
    const mixed = sys.wait([entry(fd, 0), entry(read, POLLIN)]);
    writeSync(write, 'x');
    expect(await mixed).toBe(1);
    for (const end of [read, write, fd]) closeSync(end);
  });

  test('ends when the file is closed', async () => {
    const [read, write] = pipe();
    const fds = [entry(read, POLLIN)];
    const wait = sys.wait(fds);
    expect(sys.close(read)).toBe(0);
    expect(await wait).toBe(1);
    expect(fds[0]?.revents).toBe(POLLNVAL);
    closeSync(write);
  });

  test.each([
    ['keeps the program running', 'true', true],
    ['does not keep it running with ref: false', 'false', false],
  ])('%s', (_name, ref, isKept) => {
    // A timer with unref() fires only if the wait keeps the program running. Without it nothing is written: a slow program would still be
    // ending when the timer fires.
    const source = `import { LinuxSyscalls } from './src/index.ts';
      import { writeSync } from 'node:fs';
      import koffi from 'koffi';
      const ends = Buffer.alloc(128);
      koffi.load(null).func('int pipe(void *)')(ends);
      if (${ref}) setTimeout(() => writeSync(ends.readInt32LE(4), 'x'), 20).unref();
      process.on('exit', () => console.log('over'));
      const fds = [{ fd: ends.readInt32LE(0), events: 1, revents: 0 }];
      new LinuxSyscalls().wait(fds, { ref: ${ref} }).then((ready) => console.log('ready', ready));`;
    const { stdout } = spawnSync(
      process.execPath,
      [
        '--conditions=iommufd-source',
        '--import',
        import.meta.resolve('tsx'),
        '--input-type=module',
        '-e',
        source,
      ],
      // A wait that keeps the program running although nothing is written would never end.
      { encoding: 'utf8', cwd: fileURLToPath(new URL('../..', import.meta.url)), timeout: 600_000 },
    );
    expect(stdout).toBe(isKept ? 'ready 1\nover\n' : 'over\n');
  });
});
