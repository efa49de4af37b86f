/**
 * A process of the fake kernel, with its system calls: files, ioctls, memory, waiting. It implements `Syscalls`, so the SDK
 * runs on it. A system call returns a negative errno on failure. A thrown error is a mistake of the test, or a `KernelBug`.
 */
import {
  errno,
  type PollFd,
  type PollOptions,
  POLLERR,
  POLLHUP,
  POLLNVAL,
  type Syscalls,
} from '@iommufd/uapi';
import { fail } from '../errno.js';
import { AddressSpace } from './address-space.js';
import { allocate, failurePoint } from './failure-points.js';
import type { AccessSize } from './device-memory.js';
import { openEventfd } from './eventfd.js';
import { FdTable, MOST_FILES } from './fd-table.js';
import { type AccessMode, READ_WRITE } from './file.js';
import { allocateFile, truncateFile } from './file-size.js';
import { HugeMemfd, Memfd } from './memfd.js';
import { HostMemory } from './memory-object.js';
import { ceilingOf, mapMemory } from './mmap.js';
import { PAGE_SIZE } from './page.js';
import type { Privileges } from './privileges.js';
import type { ProcessKernel } from './process-kernel.js';
import { Task } from './task.js';

/** A process: its memory, its file descriptors, and its system calls. */
export class Process extends Task implements Syscalls {
  private space: AddressSpace;
  /** @hidden */
  override readonly files = new FdTable();
  /** Callbacks that end a {@link wait}. */
  private readonly sleepers = new Set<() => void>();

  /** @internal */
  constructor(kernel: ProcessKernel, privileges: Privileges) {
    super(kernel, privileges);
    this.space = new AddressSpace(kernel.taskSize);
    for (const fd of [0, 1, 2]) this.files.occupy(fd);
  }

  /** Its memory. An exec replaces it. @hidden */
  override get memorySpace(): AddressSpace {
    return this.space;
  }

  /**
   * Opens a device node.
   * @param mode the access mode. Default: reading and writing
   * @returns the lowest free fd, close-on-exec, or -ENOENT, -EMFILE
   */
  open(path: string, mode: AccessMode = READ_WRITE): number {
    return this.call(() => {
      failurePoint('file', 'get_unused_fd_flags()');
      allocate('alloc_empty_file()');
      return this.files.open(() => {
        const file = this.kernel.openNode(path);
        file.mode = mode;
        return file;
      });
    }, 'open');
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

  /** `dup()`. @returns a second fd for the same open file, the lowest that is free, or a negative errno */
  dup(fd: number): number {
    return this.call(() => {
      const file = this.files.get(fd);
      // A duplicate is not closed by an exec, whatever the flag of the original.
      return this.files.open(() => file.get(), false);
    });
  }

  /**
   * `fcntl(F_DUPFD)`.
   * @param lowest the lowest acceptable fd
   * @returns a second fd for the same open file, or a negative errno: EINVAL beyond RLIMIT_NOFILE
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
   * @param to the new fd. A file that is open there is closed first
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
   * Opens a node at a given fd, as if the process had inherited or received the file.
   * @param fd the fd. A file that is open there is closed first
   * @returns `fd`, or a negative errno
   */
  inherit(fd: number, path: string): number {
    return this.call(() => {
      this.files.install(fd, this.kernel.openNode(path), false);
      return fd;
    });
  }

  /**
   * Installs a file of another process at a given fd, as if it was inherited from a parent or sent over a socket.
   * @param to the new fd. A file that is open there is closed first
   * @param fd the file's descriptor in the other process
   * @returns `to`, or -EBADF
   */
  receive(to: number, from: Process, fd: number): number {
    return this.call(() => {
      this.files.install(to, from.files.get(fd).get(), false);
      return to;
    });
  }

  /** Polls files without waiting, and sets their `revents`. @returns the number of files with events */
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
    // Errors are reported whether or not the caller requests them.
    return file === undefined ? POLLNVAL : file.poll() & (events | POLLERR | POLLHUP);
  }

