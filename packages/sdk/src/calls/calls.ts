/**
 * System calls as the SDK makes them: arguments are encoded into memory that the kernel can read, EINTR and EAGAIN are
 * retried, and a failure is thrown as an {@link IommufdError} with the errno's meaning for the call. Every object makes its
 * ioctls through the {@link Calls} of its `/dev/iommu`.
 */
import { errno, errnoName, type ErrnoName, type Ioctl, type Syscalls } from '@iommufd/uapi';
import {
  annotate,
  type AnyType,
  decode,
  encode,
  type Fields,
  Integer,
  type Struct,
  type Type,
} from '@iommufd/uapi/struct';
import type { Cause } from './causes/cause.js';
import { type FailedCall, IommufdError } from './error.js';
import { type Alloc, Scratch } from './scratch.js';
import { sinceDetail } from './since.js';

/** The struct of an ioctl. */
export type Command<Out, In, V> = Type<Out, In, V> & Pick<Struct<Fields, Fields>, 'members'>;

/** The fields of an ioctl's struct that the caller sets: all but its size and output fields. */
export type Arguments<In> = In extends unknown
  ? { [K in keyof In as K extends 'size' | 'argsz' | `out_${string}` ? never : K]: In[K] }
  : never;

/** The outcome of an ioctl. */
interface Outcome<Out> {
  /** The return value of the system call. */
  readonly status: number;
  /** The failed call, for an error. */
  readonly failed: () => FailedCall;
  /** Decodes the struct as the kernel returned it. */
  readonly left: () => Out;
}

/** What the SDK knows about a failure beyond its errno. Evaluated only if the call fails. */
export interface Insight {
  /** The users of an object that is busy. */
  readonly usedBy?: () => readonly string[];
  /** Finds the cause. */
  readonly cause?: Cause;
}

/** The size field alone. */
const SIZE_BYTES = 4;

/** The most attempts of a call that fails with EAGAIN. */
const MOST_TRIES = 100;

/** Makes system calls. */
export class Calls {
  private readonly scratch: Scratch;

  constructor(readonly sys: Syscalls) {
    this.scratch = new Scratch(sys);
  }

  /** Runs `work` with an allocator whose memory is valid until it returns. */
  frame<T>(work: (alloc: Alloc) => T): T {
    return this.scratch.frame(work);
  }

  /**
   * Makes an ioctl.
   * @param insight details for the error if it fails
   * @returns the struct as the kernel returned it
   * @throws IommufdError
   */
  ioctl<Out, In, V>(
    fd: number,
    command: Ioctl<Command<Out, In, V>>,
    args: Arguments<In>,
    insight?: Insight,
  ): Out {
    const { status, failed, left } = this.tryIoctl(fd, command, args);
    if (status >= 0) return left();
    const usedBy = status === -errno.EBUSY ? insight?.usedBy?.() : undefined;
    const failure = failed();
    throw new IommufdError(failure, {
      meanings: command.errors,
      usedBy,
      detail: sinceDetail(errnoName(status), command.name, command.struct, failure.args),
      ...meaningOf(errnoName(status), insight?.cause),
    });
  }

  /** Makes an ioctl without throwing on failure. */
  tryIoctl<Out, In, V>(
    fd: number,
    { name, request, struct }: Ioctl<Command<Out, In, V>>,
    args: Arguments<In>,
  ): Outcome<Out> {
    const given = complete(struct, args);
    // `complete()` has added the fields that Arguments omits.
    const encoded = encode(struct, given as In);
    return this.frame((alloc) => {
      const { address, bytes } = alloc(encoded.length);
      const status = retry(() => {
        // An interrupted call may have written to the struct.
        bytes.set(encoded);
        return this.sys.ioctl(fd, request, address);
      });
      // Copied, because the memory is released before the struct is decoded.
      const after = bytes.slice();
      return {
        status,
        failed: () => ({ call: name, args: given, errno: -status, shown: inWords(struct, encoded) }),
        // Lenient: a newer kernel may use fields that are reserved today.
        left: () => decode(struct, after, { lenient: true }),
      };
    });
  }

  /**
   * Asks whether the kernel knows an ioctl, without doing anything: a struct of 4 bytes is shorter than that of any ioctl, which is
   * EINVAL, and an unknown number is ENOTTY.
   * @throws IommufdError for any other answer
   */
  knows(fd: number, { name, request }: Ioctl): boolean {
    return this.frame((alloc) => {
      const { address, bytes } = alloc(SIZE_BYTES);
      const status = retry(() => {
        new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, SIZE_BYTES, true);
        return this.sys.ioctl(fd, request, address);
      });
      if (status === -errno.ENOTTY) return false;
      if (status === -errno.EINVAL) return true;
      throw new IommufdError({ call: name, args: { size: SIZE_BYTES }, errno: -status });
    });
  }

  /** Makes an ioctl whose argument is not a pointer. */
  plainIoctl(fd: number, { name, request, errors }: Ioctl<undefined>, arg = 0n): number {
    const status = retry(() => this.sys.ioctl(fd, request, arg));
    if (status < 0)
      throw new IommufdError({ call: name, args: { fd }, errno: -status }, { meanings: errors });
    return status;
  }

  /** Opens a file. @throws IommufdError */
  open(path: string): number {
    const fd = retry(() => this.sys.open(path));
    if (fd < 0) throw new IommufdError({ call: 'open', args: { path }, errno: -fd });
    return fd;
  }

  /** Closes a file. Linux closes the fd even if `close()` fails, so it must not be retried. */
  close(fd: number): void {
    this.sys.close(fd);
  }

  free(): void {
    this.scratch.free();
  }
}

/**
 * Finds the cause of a failure. If a query for that fails too, the errno keeps its general meaning for the call, and the
 * query's failure becomes the error's `cause`.
 */
function meaningOf(
  code: ErrnoName | undefined,
  find: Cause | undefined,
): { readonly meaning?: string | undefined; readonly cause?: unknown } {
  if (code === undefined || find === undefined) return {};
  try {
    return { meaning: find(code) };
  } catch (cause) {
    return { cause };
  }
}

/** The names of size fields. */
const SIZES: readonly string[] = ['size', 'argsz'];

/** The fields of a struct as strace would print them, without reserved and output fields. */
function inWords(struct: AnyType, bytes: Uint8Array): string {
  return annotate(struct, bytes)
    .filter(({ kind, path, direction }) => kind === 'field' && direction !== 'out' && !SIZES.includes(path))
    .map(({ path, text }) => `${path}=${text}`)
    .join(', ');
}

/**
 * Retries a call on EINTR and EAGAIN.
 * @param isMeant returns false if EAGAIN is final: a file has nothing to read
 */
export function retry(call: () => number, isMeant: () => boolean = () => true): number {
  for (let tries = 1; ;) {
    const status = call();
    if (status === -errno.EINTR) continue;
    if (status !== -errno.EAGAIN || tries++ === MOST_TRIES || !isMeant()) return status;
  }
}

/** All fields of a struct: its size, zero for output fields, and the given ones. */
function complete(
  struct: Pick<Struct<Fields, Fields>, 'members' | 'byteLength'>,
  given: object,
): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const { name, type, direction } of struct.members) {
    if (!(type instanceof Integer)) continue;
    const { kind } = type.role;
    if (kind === 'size' || kind === 'argsz') whole[name] = struct.byteLength;
    else if (direction === 'out') whole[name] = typeof type.max === 'bigint' ? 0n : 0;
  }
  return { ...whole, ...given };
}
