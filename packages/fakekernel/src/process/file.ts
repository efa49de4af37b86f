import { fail, invariant } from '../errno.js';
import { constant } from '../lib/restorable.js';
import type { Vma } from './address-space.js';
import type { EventfdContext } from './eventfd.js';
import { AnonymousMemory, type ContentsOfFile, type LocalMemory } from './memory-object.js';
import type { Task } from './task.js';
import { WaitQueue } from './wait-queue.js';

/** How a file was opened: `FMODE_READ` and `FMODE_WRITE`. */
export interface AccessMode {
  /** For reading. */
  readonly read: boolean;
  /** For writing. */
  readonly write: boolean;
}

/** Gives a file pages to show in mappings. They are where the programs that map them can reach them. */
export interface Mappable {
  /** Does a mapping see each access, so that it can show registers as well? */
  readonly seesAccesses: boolean;
  /** @param offset what is passed to `mmap()` for them */
  pages(offset: bigint, count: number): LocalMemory;
}

/** Pages of this program. */
const ownPages = constant<Mappable>('pages of this program', {
  seesAccesses: true,
  pages: (_offset, count) => new AnonymousMemory(count),
});

export const READ_WRITE = constant<AccessMode>('READ_WRITE', { read: true, write: true });

/** `OPEN_FMODE()`: what the flags of `open()` ask for. `O_ACCMODE` itself asks for neither, and is good for ioctls. */
export function accessModeOf(flags: number): AccessMode {
  return { read: ((flags + 1) & 1) !== 0, write: ((flags + 1) & 2) !== 0 };
}

/**
 * An open file: `struct file`. File descriptors hold references to it, and so may other parts of the kernel; when the
 * last one goes it is released. An operation that a kind of file does not have is undefined or answers as Linux does
 * without it. The system calls around it are in `process.ts`, `mmap.ts` and `vfs-ioctl.ts`.
 */
export abstract class File {
  private references = 1;
  /** Woken when {@link poll} may have changed. */
  readonly waiters = new WaitQueue();
  /** `O_NONBLOCK`, which FIONBIO sets. */
  nonBlocking = false;
  /** EBADF for a read or a write, and EACCES for a mapping, that it was not opened for. */
  mode: AccessMode = READ_WRITE;
  /** Does it have the operations (`FMODE_CAN_READ`)? Without them EINVAL wins over EFAULT. */
  readonly canRead: boolean = false;
  readonly canWrite: boolean = false;
  /** Can {@link pread} and {@link pwrite} name a place in it (`FMODE_PREAD`)? ESPIPE without. */
  readonly hasPositions: boolean = true;
  /** Is it on a filesystem whose files cannot be executed (`SB_I_NOEXEC`)? Then PROT_EXEC is EPERM. */
  readonly isNoexec: boolean = false;
  /** Is it a file of huge pages (`is_file_hugepages()`)? They are mapped as a whole. */
  readonly isHugetlb: boolean = false;
  /** Does it have the operation {@link mmap} that its class defines? Older versions lack some. */
  readonly canMap: boolean = true;
  /** Where its link in `/proc/PID/fd` leads if it has no path. */
  readonly link: string | undefined = undefined;
  /** Where its pages are that it can be asked to show in mappings. */
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

  /** The last reference is gone. */
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

  /** What there is now, of `POLLIN`, `POLLOUT`, ... A file without the operation can always do both. */
  poll(): number {
    return DEFAULT_POLLMASK;
  }

  /** `eventfd_ctx_fileget()`: a reference to the counter that it is. Only an eventfd has it. */
  eventfd?(): EventfdContext;

  /** The mapping of `length` bytes from `offset` on; without the operation mmap() is ENODEV. */
  mmap?(length: number, prot: number, shared: boolean, offset: bigint): Vma;
}

/**
 * A file without a path: `anon_inode_getfile()`. It is a stream, and its filesystem is noexec. This is what iommufd's
 * queues and a dma-buf are.
 */
export abstract class AnonymousFile extends File {
  override readonly hasPositions = false;
  override readonly isNoexec = true;
  abstract override readonly link: string;
}

/** POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM */
const DEFAULT_POLLMASK = 0x145;