  /** As {@link Syscalls.wait}. Returns -EINTR if the process exits while it waits. */
  async wait(fds: readonly PollFd[], { timeout, signal, ref = true }: PollOptions = {}): Promise<number> {
    const ready = this.poll(fds);
    if (ready > 0 || timeout === 0 || signal?.aborted === true) return ready;
    return new Promise((resolve) => {
      const undo: (() => void)[] = [];
      const finish = (count: number): void => {
        for (const step of undo.splice(0)) step();
        resolve(count);
      };
      // The files are polled again after each wake-up, because another reader may have been faster.
      const look = (): void => {
        const count = this.poll(fds);
        if (count > 0) finish(count);
      };
      for (const { fd } of fds) {
        const file = this.files.find(fd);
        if (file !== undefined) undo.push(file.waiters.add(look));
      }
      // A host ends a program that has no pending work. A promise is not pending work for it, but a timer is.
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

  /** `mmap()`. @param length in bytes @returns the address, or a negative errno */
  mmap(address: bigint, length: number, prot: number, flags: number, fd: number, offset: bigint): bigint {
    const mapped = this.call(() => mapMemory(this, { address, length, prot, flags, fd, offset }), 'mmap');
    return BigInt(mapped);
  }

  /**
   * Unmaps whole pages.
   * @param address page-aligned
   * @param length in bytes, rounded up to whole pages
   * @returns 0, or -EINVAL, also for a part of a MAP_HUGETLB page
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
      if (address + BigInt(size) > BigInt(this.memorySpace.taskSize)) throw fail('EINVAL');
      this.memorySpace.unmap(Number(address), size);
      return 0;
    });
  }

  /**
   * `mremap()` with MREMAP_MAYMOVE and MREMAP_FIXED, and without a change of the length: moves mappings. Pages that are pinned move
   * with them.
   * @param address page-aligned, as `to`
   * @param length in bytes, rounded up to whole pages: for MAP_HUGETLB memory to huge pages
   * @param to the new address. Mappings there are replaced
   * @returns `to`, or a negative errno: EFAULT if nothing is mapped at `address`; EINVAL, also for an address in a MAP_HUGETLB page
   */
  mremap(address: bigint, length: number, to: bigint): bigint {
    const moved = this.call(() => {
      const size = Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;
      // `check_mremap_params()`: only the new range must be in user space.
      const end = BigInt(this.memorySpace.taskSize);
      const isPage = (at: bigint): boolean => at >= 0n && at % BigInt(PAGE_SIZE) === 0n;
      if (!Number.isSafeInteger(size) || size <= 0 || !isPage(address)) throw fail('EINVAL');
      if (!isPage(to) || to + BigInt(size) > end) throw fail('EINVAL');
      const [from, target] = [Number(address), Number(to)];
      if (target < from + size && from < target + size) throw fail('EINVAL');
      if (address >= end || this.memorySpace.isFree(from, PAGE_SIZE)) throw fail('EFAULT');
      this.memorySpace.move(from, size, target);
      return target;
    });
    return BigInt(moved);
  }

  /**
   * `mprotect()`.
   * @param address page-aligned
   * @param length in bytes, rounded up to whole pages
   * @returns 0, or a negative errno
   */
  mprotect(address: bigint, length: number, prot: number): number {
    return this.call(() => {
      const { at, size } = this.wholePages(address, length);
      this.memorySpace.protect(at, size, prot);
      return 0;
    });
  }

  /**
   * `madvise()`. The advice has no effect here. MADV_DONTNEED fails with EINVAL for device memory, as in
   * `madvise_dontneed_free_valid_vma()`.
   * @returns 0, or a negative errno
   */
  madvise(address: bigint, length: number, advice: number): number {
    return this.call(() => {
      const { at, size } = this.wholePages(address, length);
      for (const { io } of this.memorySpace.mappings(at, size))
        if (io && advice === MADV_DONTNEED) throw fail('EINVAL');
      return 0;
    });
  }

  /**
   * A load of the program.
   * @param size 1, 2, 4 or 8 bytes
   * @throws MemoryFault if Linux would send SIGSEGV or SIGBUS
   */
  load(address: bigint, size: AccessSize): bigint {
    return this.memorySpace.load(address, size);
  }

  /** A store of the program. @throws MemoryFault if Linux would send SIGSEGV or SIGBUS */
  store(address: bigint, size: AccessSize, value: bigint): void {
    this.memorySpace.store(address, size, value);
  }

  /**
   * `memfd_create()` and `ftruncate()`.
   * @param size in bytes; with huge pages, a multiple of 2 MiB
   * @param hugePages `MFD_HUGETLB`: true for a file of 2 MiB pages
   * @returns the lowest free fd, or a negative errno
   */
  memfd(size: number, { hugePages = false }: { readonly hugePages?: boolean } = {}): number {
    return this.call(() => {
      if (!Number.isSafeInteger(size) || size < 0) throw fail('EINVAL');
      return this.files.open(() => (hugePages ? new HugeMemfd(size) : new Memfd(size)));
    });
  }

  /**
   * `ftruncate()` of a memfd. Pages beyond the new end that are pinned stay with the devices; if the file grows again, it has other
   * pages there.
   * @param size in bytes; with huge pages, a multiple of 2 MiB
   * @returns 0, or a negative errno
   */
  ftruncate(fd: number, size: number): number {
    return this.call(() => {
      truncateFile(this.files, fd, size);
      return 0;
    });
  }

  /**
   * `fallocate()` of a memfd. With `FALLOC_FL_PUNCH_HOLE` it removes pages from the file; those that are pinned stay with the devices.
   * Without, it extends the file to the end of the range, if `FALLOC_FL_KEEP_SIZE` is not set.
   * @param mode `FALLOC_FL_*`
   * @param offset in bytes
   * @param length in bytes
   * @returns 0, or a negative errno
   */
  fallocate(fd: number, mode: number, offset: number, length: number): number {
    return this.call(() => {
      allocateFile(this.files, fd, mode, offset, length);
      return 0;
    });
  }

  /**
   * `eventfd2()`: a counter as a file, which devices can signal.
   * @param init initial value of the counter, 32 bits
   * @param flags `EFD_SEMAPHORE`, `EFD_NONBLOCK`, `EFD_CLOEXEC`. Without `EFD_NONBLOCK`, a read or write that would block on
   *   Linux throws an Error: {@link wait} until it is ready
   * @returns the lowest free fd, or -EINVAL for another flag
   */
  eventfd(init: number, flags: number): number {
    return this.call(() => openEventfd(this.files, init, flags));
  }

  /**
   * Maps a buffer of the test, in place.
   * @param bytes whole pages of 4096 bytes
   * @param prot `PROT_*` flags
   * @returns its address, or a negative errno
   * @throws RangeError unless the buffer consists of whole pages
   */
  mapHost(bytes: Uint8Array, prot: number): bigint {
    const object = new HostMemory(bytes);
    const mapped = this.call(() => {
      const at = this.memorySpace.findFree(bytes.length, ceilingOf(this.memorySpace));
      this.memorySpace.map(at, bytes.length, { object, index: 0, prot, io: false });
      return at;
    });
    return BigInt(mapped);
  }

  /**
   * A view of the process's bytes at an address. Registers of a device have no bytes: use {@link load} and {@link store}.
   * @throws RangeError if the bytes are not mapped contiguously
   * @throws MemoryFault for device memory that cannot be reached
   */
  memory(address: bigint, length: number): Uint8Array {
    return this.memorySpace.inPlace(address, length);
  }

  /** `execve()`: unmaps all memory, and closes the close-on-exec files. */
  exec(): void {
    this.space.end();
    this.space = new AddressSpace(this.kernel.taskSize);
    this.files.exec();
    this.kernel.taskWork.run();
  }

  /** @throws EINVAL if the address is not page-aligned; ENOMEM beyond user space */
  private wholePages(address: bigint, length: number): { readonly at: number; readonly size: number } {
    if (address < 0n || address % BigInt(PAGE_SIZE) !== 0n || !Number.isSafeInteger(length) || length < 0)
      throw fail('EINVAL');
    const size = Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;
    if (address + BigInt(size) > BigInt(this.memorySpace.taskSize)) throw fail('ENOMEM');
    return { at: Number(address), size };
  }

  /** Ends the process: closes its files and unmaps its memory. Pending waits end with EINTR. */
  exit(): void {
    for (const interrupt of [...this.sleepers]) interrupt();
    // In the order of `do_exit()`.
    this.space.end();
    this.files.closeAll();
    this.kernel.taskWork.run();
    this.kernel.reap(this);
  }
}

const MADV_DONTNEED = 4;

/** The longest delay of a timer: 2^31-1 milliseconds. */
const LONGEST_TIMER = 0x7fff_ffff;

/** A timer of the host. In Node a timer keeps the process running, unless `unref` is called. */
interface Timer {
  unref?(): void;
}

/** The timers of the host: the only functions beyond ECMAScript that this package needs. */
declare function setTimeout(callback: () => void, delay: number): Timer;
declare function setInterval(callback: () => void, delay: number): Timer;
/** Ends a timer of either kind. */
declare function clearTimeout(timer: Timer): void;
