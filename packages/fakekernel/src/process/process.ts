import {
  errno,
  type PollFd,
  type PollOptions,
  POLLERR,
  POLLHUP,
  POLLNVAL,
  type Syscalls,
} from '@iommufd/uapi';
import { fail, result } from '../errno.js';
import { AddressSpace } from './address-space.js';
import { FdTable, MOST_FILES } from './fd-table.js';
import type { File } from './file.js';
import type { LockedPages } from './locked-pages.js';
import { Memfd } from './memfd.js';
import { HostMemory } from './memory-object.js';
import { mapMemory, MMAP_BASE } from './mmap.js';
import { PAGE_SIZE, TASK_SIZE } from './page.js';
import type { Privileges } from './privileges.js';
import type { ProcessKernel } from './process-kernel.js';
import { vfsIoctl } from './vfs-ioctl.js';

/** The longest read or write: MAX_RW_COUNT. */
const MAX_RW = 0x7fff_f000;

/** A program that runs on the fake kernel: its memory, its files, and the system calls that it makes. */
export class Process implements Syscalls {
  private space = new AddressSpace();
  /** @internal */
  readonly files = new FdTable();
  /** The pages that its user has locked, in all processes. @internal */
  readonly user: LockedPages;
  /** Each ends a {@link wait}. */
  private readonly sleepers = new Set<() => void>();

  /** @internal */
  constructor(
    /** The kernel that it runs on. @internal */
    readonly kernel: ProcessKernel,
    /** What it may do. */
    readonly privileges: Privileges,
  ) {
    this.user = kernel.userOf(privileges.uid);
    for (const fd of [0, 1, 2]) this.files.occupy(fd);
  }

  /** Its memory, until it runs another program. @internal */
  get memorySpace(): AddressSpace {
    return this.space;
  }

  /** Runs a system call, and then what it has left to be done at its return. @returns as {@link result} */
  private call<T extends number | bigint>(work: () => T): T | number {
    const value = result(work);
    this.kernel.taskWork.run();
    return value;
  }

  open(path: string): number {
    return this.call(() => this.files.open(() => this.kernel.openNode(path)));
  }

  /**
   * Closes a file descriptor.
   * @returns 0, or -EBADF
   */
  close(fd: number): number {
    return this.call(() => {
      this.files.close(fd);
      return 0;
    });
  }

  dup(fd: number): number {
    return this.call(() => {
      const file = this.files.get(fd);
      // A copy outlives an exec, whatever becomes of the original.
      return this.files.open(() => file.get(), false);
    });
  }

  /**
   * `fcntl(F_DUPFD)`.
   * @param lowest the lowest number that the copy may have
   * @returns a second fd for the same open file, or a negative errno: EINVAL beyond the most that a process may have
   */
  dupFrom(fd: number, lowest: number): number {
    return this.call(() => {
      const file = this.files.get(fd);
      if (lowest < 0 || lowest >= MOST_FILES) throw fail('EINVAL');
      return this.files.open(() => file.get(), false, lowest);
    });
  }

  /**
   * `dup2()`.
   * @param to the number of the copy; what has it is closed first
   * @returns `to`, or -EBADF
   */
  dup2(fd: number, to: number): number {
    return this.call(() => {
      const file = this.files.get(fd);
      if (to === fd) return to;
      if (!Number.isInteger(to) || to < 0 || to >= MOST_FILES) throw fail('EBADF');
      this.files.install(to, file.get(), false);
      return to;
    });
  }

