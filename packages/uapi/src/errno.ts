/**
 * Errno numbers as `asm-generic/errno-base.h` and `asm-generic/errno.h` have them, which is what every
 * architecture uses that has an IOMMU behind iommufd (x86, arm64, s390, powerpc, riscv; `EDEADLK` apart).
 * The meanings are those that matter at `/dev/iommu`.
 */
const ERRNOS = {
  EPERM: [1, 'Operation not permitted.'],
  ENOENT: [2, 'No such file, object or address.'],
  ESRCH: [3, 'No such process.'],
  EINTR: [4, 'A signal came first; call again.'],
  EIO: [5, 'The hardware or its driver refused.'],
  ENXIO: [6, 'No such device or address.'],
  E2BIG: [7, 'The struct is longer than the kernel knows, and what it does not know is not zero.'],
  ENOEXEC: [8, 'Not an executable.'],
  EBADF: [9, 'Not an open file descriptor.'],
  ECHILD: [10, 'No child processes.'],
  EAGAIN: [11, 'Nothing is there now; try again later.'],
  ENOMEM: [12, 'Out of memory, or past the limit of locked memory.'],
  EACCES: [13, 'Permission denied.'],
  EFAULT: [14, 'A pointer leads where nothing is mapped, or where the protection forbids it.'],
  ENOTBLK: [15, 'Block device required.'],
  EBUSY: [16, 'Something still uses it.'],
  EEXIST: [17, 'It exists already.'],
  EXDEV: [18, 'Cross-device link.'],
  ENODEV: [19, 'No such device.'],
  ENOTDIR: [20, 'Not a directory.'],
  EISDIR: [21, 'Is a directory.'],
  EINVAL: [22, 'A field holds what it must not hold.'],
  ENFILE: [23, 'Too many open files in the system.'],
  EMFILE: [24, 'Too many open files in the process.'],
  ENOTTY: [25, 'The file does not know this request.'],
  ETXTBSY: [26, 'Text file busy.'],
  EFBIG: [27, 'File too large.'],
  ENOSPC: [28, 'No room left.'],
  ESPIPE: [29, 'The file has no position to seek to.'],
  EROFS: [30, 'Read-only file system.'],
  EMLINK: [31, 'Too many links.'],
  EPIPE: [32, 'Nobody reads the other end.'],
  EDOM: [33, "Argument outside of the function's domain."],
  ERANGE: [34, 'The result does not fit.'],
  EDEADLK: [35, 'Taking the lock would deadlock.'],
  ENAMETOOLONG: [36, 'File name too long.'],
  ENOLCK: [37, 'No locks available.'],
  ENOSYS: [38, 'No such system call.'],
  ENOTEMPTY: [39, 'Directory not empty.'],
  ELOOP: [40, 'Too many symbolic links.'],
  ENOMSG: [42, 'No message of the desired type.'],
  ENODATA: [61, 'No data available.'],
  ETIME: [62, 'Timer expired.'],
  EOVERFLOW: [75, 'A sum of address and length wraps, or the value does not fit its type.'],
  EBADFD: [77, 'The file descriptor is not of the kind that is needed.'],
  EMSGSIZE: [90, 'The array is too short for what there is to return.'],
  EPROTONOSUPPORT: [93, 'Protocol not supported.'],
  EOPNOTSUPP: [95, 'A field holds a value that this kernel does not support.'],
  EADDRINUSE: [98, 'The address is taken.'],
  EADDRNOTAVAIL: [99, 'The address is not available.'],
  ENOBUFS: [105, 'No buffer space available.'],
  ETIMEDOUT: [110, 'It took too long.'],
  ECANCELED: [125, 'It was cancelled.'],
} as const;

/** The name of an errno: `'EBUSY'`. */
export type ErrnoName = keyof typeof ERRNOS;

/** Errno numbers by name, positive as in `errno.h`; a syscall returns them negated. */
export const errno: { readonly [K in ErrnoName]: (typeof ERRNOS)[K][0] } = Object.freeze(
  // Each key keeps its own number.
  Object.fromEntries(Object.entries(ERRNOS).map(([name, [value]]) => [name, value])) as never,
);

const NAMES: ReadonlyMap<number, ErrnoName> = new Map(
  Object.entries(ERRNOS).map(([name, [value]]) => [value, name as ErrnoName]),
);

/** The name of an errno; `value` may be positive, or negative as a syscall returns it. */
export function errnoName(value: number): ErrnoName | undefined {
  return NAMES.get(Math.abs(value));
}

/** What an errno means in general; a particular ioctl may say more. */
export function errnoMeaning(name: ErrnoName): string {
  return ERRNOS[name][1];
}

/** Is `name` an errno that is known here? */
export function isErrnoName(name: string): name is ErrnoName {
  return Object.hasOwn(ERRNOS, name);
}
