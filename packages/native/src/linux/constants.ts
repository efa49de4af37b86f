/** Numbers of Linux, with the header that each comes from. They are the same on x86-64 and arm64, except {@link OPEN_FLAGS}. */

/** Flags of `open()` that differ: `asm/fcntl.h` on arm64, `asm-generic/fcntl.h` on x86-64. */
const OPEN_FLAGS = {
  x64: { O_DIRECT: 0o40000, O_LARGEFILE: 0o100000, O_DIRECTORY: 0o200000, O_NOFOLLOW: 0o400000 },
  arm64: { O_DIRECTORY: 0o40000, O_NOFOLLOW: 0o100000, O_DIRECT: 0o200000, O_LARGEFILE: 0o400000 },
} as const;
/**
 * O_DIRECT: on a pipe, each write is a packet (`pipe(2)`). O_LARGEFILE: on 64-bit machines `open()` always sets it; files without a path
 * do not have it.
 */
export const { O_DIRECT, O_DIRECTORY, O_LARGEFILE, O_NOFOLLOW } =
  OPEN_FLAGS[process.arch === 'arm64' ? 'arm64' : 'x64'];

/** `asm-generic/fcntl.h`. */
export const O_ACCMODE = 3;
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
/** FASYNC of the kernel. */
export const O_ASYNC = 0o20000;
/** With O_DSYNC, which is one of its bits. */
export const O_SYNC = 0o4010000;
export const O_CLOEXEC = 0o2000000;
export const O_PATH = 0o10000000;
export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_EMPTY_PATH = 0x1000;
export const F_DUPFD = 0;
export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_SETLEASE = 1024;
export const F_DUPFD_QUERY = 1027;
export const F_CREATED_QUERY = 1028;
export const F_DUPFD_CLOEXEC = 1030;
/** `linux/pidfd.h`, from Linux 6.9 on. */
export const PIDFD_THREAD = O_EXCL;
/** `linux/close_range.h`. */
export const CLOSE_RANGE_CLOEXEC = 4;
export const F_SETPIPE_SZ = 1031;
export const F_GETPIPE_SZ = 1032;
export const F_ADD_SEALS = 1033;
export const F_GET_SEALS = 1034;
export const F_SEAL_SEAL = 1;
export const F_SEAL_SHRINK = 2;
export const F_SEAL_GROW = 4;
export const F_SEAL_WRITE = 8;
export const F_SEAL_FUTURE_WRITE = 0x10;
export const F_SEAL_EXEC = 0x20;
/** With F_SEAL_FUTURE_WRITE and F_SEAL_EXEC. */
export const F_ALL_SEALS = 0x3f;
/** `linux/eventpoll.h`. */
export const EPOLL_CTL_ADD = 1;
export const EPOLLIN = 1;
export const EPOLLET = 0x8000_0000;
/** `sizeof(struct epoll_event)` where it is not packed. Its first member is `events`. */
export const EPOLL_EVENT_SIZE = 16;
/** `linux/fs.h`. */
export const RWF_NOWAIT = 8;
/** `asm-generic/ioctls.h`. */
export const FIONBIO = 0x5421;
export const FIONCLEX = 0x5450;
export const FIOCLEX = 0x5451;
/** `linux/kcmp.h`. */
export const KCMP_FILE = 0;
export const KCMP_VM = 1;
/** `linux/memfd.h`, `linux/inotify.h`. */
export const MFD_CLOEXEC = 1;
export const MFD_ALLOW_SEALING = 2;
export const IN_CLOSE = 0x18;
export const IN_OPEN = 0x20;
export const IN_Q_OVERFLOW = 0x4000;
/** `struct inotify_event`: its size and the offsets of its members. */
export const INOTIFY_EVENT = { size: 16, wd: 0, mask: 4, len: 12 } as const;

/** `linux/stat.h`. */
export const STATX_INO = 0x100;
export const STATX_TYPE = 0x1;
export const STATX_BASIC_STATS = 0x7ff;
export const S_IFMT = 0o170000;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IWUSR = 0o200;
export const S_IWGRP = 0o020;
export const S_IWOTH = 0o002;
/** `struct statx`: its size and the offsets of its members. */
export const STATX = {
  size: 256,
  mask: 0,
  blksize: 4,
  nlink: 16,
  uid: 20,
  gid: 24,
  mode: 28,
  ino: 32,
  bytes: 40,
  rdevMajor: 128,
  rdevMinor: 132,
  devMajor: 136,
  devMinor: 140,
} as const;

