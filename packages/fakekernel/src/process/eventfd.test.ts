import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  EFD_SEMAPHORE,
  errno,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  POLLERR,
  POLLIN,
  POLLOUT,
  PROT_READ,
  PROT_WRITE,
} from '@iommufd/uapi';
import { fail } from '../errno.js';
import { FakeKernel, type Process } from '../index.js';
import { eventfdContextOf } from './eventfd.js';

const MAX = 2n ** 64n - 1n;

let process: Process;
let at: bigint;

beforeEach(() => {
  process = new FakeKernel().spawn();
  at = process.mmap(0n, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0n);
});

const open = (init = 0, flags = EFD_NONBLOCK): number => process.eventfd(init, flags);

/** Reads the counter. @returns its value, or the negative errno */
function read(fd: number): bigint | number {
  const count = process.read(fd, at, 8);
  if (count !== 8) return count;
  const { buffer, byteOffset } = process.memory(at, 8);
  return new DataView(buffer, byteOffset).getBigUint64(0, true);
}

function write(fd: number, value: bigint): number {
  const { buffer, byteOffset } = process.memory(at, 8);
  new DataView(buffer, byteOffset).setBigUint64(0, value, true);
  return process.write(fd, at, 8);
}

function poll(fd: number): number {
  const entry = { fd, events: POLLIN | POLLOUT, revents: 0 };
  process.poll([entry]);
  return entry.revents;
}

describe('the counter', () => {
  test('is reset to zero by a read', () => {
    const fd = open(5);
    expect([write(fd, 7n), read(fd), read(fd)]).toEqual([8, 12n, -errno.EAGAIN]);
  });

  test('has an initial value of 32 bits', () => {
    expect(read(open(0xffff_ffff))).toBe(0xffff_ffffn);
  });

  test('of a semaphore is decremented by a read', () => {
    const fd = open(2, EFD_NONBLOCK | EFD_SEMAPHORE);
    expect([read(fd), read(fd), read(fd)]).toEqual([1n, 1n, -errno.EAGAIN]);
  });

  test('reaches at most 2^64-2 by writes', () => {
    const fd = open(1);
    expect([write(fd, MAX), write(fd, MAX - 1n)]).toEqual([-errno.EINVAL, -errno.EAGAIN]);
    expect([write(fd, MAX - 2n), write(fd, 1n), write(fd, 0n)]).toEqual([8, -errno.EAGAIN, 8]);
    expect(read(fd)).toBe(MAX - 1n);
  });

  test('reaches 2^64-1 by signals of the kernel, and stays there', () => {
    const fd = open();
    write(fd, MAX - 1n);
    const context = eventfdContextOf(process.files, fd);
    expect(poll(fd)).toBe(POLLIN);
    context.signal();
    context.signal();
    expect(poll(fd)).toBe(POLLIN | POLLERR);
    expect(read(fd)).toBe(MAX);
    expect(poll(fd)).toBe(POLLOUT);
  });

  test('is reset even if the read fails with EFAULT', () => {
    const fd = open(3);
    expect([process.read(fd, 4096n, 8), read(fd)]).toEqual([-errno.EFAULT, -errno.EAGAIN]);
  });
});

test('reads need a buffer of at least 8 bytes, writes of exactly 8', () => {
  const fd = open(1);
  expect([process.read(fd, at, 7), process.read(fd, at, 100)]).toEqual([-errno.EINVAL, 8]);
  expect([process.write(fd, at, 7), process.write(fd, at, 9)]).toEqual([-errno.EINVAL, -errno.EINVAL]);
  expect(process.write(fd, 4096n, 8)).toBe(-errno.EFAULT);
  expect(process.pread(fd, at, 8, 0n)).toBe(-errno.ESPIPE);
});

test('an unknown flag fails with EINVAL, and EFD_CLOEXEC closes it at an exec', () => {
  expect(open(0, 2)).toBe(-errno.EINVAL);
  const [stays, goes] = [open(0, 0), open(0, EFD_CLOEXEC)];
  process.exec();
  expect([process.close(stays), process.close(goes)]).toEqual([0, -errno.EBADF]);
});

test('a call that would block throws an Error without EFD_NONBLOCK', () => {
  const fd = open(0, 0);
  expect(() => process.read(fd, at, 8)).toThrow('read() of an eventfd would block forever');
  write(fd, MAX - 1n);
  expect(() => write(fd, 1n)).toThrow('write() of an eventfd would block forever');
});

describe('poll', () => {
  test('reports what can be read and written', () => {
    const fd = open();
    expect(poll(fd)).toBe(POLLOUT);
    write(fd, 1n);
    expect(poll(fd)).toBe(POLLIN | POLLOUT);
  });

  test('wakes up for a write, a signal and a read', async () => {
    const fd = open();
    const readable = (): Promise<number> => process.wait([{ fd, events: POLLIN, revents: 0 }]);
    const first = readable();
    write(fd, 1n);
    expect(await first).toBe(1);
    read(fd);
    const second = readable();
    eventfdContextOf(process.files, fd).signal();
    expect(await second).toBe(1);
    write(fd, MAX - 2n);
    const writable = process.wait([{ fd, events: POLLOUT, revents: 0 }]);
    read(fd);
    expect(await writable).toBe(1);
  });
});

describe('inside the kernel', () => {
  test('only the descriptor of an eventfd has a context', () => {
    expect(() => eventfdContextOf(process.files, 99)).toThrow(expect.objectContaining(fail('EBADF')));
    const other = process.open('/dev/iommu');
    expect(() => eventfdContextOf(process.files, other)).toThrow(expect.objectContaining(fail('EINVAL')));
  });

  test('a watcher is called for writes, signals and the close, until it is removed', () => {
    const fd = open();
    const context = eventfdContextOf(process.files, fd);
    const heard: string[] = [];
    const watcher = {
      signalled: () => void heard.push('signalled'),
      closed: () => void heard.push('closed'),
    };
    const leave = context.watch(watcher);
    write(fd, 1n);
    context.signal();
    process.close(process.dup(fd));
    expect(heard).toEqual(['signalled', 'signalled']);
    context.take();
    expect(context.isSignalled).toBe(false);
    leave();
    context.signal();
    context.watch(watcher);
    process.close(fd);
    expect(heard).toEqual(['signalled', 'signalled', 'closed']);
  });

  test('a signal after the close has no effect, and is not an error', () => {
    const fd = open();
    const context = eventfdContextOf(process.files, fd);
    process.close(fd);
    context.signal();
    context.put();
  });
});
