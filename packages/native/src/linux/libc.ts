/**
 * The functions of libc that the supervisor calls, through koffi. Each returns C's result. After -1, {@link errno} returns the
 * reason until the next call. Addresses in other processes are bigint. Buffers are passed without a copy.
 */

import { MAP_SHARED, PROT_READ, PROT_WRITE } from '@iommufd/uapi';
import { errnoText } from './errno-text.js';
import koffi from 'koffi';
import { KCMP_FILE, KCMP_VM, RWF_NOWAIT } from './constants.js';
import type { Machine } from './system-calls.js';

type Bytes = Uint8Array;

/** The signatures of the C functions. */
export interface Libc {
  ioctl(fd: number, request: number, argument: Bytes): number;
  close(fd: number): number;
  open(path: string, flags: number, mode: number): number;
  openat(directory: number, path: string, flags: number, mode: number): number;
  read(fd: number, into: Bytes, length: number): number;
  write(fd: number, bytes: Bytes, length: number): number;
  pread(fd: number, into: Bytes, length: number, position: number | bigint): number;
  pwrite(fd: number, bytes: Bytes, length: number, position: number | bigint): number;
  /** Reads from a stream without blocking, even if it has no O_NONBLOCK (RWF_NOWAIT). */
  readNow(fd: number, into: Bytes): number;
  poll(fds: Bytes, count: number, timeout: number): number;
  epollCreate1(flags: number): number;
  epollCtl(epoll: number, operation: number, fd: number, event: Bytes): number;
  epollWait(epoll: number, events: Bytes, most: number, timeout: number): number;
  statx(directory: number, path: string, flags: number, mask: number, into: Bytes): number;
  fstatfs(fd: number, into: Bytes): number;
  getxattr(path: string, name: string, into: Bytes | null, size: number): number;
  listxattr(path: string, into: Bytes | null, size: number): number;
  memfdCreate(name: string, flags: number): number;
  ftruncate(fd: number, length: number | bigint): number;
  pipe2(fds: Bytes, flags: number): number;
  inotifyInit1(flags: number): number;
  inotifyAddWatch(fd: number, path: string, mask: number): number;
  inotifyRmWatch(fd: number, watch: number): number;
  processVmReadv(pid: number, local: Bytes, remote: Bytes): number;
  processVmWritev(pid: number, local: Bytes, remote: Bytes): number;
  prlimit(pid: number, resource: number, change: null, old: Bytes): number;
  capget(header: Bytes, data: Bytes): number;
  /** @param flags PIDFD_THREAD, or 0 */
  pidfdOpen(pid: number, flags?: number): number;
  pidfdGetfd(pidfd: number, fd: number): number;
  /** `process_madvise()` of an empty range. @returns 0 if this process may give that advice */
  processMadvise(pidfd: number, advice: number): number;
  /** `kcmp(KCMP_VM)`: 0 if two processes share their memory, as a child of `vfork()` and its parent do. */
  sameMemory(pid: number, otherPid: number): number;
  /** `kcmp(KCMP_FILE)`: 0 if two file descriptors of two processes refer to the same open file. */
  sameFile(pid: number, fd: number, otherPid: number, otherFd: number): number;
  recvmsg(fd: number, message: Bytes, flags: number): number;
  mmap(
    address: number,
    length: number,
    prot: number,
    flags: number,
    fd: number,
    offset: bigint,
  ): bigint | number;
  munmap(address: bigint, length: number): number;
  madvise(address: number, length: number, advice: number): number;
  sysconf(name: number): number;
  ioctlValue(fd: number, request: number, value: bigint): number;
  fcntl(fd: number, command: number, argument: number): number;
}

