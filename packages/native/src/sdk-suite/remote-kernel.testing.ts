/**
 * Replaces `@iommufd/fakekernel` when the SDK's tests run as a native program. The kernel and its devices are in the process that
 * answers the program, and `spawn()` returns the program's own system calls, {@link LinuxSyscalls}.
 */

import { accessSync, readdirSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { errno, IOMMU_IOAS_ALLOC } from '@iommufd/uapi';
import { LinuxSyscalls } from '../syscalls/linux-syscalls.js';
import { type Answer, fromWire, type Request, toWire } from './wire.testing.js';

const SOCKET = 3;
const handles = new WeakMap<object, number>();

/** Sends a request, and waits for the response. */
function ask(request: Request): Answer {
  writeSync(SOCKET, `${JSON.stringify(request)}\n`);
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(65536);
    const length = readSync(SOCKET, chunk);
    chunks.push(chunk.subarray(0, length));
    if (length === 0 || chunk[length - 1] === 0x0a)
      return JSON.parse(Buffer.concat(chunks).toString()) as Answer;
  }
}

/** An access that was aborted. */
export class DmaFault extends Error {}
class OtherError extends Error {}
const ERRORS: Readonly<Record<string, new (message: string) => Error>> = { DmaFault, RangeError, TypeError };

/** The value of a response, or a promise of it. @throws the error of the other process */
function valueOf(answer: Answer, owner: number, path: readonly string[]): unknown {
  if ('later' in answer) return later(answer.later);
  if ('error' in answer) {
    const { name, message, fields } = answer.error;
    throw Object.assign(new (ERRORS[name] ?? OtherError)(message), { name }, fromWire(fields, remote));
  }
  return fromWire(answer.value, (handle) =>
    handle === undefined ? (...args: unknown[]) => call(owner, path, args) : remote(handle),
  );
}

async function later(promise: number): Promise<unknown> {
  for (;;) {
    const answer = ask({ what: 'done', on: promise });
    if (!('later' in answer)) return valueOf(answer, 0, []);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const handleOf = (object: object): number | undefined => handles.get(object);
const call = (on: number, path: readonly string[], args: readonly unknown[]): unknown =>
  valueOf(ask({ what: 'call', on, path, args: toWire(args, handleOf) }), on, path);

/** A proxy of an object of the other process. Objects inside it are accessed by their path. */
function remote(handle: number | undefined, own: object = {}): object {
  const number = handle ?? -1;
  const proxy = new Proxy(own, {
    get: (target, name) => {
      if (typeof name === 'symbol' || name === 'then' || name in target) return Reflect.get(target, name);
      return valueOf(ask({ what: 'get', on: number, path: [name] }), number, [name]);
    },
  });
  handles.set(proxy, number);
  return proxy;
}

/** When these calls return, the other process has also closed and unmapped what the program has closed and unmapped before. */
function settle(): void {
  const sys = new LinuxSyscalls();
  const fd = sys.open('/dev/iommu');
  sys.ioctl(fd, IOMMU_IOAS_ALLOC.request, 0n);
  sys.close(fd);
  accessSync('/dev/iommu');
}

/** True if a descriptor is a file of the fake kernel. */
function isOwn(fd: string): boolean {
  try {
    return /^(?:\/dev\/(?:iommu|vfio\/)|anon_inode:\[iommufd)/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return false;
  }
}

/** The program as a process of the test: its end closes what it has opened and unmaps what it has mapped. */
export class Process extends LinuxSyscalls {
  static readonly all = new Set<Process>();
  private readonly fds = new Set<number>();
  private readonly mapped = new Map<bigint, number>();
  readonly files = {
    /** Counts files of the fake kernel, as the kernel does. */
    openCount: 0,
  };

  constructor() {
    super();
    Process.all.add(this);
    Object.defineProperty(this.files, 'openCount', {
      get: () => readdirSync('/proc/self/fd').filter(isOwn).length,
    });
  }

  private opened(fd: number): number {
    if (fd >= 0) this.fds.add(fd);
    return fd;
  }

  override open(path: string): number {
    return this.opened(super.open(path));
  }

  override dup(fd: number): number {
    return this.opened(super.dup(fd));
  }

  override memfd(size: number): number {
    return this.opened(super.memfd(size));
  }

  /** Descriptors below 512 that it has not opened are Node's. */
  override close(fd: number): number {
    if (fd < 512 && !this.fds.has(fd)) return -errno.EBADF;
    this.fds.delete(fd);
    return super.close(fd);
  }

  override mmap(
    address: bigint,
    length: number,
    prot: number,
    flags: number,
    fd: number,
    offset: bigint,
  ): bigint {
    const start = super.mmap(address, length, prot, flags, fd, offset);
    if (start > 0n) this.mapped.set(start, length);
    return start;
  }

  override munmap(address: bigint, length: number): number {
    this.mapped.delete(address);
    return super.munmap(address, length);
  }

  exit(): void {
    Process.all.delete(this);
    for (const [start, length] of [...this.mapped]) this.munmap(start, length);
    for (const fd of [...this.fds]) this.close(fd);
  }
}

/** The kernel that answers this program. */
export class FakeKernel {
  constructor() {
    // All tests use one kernel, which is reset for each test.
    for (const process of Process.all) process.exit();
    const sys = new LinuxSyscalls();
    for (const fd of readdirSync('/proc/self/fd')) if (isOwn(fd)) sys.close(Number(fd));
    settle();
    ask({ what: 'reset', on: 0 });
    return remote(0, {
      spawn: () => new Process(),
      leftOver: () => {
        settle();
        return call(0, ['leftOver'], []);
      },
      unplug: (device: unknown) => {
        settle();
        return call(0, ['unplug'], [device]);
      },
    }) as FakeKernel;
  }
}

/** A device. */
export class MockDevice {
  constructor(...args: unknown[]) {
    const answer = ask({ what: 'make', on: 'MockDevice', args: toWire(args, handleOf) });
    return valueOf(answer, 0, []) as MockDevice;
  }
}

/** The kernel that answers this program has no SMMUv3. */
export class FakeSmmuv3 {
  constructor() {
    throw new OtherError('there is no SMMUv3 in the kernel that answers this program');
  }
}

export const smmuv3Config = {};

export const mockModule = {};
