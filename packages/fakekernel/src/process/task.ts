import { fail, result } from '../errno.js';
import type { FailurePlan } from './failure-points.js';
import type { File } from './file.js';
import type { FileTable } from './file-table.js';
import type { LockedPages } from './locked-pages.js';
import type { Privileges } from './privileges.js';
import type { ProcessKernel } from './process-kernel.js';
import type { UserMemory } from './user-memory.js';
import { vfsIoctl } from './vfs-ioctl.js';

/** The longest read or write: MAX_RW_COUNT. */
const MAX_RW = 0x7fff_f000;
/** The last `whence` of `lseek()`: SEEK_HOLE. */
const SEEK_MAX = 4;

/** A call that has created an object. */
export interface CallOrigin {
  /** Returns its program, thread and arguments. */
  describe(): string;
  /** Returns true if the process that made it is exiting, or has exited. */
  hasExited(): boolean;
}

/**
 * A process as the kernel sees it: its privileges, its memory and files, and the system calls that operate on a file. Subclasses
 * define where memory and files are: a `Process` has them in this program, other classes can access those of a process of the
 * host.
 */
export abstract class Task {
  /** Its memory. An exec replaces it. @hidden */
  abstract readonly memorySpace: UserMemory;
  /** @hidden */
  abstract readonly files: FileTable;
  /** @hidden */
  constructor(
    /** The kernel that it runs on. @hidden */
    readonly kernel: ProcessKernel,
    private mayDo: Privileges,
  ) {}

  /** Its capabilities and limits. */
  get privileges(): Privileges {
    return this.mayDo;
  }

  /**
   * Changes its privileges, as `setuid()`, `capset()` and `setrlimit()` do. Mapped memory stays charged to the same user; later
   * mappings are checked against the new limit.
   * @param privileges the privileges that change
   */
  become(privileges: Partial<Privileges>): void {
    this.mayDo = { ...this.mayDo, ...privileges };
  }

  /** The pages that all processes of its user have locked. `setuid()` changes the user: `current_user()`. @hidden */
  get user(): LockedPages {
    return this.kernel.userOf(this.privileges.uid);
  }

  /**
   * Runs a system call, and then the work that was deferred to its return.
   * @param name its name, or the number of an ioctl, for fault injection
   * @returns as {@link result}
   */
  protected call<T extends number | bigint>(work: () => T, name: string | number = ''): T | number {
    const { failures } = this;
    const { taskWork } = this.kernel;
    taskWork.running++;
    try {
      const value = result(failures === undefined ? work : () => failures.run(this.nameOf(name), work));
      taskWork.run();
      return value;
    } finally {
      taskWork.running--;
    }
  }

  /** The plan of failures in its system calls. @hidden */
  get failures(): FailurePlan | undefined {
    return this.kernel.failures;
  }

  private nameOf(call: string | number): string {
    return typeof call === 'number' ? this.kernel.nameOfIoctl(call) : call;
  }

  /** The current call, for a later report; undefined if processes of this kind do not describe calls. @hidden */
  describeCall(): CallOrigin | undefined {
    return undefined;
  }

  /**
   * Makes an ioctl.
   * @param fd a file of `/dev/iommu` or of a device
   * @param request its number, 32 bits
   * @param arg the address of its struct; some early VFIO requests take a plain number
   * @returns 0 or more, or a negative errno
   */
  ioctl(fd: number, request: number, arg: bigint): number {
    return this.call(() => {
      const file = this.files.get(fd);
      const number = request >>> 0;
      const argument = BigInt.asUintN(64, arg);
      return vfsIoctl(this, fd, file, number, argument) ?? file.ioctl(this, number, argument);
    }, request);
  }

  /**
   * Reads from a file.
   * @param address address of the buffer
   * @param length its size in bytes
   * @returns the number of bytes read, or a negative errno
   */
  read(fd: number, address: bigint, length: number): number {
    return this.call(() => {
      const file = this.files.get(fd);
      this.checkRead(file, address, length);
      return file.read(this, address, Math.min(length, MAX_RW));
    }, 'read');
  }

  /**
   * Writes to a file.
   * @param address address of the bytes
   * @param length number of bytes
   * @returns the number of bytes written, or a negative errno
   */
  write(fd: number, address: bigint, length: number): number {
    return this.call(() => {
      const file = this.files.get(fd);
      this.checkWrite(file, address, length);
      return file.write(this, address, Math.min(length, MAX_RW));
    }, 'write');
  }

  /**
   * Reads from a position of a file, for example registers of a device.
   * @param fd a file of a device
   * @param address address of the buffer
   * @param length its size in bytes
   * @param position region and offset
   * @returns the number of bytes read, or a negative errno
   */
  pread(fd: number, address: bigint, length: number, position: bigint): number {
    return this.call(() => {
      const file = this.positioned(fd, position);
      this.checkRead(file, address, length);
      return file.pread(this, address, Math.min(length, MAX_RW), position);
    }, 'pread');
  }

  /**
   * Writes at a position of a file.
   * @param fd a file of a device
   * @param address address of the bytes
   * @param length number of bytes
   * @param position region and offset
   * @returns the number of bytes written, or a negative errno
   */
  pwrite(fd: number, address: bigint, length: number, position: bigint): number {
    return this.call(() => {
      const file = this.positioned(fd, position);
      this.checkWrite(file, address, length);
      return file.pwrite(this, address, Math.min(length, MAX_RW), position);
    }, 'pwrite');
  }

  /**
   * `lseek()`. On Linux only a memfd, of all files here, has a position; it is not modelled.
   * @param whence the reference point of the offset. Default: `SEEK_SET`
   * @returns -ESPIPE, -EBADF, or -EINVAL for another `whence`
   */
  lseek(fd: number, whence = 0): number {
    return this.call(() => {
      this.files.get(fd);
      if (whence < 0 || whence > SEEK_MAX) throw fail('EINVAL');
      throw fail('ESPIPE');
    });
  }

  /** `ksys_pread64()`: checks the position, then the descriptor, then the kind of file. */
  private positioned(fd: number, position: bigint): File {
    if (position < 0n) throw fail('EINVAL');
    const file = this.files.get(fd);
    if (!file.hasPositions) throw fail('ESPIPE');
    return file;
  }

  /** `vfs_read()`: checks the file's mode, its operations and the whole range, before the file is called. */
  private checkRead({ mode, canRead }: File, address: bigint, length: number): void {
    if (!mode.read) throw fail('EBADF');
    if (!canRead) throw fail('EINVAL');
    this.checkRange(address, length);
  }

  /** `vfs_write()`: the same checks as for a read. */
  private checkWrite({ mode, canWrite }: File, address: bigint, length: number): void {
    if (!mode.write) throw fail('EBADF');
    if (!canWrite) throw fail('EINVAL');
    this.checkRange(address, length);
  }

  /**
   * `access_ok()`, before `rw_verify_area()`: a negative length fails with EFAULT, because as an unsigned number it exceeds user
   * space.
   */
  private checkRange(address: bigint, length: number): void {
    if (!Number.isInteger(length)) throw fail('EINVAL');
    if (length < 0 || !this.memorySpace.isUserRange(address, length)) throw fail('EFAULT');
  }
}
