/**
 * Numbers of system calls, by machine. Sources: `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`,
 * which arm64 uses. A call that a machine lacks is left out: arm64 has only the newest of several calls for the same purpose.
 */

/** Calls that the supervisor may have to answer: they may use a file of the fake kernel, or free pages that it has pinned. */
export type Watched =
  | 'access'
  | 'copy_file_range'
  | 'creat'
  | 'dup'
  | 'dup2'
  | 'dup3'
  | 'execve'
  | 'execveat'
  | 'exit_group'
  | 'faccessat'
  | 'faccessat2'
  | 'fallocate'
  | 'fcntl'
  | 'fdatasync'
  | 'fstat'
  | 'fsync'
  | 'ftruncate'
  | 'getxattr'
  | 'io_uring_setup'
  | 'ioctl'
  | 'lgetxattr'
  | 'listxattr'
  | 'llistxattr'
  | 'lseek'
  | 'lstat'
  | 'madvise'
  | 'mmap'
  | 'mremap'
  | 'munmap'
  | 'newfstatat'
  | 'open'
  | 'openat'
  | 'openat2'
  | 'pidfd_getfd'
  | 'pread64'
  | 'preadv'
  | 'preadv2'
  | 'process_madvise'
  | 'pwrite64'
  | 'pwritev'
  | 'pwritev2'
  | 'read'
  | 'readahead'
  | 'readlink'
  | 'readlinkat'
  | 'readv'
  | 'recvmmsg'
  | 'recvmsg'
  | 'seccomp'
  | 'sendfile'
  | 'shmdt'
  | 'splice'
  | 'stat'
  | 'statfs'
  | 'statx'
  | 'tee'
  | 'truncate'
  | 'vmsplice'
  | 'write'
  | 'writev';

/** The numbers and layouts that differ between machines. */
export interface Machine {
  /** `AUDIT_ARCH_*` of `linux/audit.h`: the value of `seccomp_data.arch` in a filter. */
  readonly auditArch: number;
  readonly calls: Readonly<Partial<Record<Watched, number>> & Record<'process_madvise' | 'seccomp', number>>;
  /** `pidfd_open()` and `pidfd_getfd()`. Older libcs have no functions for them. */
  readonly pidfdOpen: number;
  readonly pidfdGetfd: number;
  /** `preadv2()`. Older libcs have no function for it. */
  readonly preadv2: number;
  /** Calls that only a tracer watches. */
  readonly brk: number;
  readonly close: number;
  readonly closeRange: number;
  readonly kcmp: number;
  readonly sendmsg: number;
  readonly eventfd2: number;
  readonly mprotect: number;
  readonly pkeyMprotect: number;
  readonly shmat: number;
  /** `fork()`, `vfork()`, `clone()` and `clone3()`; arm64 has only the last two. */
  readonly forks: readonly number[];
  readonly capget: number;
  /** The layout of `struct stat`: `asm/stat.h`. */
  readonly stat: StatLayout;
}

/** Offsets in `struct stat`, in bytes. A time is two words of 64 bits. */
export interface StatLayout {
  readonly size: number;
  readonly dev: number;
  readonly ino: number;
  readonly mode: number;
  readonly nlink: number;
  /** Size in bytes: 8 on x86-64, 4 on arm64. */
  readonly nlinkBytes: 4 | 8;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  /** `st_size`. */
  readonly bytes: number;
  readonly blksize: number;
  readonly blksizeBytes: 4 | 8;
  readonly atime: number;
}