/** `linux/seccomp.h`. */
export const SECCOMP_SET_MODE_FILTER = 1;
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 1 << 3;
export const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 1 << 5;
export const SECCOMP_RET_ALLOW = 0x7fff_0000;
export const SECCOMP_RET_USER_NOTIF = 0x7fc0_0000;
export const SECCOMP_IOCTL_NOTIF_RECV = 0xc050_2100;
export const SECCOMP_IOCTL_NOTIF_SEND = 0xc018_2101;
export const SECCOMP_IOCTL_NOTIF_ID_VALID = 0x4008_2102;
export const SECCOMP_IOCTL_NOTIF_ADDFD = 0x4018_2103;
/** From Linux 6.6 on. */
export const SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x4008_2104;
export const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1n;
export const SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
export const SECCOMP_ADDFD_FLAG_SETFD = 1;
/** `struct seccomp_data`. */
export const SECCOMP_DATA = { nr: 0, arch: 4, args: 16 } as const;
/** `struct seccomp_notif`. */
export const SECCOMP_NOTIF = { size: 80, id: 0, pid: 8, nr: 16, args: 32 } as const;
/** `struct seccomp_notif_resp`. */
export const SECCOMP_NOTIF_RESP = { size: 24, id: 0, val: 8, error: 16, flags: 20 } as const;
/** `struct seccomp_notif_addfd`. */
export const SECCOMP_NOTIF_ADDFD = {
  size: 24,
  id: 0,
  flags: 8,
  srcfd: 12,
  newfd: 16,
  newfdFlags: 20,
} as const;

/** `linux/fs.h`: PROCMAP_QUERY, from Linux 6.11 on. */
export const PROCMAP_QUERY = 0xc068_6611;
export const PROCMAP_QUERY_COVERING_OR_NEXT_VMA = 0x10;
/** Bits of `vma_flags`. */
export const PROCMAP_QUERY_VMA_READABLE = 1;
export const PROCMAP_QUERY_VMA_WRITABLE = 2;
export const PROCMAP_QUERY_VMA_SHARED = 8;
/** `struct procmap_query`. */
export const PROCMAP = {
  size: 104,
  flags: 8,
  address: 16,
  start: 24,
  end: 32,
  vmaFlags: 40,
  pageSize: 48,
  offset: 56,
  inode: 64,
  devMajor: 72,
  devMinor: 76,
} as const;

/** `sizeof(struct statfs)`, of `asm-generic/statfs.h`. */
export const STATFS_SIZE = 120;

/** `linux/magic.h`: filesystems in memory. */
export const TMPFS_MAGIC = 0x0102_1994n;
export const HUGETLBFS_MAGIC = 0x9584_58f6n;

/** `linux/mman.h` and `asm-generic/mman-common.h`: advice and flags that the fake kernel does not use. */
export const MADV_DONTNEED = 4;
export const MADV_FREE = 8;
export const MADV_REMOVE = 9;
export const MADV_DONTNEED_LOCKED = 24;
export const MADV_GUARD_INSTALL = 102;
export const MREMAP_MAYMOVE = 1;
export const MREMAP_FIXED = 2;
export const MREMAP_DONTUNMAP = 4;

/** `linux/capability.h`. */
export const CAP_DAC_OVERRIDE = 1;
export const CAP_IPC_LOCK = 14;
export const CAP_SYS_RAWIO = 17;
export const CAP_SYS_ADMIN = 21;
export const CAP_SYS_RESOURCE = 24;
export const LINUX_CAPABILITY_VERSION_3 = 0x2008_0522;

/** `asm-generic/resource.h`. */
export const RLIMIT_NOFILE = 7;
export const RLIMIT_MEMLOCK = 8;

/** `linux/socket.h`. */
export const SOL_SOCKET = 1;
export const SCM_RIGHTS = 1;
export const MSG_PEEK = 2;
export const MSG_CTRUNC = 8;
export const MSG_DONTWAIT = 0x40;
export const MSG_CMSG_CLOEXEC = 0x4000_0000;

/** `linux/uio.h`: the most segments of a vectored call. */
export const UIO_MAXIOV = 1024;
