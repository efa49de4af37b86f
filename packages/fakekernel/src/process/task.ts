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

/**
 * A process as the kernel sees it: what it may do, its memory and its files, and those of its system calls that go to a file.
 * Where its memory and files are is open: a `Process` has them in this program, and another kind may reach those of a process
 * of the host.
 */
export abstract class Task {
  /** Its memory, until it runs another program. @hidden */
  abstract readonly memorySpace: UserMemory;
  /** @hidden */
  abstract readonly files: FileTable;
  /** The pages that its user has locked, in all processes. @hidden */
  readonly user: LockedPages;

  /** @hidden */
  constructor(
    /** The kernel that it runs on. @hidden */
    readonly kernel: ProcessKernel,
    /** What it may do. */
    readonly privileges: Privileges,
  ) {
    this.user = kernel.userOf(privileges.uid);
  }

  /**
   * Runs a system call, and then what it has left to be done at its return.
   * @param name of it, or the number of an ioctl: what fault injection knows it by
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

  /** What fails in its system calls. @hidden */
  get failures(): FailurePlan | undefined {
    return this.kernel.failures;
  }

  private nameOf(call: string | number): string {
    return typeof call === 'number' ? this.kernel.nameOfIoctl(call) : call;
  }

  /** Says later which call it is making now; undefined where the program itself knows. @hidden */
  describeCall(): (() => string) | undefined {
    return undefined;
  }

  /**
   * Makes an ioctl.
   * @param fd of `/dev/iommu` or of a device
   * @param request its number, of 32 bits
   * @param arg the address of its struct; VFIO's oldest requests take a plain number
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
   * @param address where to put the bytes
   * @param length how many
   * @returns bytes that were read, or a negative errno
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
   * @param address where the bytes are
   * @param length how many
   * @returns bytes that were written, or a negative errno
   */
  write(fd: number, address: bigint, length: number): number {
    return this.call(() => {
      const file = this.files.get(fd);
      this.checkWrite(file, address, length);
      return file.write(this, address, Math.min(length, MAX_RW));
    }, 'write');
  }

  /**
   * Reads from a position of a file: registers of a device.
   * @param fd of a device
   * @param address where to put the bytes
   * @param length how many
   * @param position region and offset
   * @returns bytes that were read, or a negative errno
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
   * @param fd of a device
   * @param address where the bytes are
   * @param length how many
   * @param position region and offset
   * @returns bytes that were written, or a negative errno
   */
  pwrite(fd: number, address: bigint, length: number, position: bigint): number {
    return this.call(() => {
      const file = this.positioned(fd, position);
      this.checkWrite(file, address, length);
      return file.pwrite(this, address, Math.min(length, MAX_RW), position);
    }, 'pwrite');
  }

  /**
   * `lseek()`. Of all files here only a memfd has a position on Linux, and its is not modelled.
   * @param whence what the offset is counted from: `SEEK_SET` by default
   * @returns -ESPIPE, -EBADF, or -EINVAL for another `whence`
   */
  lseek(fd: number, whence = 0): number {
    return this.call(() => {
      this.files.get(fd);
      if (whence < 0 || whence > SEEK_MAX) throw fail('EINVAL');
      throw fail('ESPIPE');
    });
  }

  /** `ksys_pread64()`: the position, the number, and then what kind of file it is. */
  private positioned(fd: number, position: bigint): File {
    if (position < 0n) throw fail('EINVAL');
    const file = this.files.get(fd);
    if (!file.hasPositions) throw fail('ESPIPE');
    return file;
  }

  /** `vfs_read()`: how the file was opened, what it can do, and the whole range before the file looks at it. */
  private checkRead({ mode, canRead }: File, address: bigint, length: number): void {
    if (!mode.read) throw fail('EBADF');
    if (!canRead) throw fail('EINVAL');
    this.checkRange(address, length);
  }

  /** `vfs_write()`, likewise. */
  private checkWrite({ mode, canWrite }: File, address: bigint, length: number): void {
    if (!mode.write) throw fail('EBADF');
    if (!canWrite) throw fail('EINVAL');
    this.checkRange(address, length);
  }

  /** `access_ok()`, before `rw_verify_area()`: a length below 0 is one that no memory has. */
  private checkRange(address: bigint, length: number): void {
    if (!Number.isInteger(length)) throw fail('EINVAL');
    if (length < 0 || !this.memorySpace.isUserRange(address, length)) throw fail('EFAULT');
  }
}