/** Binds the functions for a machine. @throws Error if libc lacks one of them */
export function bindLibc(machine: Machine): Libc {
  const lib = koffi.load(null);
  const bind = (definition: string): ((...args: never[]) => number) => lib.func(definition);
  const vmReadv = bind('int64_t process_vm_readv(int, void *, ulong, void *, ulong, ulong)') as VmCall;
  const vmWritev = bind('int64_t process_vm_writev(int, void *, ulong, void *, ulong, ulong)') as VmCall;
  const syscall3 = bind('long syscall(long, long, long, long)') as (
    number: number,
    a: number,
    b: number,
    c: number,
  ) => number;
  const syscall5 = bind('long syscall(long, long, long, long, long, long)') as (
    number: number,
    ...args: readonly [number, number, number, number, number]
  ) => number;
  const syscall6 = bind('int64_t syscall(long, long, void *, long, int64_t, int64_t, long)') as (
    number: number,
    ...args: readonly [number, Bytes, number, number, number, number]
  ) => number;
  return {
    ioctl: bind('int ioctl(int, ulong, void *)') as Libc['ioctl'],
    close: bind('int close(int)') as Libc['close'],
    open: bind('int open(const char *, int, uint)') as Libc['open'],
    openat: bind('int openat(int, const char *, int, uint)') as Libc['openat'],
    read: bind('int64_t read(int, void *, size_t)') as Libc['read'],
    write: bind('int64_t write(int, void *, size_t)') as Libc['write'],
    pread: bind('int64_t pread64(int, void *, size_t, int64_t)') as Libc['pread'],
    pwrite: bind('int64_t pwrite64(int, void *, size_t, int64_t)') as Libc['pwrite'],
    readNow: (fd, into) => {
      const segment = Buffer.alloc(64);
      segment.writeBigUInt64LE(addressOf(into), 0);
      segment.writeBigUInt64LE(BigInt(into.length), 8);
      // Offset -1: read at the current position.
      return syscall6(machine.preadv2, fd, segment, 1, -1, -1, RWF_NOWAIT);
    },
    poll: bind('int poll(void *, ulong, int)') as Libc['poll'],
    epollCreate1: bind('int epoll_create1(int)') as Libc['epollCreate1'],
    epollCtl: bind('int epoll_ctl(int, int, int, void *)') as Libc['epollCtl'],
    epollWait: bind('int epoll_wait(int, void *, int, int)') as Libc['epollWait'],
    statx: bind('int statx(int, const char *, int, uint, void *)') as Libc['statx'],
    fstatfs: bind('int fstatfs64(int, void *)') as Libc['fstatfs'],
    getxattr: bind('int64_t getxattr(const char *, const char *, void *, size_t)') as Libc['getxattr'],
    listxattr: bind('int64_t listxattr(const char *, void *, size_t)') as Libc['listxattr'],
    memfdCreate: bind('int memfd_create(const char *, uint)') as Libc['memfdCreate'],
    ftruncate: bind('int ftruncate64(int, int64_t)') as Libc['ftruncate'],
    pipe2: bind('int pipe2(void *, int)') as Libc['pipe2'],
    inotifyInit1: bind('int inotify_init1(int)') as Libc['inotifyInit1'],
    inotifyAddWatch: bind('int inotify_add_watch(int, const char *, uint)') as Libc['inotifyAddWatch'],
    inotifyRmWatch: bind('int inotify_rm_watch(int, int)') as Libc['inotifyRmWatch'],
    processVmReadv: (pid, local, remote) => vmReadv(pid, local, 1, remote, 1, 0),
    processVmWritev: (pid, local, remote) => vmWritev(pid, local, 1, remote, 1, 0),
    prlimit: bind('int prlimit64(int, int, void *, void *)') as Libc['prlimit'],
    capget: bind('int capget(void *, void *)') as Libc['capget'],
    pidfdOpen: (pid, flags = 0) => syscall3(machine.pidfdOpen, pid, flags, 0),
    pidfdGetfd: (pidfd, fd) => syscall3(machine.pidfdGetfd, pidfd, fd, 0),
    processMadvise: (pidfd, advice) => syscall5(machine.calls.process_madvise, pidfd, 0, 0, advice, 0),
    sameMemory: (pid, otherPid) => syscall5(machine.kcmp, pid, otherPid, KCMP_VM, 0, 0),
    sameFile: (pid, fd, otherPid, otherFd) => syscall5(machine.kcmp, pid, otherPid, KCMP_FILE, fd, otherFd),
    recvmsg: bind('int64_t recvmsg(int, void *, int)') as Libc['recvmsg'],
    mmap: bind('intptr_t mmap64(intptr_t, size_t, int, int, int, int64_t)') as unknown as Libc['mmap'],
    ioctlValue: bind('int ioctl(int, ulong, uint64_t)') as Libc['ioctlValue'],
    fcntl: bind('int fcntl(int, int, long)') as Libc['fcntl'],
    sysconf: bind('long sysconf(int)') as Libc['sysconf'],
    munmap: bind('int munmap(intptr_t, size_t)') as unknown as Libc['munmap'],
    madvise: bind('int madvise(intptr_t, size_t, int)') as Libc['madvise'],
  };
}

type VmCall = (
  pid: number,
  local: Bytes,
  localCount: number,
  remote: Bytes,
  remoteCount: number,
  flags: number,
) => number;

/** `errno` of the function that has just failed. */
export const errno = (): number => koffi.errno();

/** The address of a buffer in this process, for pointers in structs. The caller must keep the buffer reachable. */
export const addressOf = (bytes: Bytes): bigint => koffi.address(bytes);

/** Unmaps the memory of each view when the view is garbage collected, because a view in use cannot be revoked. */
const views = new FinalizationRegistry<() => void>((unmap) => unmap());

/** Maps a range of a memory file. @returns its bytes in place @throws SystemError */
export function viewOf(libc: Libc, fd: number, offset: bigint, length: number): Uint8Array {
  const address = libc.mmap(0, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
  if (Number(address) === -1) throw new SystemError('mmap()', errno());
  const buffer = koffi.view(BigInt(address), length);
  views.register(buffer, () => libc.munmap(BigInt(address), length));
  return new Uint8Array(buffer);
}

/** The failure of a function that must not fail. */
export class SystemError extends Error {
  override readonly name = 'SystemError';

  constructor(
    what: string,
    /** A positive errno. */
    readonly errno: number,
  ) {
    super(`${what} failed: ${errnoText(errno)}`);
  }
}

/** ENFILE, EMFILE; ENOSPC, which `inotify_add_watch()` and `epoll_ctl()` return at the user's limit. */
const FULL = new Set([23, 24, 28]);

/** True if a function failed at a limit of open files or of watches. */
export const isFull = ({ errno: number }: SystemError): boolean => FULL.has(number);

/** Checks a function that must not fail. @returns its result @throws SystemError if it is negative */
export function must(what: string, result: number): number {
  if (result < 0) throw new SystemError(what, errno());
  return result;
}
