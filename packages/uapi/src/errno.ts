/**
 * Errno numbers of `asm-generic/errno-base.h` and `asm-generic/errno.h`. All architectures with an IOMMU behind iommufd use
 * them (x86, arm64, s390, powerpc, riscv), except that powerpc has another `EDEADLK`. The meanings are written for
 * `/dev/iommu`.
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
  EPIPE: [32, 'The other end is closed for reading.'],
  EDOM: [33, "Argument outside of the function's domain."],
  ERANGE: [34, 'The result does not fit.'],
  EDEADLK: [35, 'Taking the lock would deadlock.'],
  ENAMETOOLONG: [36, 'File name too long.'],
  ENOLCK: [37, 'No locks available.'],
  ENOSYS: [38, 'No such system call.'],
  ENOTEMPTY: [39, 'Directory not empty.'],
  ELOOP: [40, 'Too many symbolic links.'],
  ENOMSG: [42, 'No message of the desired type.'],
  EIDRM: [43, 'Identifier removed.'],
  ECHRNG: [44, 'Channel number out of range.'],
  EL2NSYNC: [45, 'Level 2 not synchronized.'],
  EL3HLT: [46, 'Level 3 halted.'],
  EL3RST: [47, 'Level 3 reset.'],
  ELNRNG: [48, 'Link number out of range.'],
  EUNATCH: [49, 'Protocol driver not attached.'],
  ENOCSI: [50, 'No CSI structure available.'],
  EL2HLT: [51, 'Level 2 halted.'],
  EBADE: [52, 'Invalid exchange.'],
  EBADR: [53, 'Invalid request descriptor.'],
  EXFULL: [54, 'Exchange full.'],
  ENOANO: [55, 'No anode.'],
  EBADRQC: [56, 'Invalid request code.'],
  EBADSLT: [57, 'Invalid slot.'],
  EBFONT: [59, 'Bad font file format.'],
  ENOSTR: [60, 'Device not a stream.'],
  ENODATA: [61, 'No data available.'],
  ETIME: [62, 'Timer expired.'],
  ENOSR: [63, 'Out of streams resources.'],
  ENONET: [64, 'Machine is not on the network.'],
  ENOPKG: [65, 'Package not installed.'],
  EREMOTE: [66, 'Object is remote.'],
  ENOLINK: [67, 'Link has been severed.'],
  EADV: [68, 'Advertise error.'],
  ESRMNT: [69, 'Srmount error.'],
  ECOMM: [70, 'Communication error on send.'],
  EPROTO: [71, 'Protocol error.'],
  EMULTIHOP: [72, 'Multihop attempted.'],
  EDOTDOT: [73, 'RFS specific error.'],
  EBADMSG: [74, 'Bad message.'],
  EOVERFLOW: [75, 'A sum of address and length wraps, or the value does not fit its type.'],
  ENOTUNIQ: [76, 'Name not unique on network.'],
  EBADFD: [77, 'The file descriptor is not of the kind that is needed.'],
  EREMCHG: [78, 'Remote address changed.'],
  ELIBACC: [79, 'Can not access a needed shared library.'],
  ELIBBAD: [80, 'Accessing a corrupted shared library.'],
  ELIBSCN: [81, '.lib section in a.out corrupted.'],
  ELIBMAX: [82, 'Attempting to link in too many shared libraries.'],
  ELIBEXEC: [83, 'Cannot exec a shared library directly.'],
  EILSEQ: [84, 'Invalid or incomplete multibyte or wide character.'],
  ERESTART: [85, 'Interrupted system call should be restarted.'],
  ESTRPIPE: [86, 'Streams pipe error.'],
  EUSERS: [87, 'Too many users.'],
  ENOTSOCK: [88, 'Socket operation on non-socket.'],
  EDESTADDRREQ: [89, 'Destination address required.'],
  EMSGSIZE: [90, 'The array is too short for what there is to return.'],
  EPROTOTYPE: [91, 'Protocol wrong type for socket.'],
  ENOPROTOOPT: [92, 'Protocol not available.'],
  EPROTONOSUPPORT: [93, 'Protocol not supported.'],
  ESOCKTNOSUPPORT: [94, 'Socket type not supported.'],
  EOPNOTSUPP: [95, 'A field holds a value that this kernel does not support.'],
  EPFNOSUPPORT: [96, 'Protocol family not supported.'],
  EAFNOSUPPORT: [97, 'Address family not supported by protocol.'],
  EADDRINUSE: [98, 'The address is taken.'],
  EADDRNOTAVAIL: [99, 'The address is not available.'],
  ENETDOWN: [100, 'Network is down.'],
  ENETUNREACH: [101, 'Network is unreachable.'],
  ENETRESET: [102, 'Network dropped connection on reset.'],
  ECONNABORTED: [103, 'Software caused connection abort.'],
  ECONNRESET: [104, 'Connection reset by peer.'],
  ENOBUFS: [105, 'No buffer space available.'],
  EISCONN: [106, 'Transport endpoint is already connected.'],
  ENOTCONN: [107, 'Transport endpoint is not connected.'],
  ESHUTDOWN: [108, 'Cannot send after transport endpoint shutdown.'],
  ETOOMANYREFS: [109, 'Too many references: cannot splice.'],
  ETIMEDOUT: [110, 'It took too long.'],
  ECONNREFUSED: [111, 'Connection refused.'],
  EHOSTDOWN: [112, 'Host is down.'],
  EHOSTUNREACH: [113, 'No route to host.'],
  EALREADY: [114, 'Operation already in progress.'],
  EINPROGRESS: [115, 'Operation now in progress.'],
  ESTALE: [116, 'Stale file handle.'],
  EUCLEAN: [117, 'Structure needs cleaning.'],
  ENOTNAM: [118, 'Not a XENIX named type file.'],
  ENAVAIL: [119, 'No XENIX semaphores available.'],
  EISNAM: [120, 'Is a named type file.'],
  EREMOTEIO: [121, 'Remote I/O error.'],
  EDQUOT: [122, 'Disk quota exceeded.'],
  ENOMEDIUM: [123, 'No medium found.'],
  EMEDIUMTYPE: [124, 'Wrong medium type.'],
  ECANCELED: [125, 'It was cancelled.'],
  ENOKEY: [126, 'Required key not available.'],
  EKEYEXPIRED: [127, 'Key has expired.'],
  EKEYREVOKED: [128, 'Key has been revoked.'],
  EKEYREJECTED: [129, 'Key was rejected by service.'],
  EOWNERDEAD: [130, 'Owner died.'],
  ENOTRECOVERABLE: [131, 'State not recoverable.'],
  ERFKILL: [132, 'Operation not possible due to RF-kill.'],
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

/** The general meaning of an errno; an ioctl may define a more specific one. */
export function errnoMeaning(name: ErrnoName): string {
  return ERRNOS[name][1];
}

/** True if `name` is the name of an errno. */
export function isErrnoName(name: string): name is ErrnoName {
  return Object.hasOwn(ERRNOS, name);
}
