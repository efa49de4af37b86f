/** `PROT_*` of `asm-generic/mman-common.h`. */
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;

/** `MAP_*` of `asm-generic/mman-common.h` and `linux/mman.h` that matter for `/dev/iommu`. */
export const MAP_SHARED = 0x01;
export const MAP_PRIVATE = 0x02;
export const MAP_SHARED_VALIDATE = 0x03;
export const MAP_FIXED = 0x10;
/** Map huge pages, of 2 MiB on most machines. */
export const MAP_HUGETLB = 0x40000;
export const MAP_NORESERVE = 0x4000;
export const MAP_ANONYMOUS = 0x20;
/** As MAP_FIXED, but `mmap()` fails with EEXIST if the range overlaps a mapping. */
export const MAP_FIXED_NOREPLACE = 0x100000;

/** `FALLOC_FL_*` of `linux/falloc.h`: `fallocate()` does not change the size of the file. */
export const FALLOC_FL_KEEP_SIZE = 1;
/** It removes pages, instead of allocating them. Requires FALLOC_FL_KEEP_SIZE. */
export const FALLOC_FL_PUNCH_HOLE = 2;

/** `EFD_*` of `linux/eventfd.h`: a read decrements the counter by one, instead of resetting it to 0. */
export const EFD_SEMAPHORE = 1;
/** A read of a counter of 0, and a write that would overflow it, fail with EAGAIN instead of waiting. */
export const EFD_NONBLOCK = 0x800;
/** Closed by `execve()`. */
export const EFD_CLOEXEC = 0x80000;

/** `POLL*` of `asm-generic/poll.h`. */
export const POLLIN = 0x001;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLNVAL = 0x020;

/** One entry of the array that `poll()` takes. */
export interface PollFd {
  readonly fd: number;
  /** The requested events: `POLLIN`, `POLLOUT`. */
  readonly events: number;
  /** The returned events, set by {@link Syscalls.poll}. */
  revents: number;
}

/** Options of {@link Syscalls.wait}. */
export interface PollOptions {
  /** Timeout in milliseconds; forever by default. */
  readonly timeout?: number;
  /** Cancels the wait. */
  readonly signal?: AbortSignalLike;
  /** True if the wait keeps the program running, as `ref` of `node:timers/promises` does. Default: true. */
  readonly ref?: boolean;
}

/**
 * The system calls that a program needs to use iommufd. The fake kernel is one backend, a real `/dev/iommu` another; a
 * program that uses this interface runs on both.
 *
 * As in C, addresses are numbers in the caller's address space, and a call that fails returns a negative errno.
 * Errors of the program do not throw.
 */
export interface Syscalls {
  /** Opens a device node, close-on-exec and for reading and writing. @returns the lowest free fd */
  open(path: string): number;
  close(fd: number): number;
  /** Duplicates an fd. @returns the lowest free fd */
  dup(fd: number): number;
  /** @param arg usually an address; VFIO's oldest requests take a plain number */
  ioctl(fd: number, request: number, arg: bigint): number;
  /** Reads into memory. @returns the number of bytes */
  read(fd: number, address: bigint, length: number): number;
  /** Writes from memory. @returns the number of bytes */
  write(fd: number, address: bigint, length: number): number;
  /**
   * Reads from a position of a file; of a VFIO device, the position encodes region and offset.
   * @returns the number of bytes
   */
  pread(fd: number, address: bigint, length: number, position: bigint): number;
  /** Writes at a position of a file, as {@link pread} reads. @returns the number of bytes */
  pwrite(fd: number, address: bigint, length: number, position: bigint): number;
  /** Polls files without waiting. @returns the number of ready files */
  poll(fds: readonly PollFd[]): number;
  /**
   * Waits until a file is ready. Like a thread that sleeps in `poll()`, the wait keeps the program running, unless `ref` is
   * false.
   * @returns the number of ready files; 0 on a timeout or if `signal` was aborted
   */
  wait(fds: readonly PollFd[], options?: PollOptions): Promise<number>;
  /** Maps memory or part of a file. @returns the address, or a negative errno */
  mmap(address: bigint, length: number, prot: number, flags: number, fd: number, offset: bigint): bigint;
  munmap(address: bigint, length: number): number;
  /** `memfd_create()` and `ftruncate()` to `size` bytes. @returns the fd */
  memfd(size: number): number;
  /**
   * `eventfd2()`: a counter as a file. The kernel adds one for each interrupt of a device that uses the eventfd as its
   * trigger.
   * @param init initial value of the counter
   * @param flags of `EFD_*`
   * @returns the fd
   */
  eventfd(init: number, flags: number): number;
  /** The caller's own memory at an address, in place, for as long as it stays mapped. */
  memory(address: bigint, length: number): Uint8Array;
  /**
   * One load of 1, 2, 4 or 8 bytes from mapped registers. Backends that must see each access have it. If it is missing,
   * callers load from a typed array over {@link memory}.
   */
  load?(address: bigint, size: 1 | 2 | 4 | 8): bigint;
  /** One store to mapped registers, as {@link load}. */
  store?(address: bigint, size: 1 | 2 | 4 | 8, value: bigint): void;
}

/** The part of `AbortSignal` that waiting uses. Declared here because not every host has the class. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
