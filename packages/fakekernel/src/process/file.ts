import { fail, invariant } from '../errno.js';
import { constant } from '../lib/restorable.js';
import type { Vma } from './address-space.js';
import type { EventfdContext } from './eventfd.js';
import { AnonymousMemory, type ContentsOfFile, type LocalMemory } from './memory-object.js';
import type { Task } from './task.js';
import { WaitQueue } from './wait-queue.js';

/** The access mode of an open file: `FMODE_READ` and `FMODE_WRITE`. */
export interface AccessMode {
  /** True if it is open for reading. */
  readonly read: boolean;
  /** True if it is open for writing. */
  readonly write: boolean;
}

/** Provides the pages that a file maps, where the programs that map them can access them. */
export interface Mappable {
  /** True if each access of a mapping can be seen, so that registers can be mapped too. */
  readonly seesAccesses: boolean;
  /** @param offset the offset that a program passes to `mmap()` for them @param count number of pages */
  pages(offset: bigint, count: number): LocalMemory;
}

/** Pages in the memory of this program. */
const ownPages = constant<Mappable>('pages of this program', {
  seesAccesses: true,
  pages: (_offset, count) => new AnonymousMemory(count),
});

export const READ_WRITE = constant<AccessMode>('READ_WRITE', { read: true, write: true });

/** `OPEN_FMODE()`: the access mode for the flags of `open()`. `O_ACCMODE` itself allows neither reads nor writes, but ioctls. */
export function accessModeOf(flags: number): AccessMode {
  return { read: ((flags + 1) & 1) !== 0, write: ((flags + 1) & 2) !== 0 };
}

/**
 * An open file: `struct file`. File descriptors hold references to it, and other parts of the kernel may too; it is released with
 * the last reference. If a kind of file lacks an operation, the method is undefined, or fails as Linux does. `process.ts`,
 * `mmap.ts` and `vfs-ioctl.ts` have the system calls that use it.
 */
export abstract class File {
  private references = 1;
  /** Woken when the result of {@link poll} may have changed. */
  readonly waiters = new WaitQueue();
  /** `O_NONBLOCK`, which FIONBIO sets. */
  nonBlocking = false;
  /** The mode in which it was opened. Other reads and writes fail with EBADF, other mappings with EACCES. */
  mode: AccessMode = READ_WRITE;
  /** True if it has the operation (`FMODE_CAN_READ`). If not, EINVAL takes precedence over EFAULT. */
  readonly canRead: boolean = false;
  readonly canWrite: boolean = false;
  /** True if {@link pread} and {@link pwrite} work on it (`FMODE_PREAD`). If not, they fail with ESPIPE. */
  readonly hasPositions: boolean = true;
  /** True if its filesystem does not allow execution (`SB_I_NOEXEC`): mapping it with PROT_EXEC fails with EPERM. */
  readonly isNoexec: boolean = false;
  /** True if it consists of huge pages (`is_file_hugepages()`), which can only be mapped as a whole. */
  readonly isHugetlb: boolean = false;
  /** False if the kernel's version lacks the operation {@link mmap} of its class. */
  readonly canMap: boolean = true;
  /** Target of its link in `/proc/PID/fd`, if it has no path. */
  readonly link: string | undefined = undefined;
  /** Provides the pages for its mappings. */
  mappable: Mappable = ownPages;
  /** The bytes of a regular file. */
  readonly memory: ContentsOfFile | undefined = undefined;

  get(): this {
    invariant(this.references > 0, () => 'a file is used after its release');
    this.references++;
    return this;
  }

  put(): void {
    invariant(this.references > 0, () => 'a file is released twice');
    if (--this.references === 0) this.release();
  }

  /** Called when the last reference is put. */
  protected abstract release(): void;

  ioctl(_process: Task, _request: number, _arg: bigint): number {
    throw fail('ENOTTY');
  }

  read(_process: Task, _address: bigint, _length: number): number {
    throw fail('EINVAL');
  }

  write(_process: Task, _address: bigint, _length: number): number {
    throw fail('EINVAL');
  }

  pread(_process: Task, _address: bigint, _length: number, _position: bigint): number {
    throw fail('EINVAL');
  }

  pwrite(_process: Task, _address: bigint, _length: number, _position: bigint): number {
    throw fail('EINVAL');
  }

  /** The current events, of `POLLIN`, `POLLOUT`, ... A file without this operation is always readable and writable. */
  poll(): number {
    return DEFAULT_POLLMASK;
  }

  /** `eventfd_ctx_fileget()`: a reference to its counter. Only an eventfd has this operation. */
  eventfd?(): EventfdContext;

  /** Creates a mapping of `length` bytes from `offset` on. Without this operation mmap() fails with ENODEV. */
  mmap?(length: number, prot: number, shared: boolean, offset: bigint): Vma;
}

/**
 * A file without a path: `anon_inode_getfile()`. It is a stream, and its filesystem is noexec. iommufd's queues and dma-bufs are
 * such files.
 */
export abstract class AnonymousFile extends File {
  override readonly hasPositions = false;
  override readonly isNoexec = true;
  abstract override readonly link: string;
}

/** POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM */
const DEFAULT_POLLMASK = 0x145;
