import { fail, invariant } from '../errno.js';
import type { Vma } from './address-space.js';
import type { Process } from './process.js';
import { WaitQueue } from './wait-queue.js';

/**
 * An open file. File descriptors hold references to it, and so may other parts of the kernel; when the last one
 * goes it is released. What a kind of file cannot do answers as Linux does for a file without that operation.
 */
export abstract class File {
  private references = 1;
  /** Woken when {@link poll} may have changed. */
  readonly waiters = new WaitQueue();

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

  /** Can it be read and written at all? What cannot is refused before the memory is looked at. */
  readonly canRead: boolean = false;
  readonly canWrite: boolean = false;

  ioctl(_process: Process, _request: number, _arg: bigint): number {
    throw fail('ENOTTY');
  }

  read(_process: Process, _address: bigint, _length: number): number {
    throw fail('EINVAL');
  }

  write(_process: Process, _address: bigint, _length: number): number {
    throw fail('EINVAL');
  }

  /** Is there a place in it that {@link pread} and {@link pwrite} could name? A stream has none. */
  readonly hasPositions: boolean = true;

  pread(_process: Process, _address: bigint, _length: number, _position: bigint): number {
    throw fail('EINVAL');
  }

  pwrite(_process: Process, _address: bigint, _length: number, _position: bigint): number {
    throw fail('EINVAL');
  }

  /** What there is now, of `POLLIN`, `POLLOUT`, ... A file without the operation can always do both. */
  poll(): number {
    return DEFAULT_POLLMASK;
  }

  /** The mapping of `length` bytes from `offset` on. */
  mmap(_length: number, _prot: number, _shared: boolean, _offset: bigint): Vma {
    throw fail('ENODEV');
  }
}

/** POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM */
const DEFAULT_POLLMASK = 0x145;