const x64: Machine = {
  auditArch: 0xc000_003e,
  calls: {
    read: 0,
    write: 1,
    open: 2,
    stat: 4,
    fstat: 5,
    lstat: 6,
    lseek: 8,
    mmap: 9,
    munmap: 11,
    ioctl: 16,
    pread64: 17,
    pwrite64: 18,
    readv: 19,
    writev: 20,
    access: 21,
    mremap: 25,
    madvise: 28,
    dup: 32,
    dup2: 33,
    sendfile: 40,
    recvmsg: 47,
    execve: 59,
    shmdt: 67,
    fcntl: 72,
    fsync: 74,
    fdatasync: 75,
    truncate: 76,
    ftruncate: 77,
    creat: 85,
    readlink: 89,
    statfs: 137,
    readahead: 187,
    getxattr: 191,
    lgetxattr: 192,
    listxattr: 194,
    llistxattr: 195,
    exit_group: 231,
    openat: 257,
    newfstatat: 262,
    readlinkat: 267,
    faccessat: 269,
    splice: 275,
    tee: 276,
    vmsplice: 278,
    fallocate: 285,
    dup3: 292,
    preadv: 295,
    recvmmsg: 299,
    seccomp: 317,
    pwritev: 296,
    execveat: 322,
    copy_file_range: 326,
    preadv2: 327,
    pwritev2: 328,
    statx: 332,
    io_uring_setup: 425,
    openat2: 437,
    pidfd_getfd: 438,
    faccessat2: 439,
    process_madvise: 440,
  },
  pidfdOpen: 434,
  pidfdGetfd: 438,
  preadv2: 327,
  close: 3,
  brk: 12,
  closeRange: 436,
  kcmp: 312,
  sendmsg: 46,
  eventfd2: 290,
  mprotect: 10,
  pkeyMprotect: 329,
  shmat: 30,
  forks: [56, 57, 58, 435],
  capget: 125,
  stat: {
    size: 144,
    dev: 0,
    ino: 8,
    nlink: 16,
    nlinkBytes: 8,
    mode: 24,
    uid: 28,
    gid: 32,
    rdev: 40,
    bytes: 48,
    blksize: 56,
    blksizeBytes: 8,
    atime: 72,
  },
};

const arm64: Machine = {
  auditArch: 0xc000_00b7,
  calls: {
    getxattr: 8,
    lgetxattr: 9,
    listxattr: 11,
    llistxattr: 12,
    dup: 23,
    dup3: 24,
    fcntl: 25,
    ioctl: 29,
    statfs: 43,
    truncate: 45,
    ftruncate: 46,
    fallocate: 47,
    faccessat: 48,
    openat: 56,
    lseek: 62,
    read: 63,
    write: 64,
    readv: 65,
    writev: 66,
    pread64: 67,
    pwrite64: 68,
    preadv: 69,
    pwritev: 70,
    sendfile: 71,
    vmsplice: 75,
    splice: 76,
    tee: 77,
    readlinkat: 78,
    newfstatat: 79,
    fstat: 80,
    fsync: 82,
    fdatasync: 83,
    exit_group: 94,
    recvmsg: 212,
    readahead: 213,
    munmap: 215,
    mremap: 216,
    execve: 221,
    mmap: 222,
    madvise: 233,
    execveat: 281,
    recvmmsg: 243,
    shmdt: 197,
    seccomp: 277,
    copy_file_range: 285,
    preadv2: 286,
    pwritev2: 287,
    statx: 291,
    io_uring_setup: 425,
    openat2: 437,
    pidfd_getfd: 438,
    faccessat2: 439,
    process_madvise: 440,
  },
  pidfdOpen: 434,
  pidfdGetfd: 438,
  preadv2: 286,
  close: 57,
  brk: 214,
  closeRange: 436,
  kcmp: 272,
  sendmsg: 211,
  eventfd2: 19,
  mprotect: 226,
  pkeyMprotect: 288,
  shmat: 196,
  forks: [220, 435],
  capget: 90,
  stat: {
    size: 128,
    dev: 0,
    ino: 8,
    mode: 16,
    nlink: 20,
    nlinkBytes: 4,
    uid: 24,
    gid: 28,
    rdev: 32,
    bytes: 48,
    blksize: 56,
    blksizeBytes: 4,
    atime: 72,
  },
};

/** The supported machines, by Node's `process.arch`. */
export const machines: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = { x64, arm64 };
