/**
 * The functions of libc that {@link LinuxSyscalls} calls, through koffi. Addresses are integers of 64 bits. The functions return -1
 * if they fail, and set `errno`.
 */

import koffi from 'koffi';

/** A result of 64 bits: a number if it is exact, otherwise a bigint. */
type Wide = number | bigint;

/** The signatures of the C functions. */
export interface SyscallFunctions {
  open(path: string, flags: number): number;
  close(fd: number): number;
  dup(fd: number): number;
  ioctl(fd: number, request: number, argument: bigint): number;
  read(fd: number, address: bigint, length: number): Wide;
  write(fd: number, address: bigint, length: number): Wide;
  pread(fd: number, address: bigint, length: number, position: bigint): Wide;
  pwrite(fd: number, address: bigint, length: number, position: bigint): Wide;
  poll(fds: Uint8Array, count: number, timeout: number): number;
  mmap(address: bigint, length: number, prot: number, flags: number, fd: number, offset: bigint): Wide;
  munmap(address: bigint, length: number): number;
  memfdCreate(name: string, flags: number): number;
  eventfd(init: number, flags: number): number;
  ftruncate(fd: number, size: number): number;
  epollCreate(flags: number): number;
  epollCtl(epoll: number, operation: number, fd: number, event: Uint8Array): number;
}

let known: SyscallFunctions | undefined;

/** Binds the functions at the first call. @throws Error if libc lacks one of them */
export function syscallFunctions(): SyscallFunctions {
  return (known ??= bind());
}

function bind(): SyscallFunctions {
  const lib = koffi.load(null);
  return {
    open: lib.func('int open(const char *, int)') as SyscallFunctions['open'],
    close: lib.func('int close(int)') as SyscallFunctions['close'],
    dup: lib.func('int dup(int)') as SyscallFunctions['dup'],
    ioctl: lib.func('int ioctl(int, ulong, uint64_t)') as SyscallFunctions['ioctl'],
    read: lib.func('int64_t read(int, uint64_t, size_t)') as SyscallFunctions['read'],
    write: lib.func('int64_t write(int, uint64_t, size_t)') as SyscallFunctions['write'],
    pread: lib.func('int64_t pread64(int, uint64_t, size_t, int64_t)') as SyscallFunctions['pread'],
    pwrite: lib.func('int64_t pwrite64(int, uint64_t, size_t, int64_t)') as SyscallFunctions['pwrite'],
    poll: lib.func('int poll(void *, ulong, int)') as SyscallFunctions['poll'],
    mmap: lib.func('int64_t mmap64(uint64_t, size_t, int, int, int, int64_t)') as SyscallFunctions['mmap'],
    munmap: lib.func('int munmap(uint64_t, size_t)') as SyscallFunctions['munmap'],
    eventfd: lib.func('int eventfd(uint, int)') as SyscallFunctions['eventfd'],
    memfdCreate: lib.func('int memfd_create(const char *, uint)') as SyscallFunctions['memfdCreate'],
    epollCreate: lib.func('int epoll_create1(int)') as SyscallFunctions['epollCreate'],
    epollCtl: lib.func('int epoll_ctl(int, int, int, void *)') as SyscallFunctions['epollCtl'],
    ftruncate: lib.func('int ftruncate64(int, int64_t)') as SyscallFunctions['ftruncate'],
  };
}

/** Converts a result of libc to the kernel's: a negative errno in place of -1. */
export const returned = (result: Wide): number => (Number(result) === -1 ? -koffi.errno() : Number(result));

/** Returns memory of this process, in place. @param length in bytes, at most 4 GiB */
export const viewAt = (address: bigint, length: number): ArrayBuffer => koffi.view(address, length);