  /**
   * Gives the process a file that it has from its start, or is sent: a fresh open of a node.
   * @param fd its number; what has it is closed first
   * @returns `fd`, or a negative errno
   */
  inherit(fd: number, path: string): number {
    return this.call(() => {
      this.files.install(fd, this.kernel.openNode(path), false);
      return fd;
    });
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
    });
  }

  read(fd: number, address: bigint, length: number): number {
    return this.call(() => {
      const file = this.files.get(fd);
      this.checkRead(file, address, length);
      return file.read(this, address, Math.min(length, MAX_RW));
    });
  }

  write(fd: number, address: bigint, length: number): number {
    return this.call(() => {
      const file = this.files.get(fd);
      this.checkWrite(file, address, length);
      return file.write(this, address, Math.min(length, MAX_RW));
    });
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
    });
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
    checkRange(address, length);
  }

  /** `vfs_write()`, likewise. */
  private checkWrite({ mode, canWrite }: File, address: bigint, length: number): void {
    if (!mode.write) throw fail('EBADF');
    if (!canWrite) throw fail('EINVAL');
    checkRange(address, length);
  }

  poll(fds: readonly PollFd[]): number {
    let ready = 0;
    for (const entry of fds) {
      entry.revents = this.revents(entry);
      if (entry.revents !== 0) ready++;
    }
    return ready;
  }

  private revents({ fd, events }: PollFd): number {
    if (fd < 0) return 0;
    const file = this.files.find(fd);
    // Errors are reported whether or not the caller asked for them.
    return file === undefined ? POLLNVAL : file.poll() & (events | POLLERR | POLLHUP);
  }

  async wait(fds: readonly PollFd[], { timeout, signal, ref = true }: PollOptions = {}): Promise<number> {
    const ready = this.poll(fds);
    if (ready > 0 || timeout === 0 || signal?.aborted === true) return ready;
    return new Promise((resolve) => {
      const undo: (() => void)[] = [];
      const finish = (count: number): void => {
        for (const step of undo.splice(0)) step();
        resolve(count);
      };
      // Looking again after each wake-up: another reader may have taken what there was.
      const look = (): void => {
        const count = this.poll(fds);
        if (count > 0) finish(count);
      };
      for (const { fd } of fds) {
        const file = this.files.find(fd);
        if (file !== undefined) undo.push(file.waiters.add(look));
      }
      // Hosts of JavaScript end a program when nothing is to come, and a promise is nothing to them: a timer is.
      const timer =
        timeout === undefined
          ? setInterval(look, LONGEST_TIMER)
          : setTimeout(() => finish(this.poll(fds)), timeout);
      if (!ref) timer.unref?.();
      undo.push(() => clearTimeout(timer));
      const interrupt = (): void => finish(-errno.EINTR);
      this.sleepers.add(interrupt);
      undo.push(() => this.sleepers.delete(interrupt));
      if (signal !== undefined) {
        const abort = (): void => finish(0);
        signal.addEventListener('abort', abort, { once: true });
        undo.push(() => signal.removeEventListener('abort', abort));
      }
    });
  }

  mmap(address: bigint, length: number, prot: number, flags: number, fd: number, offset: bigint): bigint {
    const mapped = this.call(() => mapMemory(this, { address, length, prot, flags, fd, offset }));
    return BigInt(mapped);
  }

  /**
   * Unmaps whole pages, whatever is mapped there.
   * @param address of the first byte, page-aligned
   * @param length bytes, rounded up to whole pages
   * @returns 0, or -EINVAL, also for a part of a page of MAP_HUGETLB
   */
  munmap(address: bigint, length: number): number {
    return this.call(() => {
      if (
        address < 0n ||
        address % BigInt(PAGE_SIZE) !== 0n ||
        !Number.isSafeInteger(length) ||
        length <= 0
      ) {
        throw fail('EINVAL');
      }
      const size = Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;
      if (address + BigInt(size) > BigInt(TASK_SIZE)) throw fail('EINVAL');
      this.memorySpace.unmap(Number(address), size);
      return 0;
    });
  }

  memfd(size: number): number {
    return this.call(() => {
      if (!Number.isSafeInteger(size) || size < 0) throw fail('EINVAL');
      return this.files.open(() => new Memfd(size));
    });
  }

  /**
   * Maps a buffer of the program that runs the kernel, in place.
   * @param bytes whole pages of 4096 bytes
   * @param prot of `PROT_*`: what the process may do with it
   * @returns its address, or a negative errno
   * @throws RangeError unless the buffer is whole pages
   */
  mapHost(bytes: Uint8Array, prot: number): bigint {
    const object = new HostMemory(bytes);
    const mapped = this.call(() => {
      const at = this.memorySpace.findFree(bytes.length, MMAP_BASE);
      this.memorySpace.map(at, bytes.length, { object, index: 0, prot, io: false });
      return at;
    });
    return BigInt(mapped);
  }

  memory(address: bigint, length: number): Uint8Array {
    return this.memorySpace.inPlace(address, length);
  }

  /** Runs another program in the process: its memory goes, and of its files those that were opened close-on-exec. */
  exec(): void {
    this.space.end();
    this.space = new AddressSpace();
    this.files.exec();
    this.kernel.taskWork.run();
  }

  /** Ends the process: its files are closed and its memory is unmapped. What waits is interrupted: EINTR. */
  exit(): void {
    for (const interrupt of [...this.sleepers]) interrupt();
    // In the order of `do_exit()`.
    this.space.end();
    this.files.closeAll();
    this.kernel.taskWork.run();
    this.kernel.reap(this);
  }
}

/** `access_ok()`. */
function checkRange(address: bigint, length: number): void {
  if (!Number.isSafeInteger(length) || length < 0) throw fail('EINVAL');
  if (address < 0n || address + BigInt(length) > BigInt(TASK_SIZE)) throw fail('EFAULT');
}

/** The longest time of a timer: 2^31-1 milliseconds. */
const LONGEST_TIMER = 0x7fff_ffff;

/** A timer of the host. In Node a timer keeps the process running, and `unref` makes it keep nothing running. */
interface Timer {
  unref?(): void;
}

/** The timers of the host: the one thing that this package needs beyond ECMAScript. */
declare function setTimeout(callback: () => void, delay: number): Timer;
declare function setInterval(callback: () => void, delay: number): Timer;
/** Ends either. */
declare function clearTimeout(timer: Timer): void;
