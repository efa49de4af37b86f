/**
 * Makes system calls: encodes arguments into memory that the kernel can read, retries on EINTR and EAGAIN, and throws a failure
 * as an {@link IommufdError} with the errno's meaning for the call. Every object makes its ioctls through the {@link Calls} of
 * its `/dev/iommu`.
 */
import { errno, errnoName, type ErrnoName, type Ioctl, type Syscalls } from '@iommufd/uapi';
import {
  annotate,
  type AnyType,
  decode,
  encode,
  encodeInto,
  type Fields,
  Integer,
  type Struct,
  type Type,
} from '@iommufd/uapi/struct';
import type { Cause } from './causes/cause.js';
import { type FailedCall, IommufdError } from './error.js';
import { type Alloc, type Piece, Scratch } from './scratch.js';
import { sinceDetail } from './since.js';

/** The struct of an ioctl. */
export type Command<Out, In, V> = Type<Out, In, V> & Pick<Struct<Fields, Fields>, 'members' | 'byteLength'>;

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
  readonly result: () => Out;
}

/** Functions that provide details of a failure. Called only if the call fails. */
export interface FailureDetails {
  /** The users of an object that is busy. */
  readonly usedBy?: () => readonly string[];
  /** Finds the cause. */
  readonly cause?: Cause;
}

/** A newer kernel may use fields that are reserved today. */
const LENIENT = { lenient: true };

/** Size of the size field, in bytes. */
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
   * @param details provides details for the error if it fails
   * @returns the struct as the kernel returned it
   * @throws IommufdError
   */
  ioctl<Out, In, V>(
    fd: number,
    command: Ioctl<Command<Out, In, V>>,
    args: Arguments<In>,
    details?: FailureDetails,
  ): Out {
    const piece = command.struct.open ? undefined : this.scratch.push(command.struct.byteLength);
    if (piece !== undefined) return this.ioctlIn(piece, fd, command, args, details);
    const { status, failed, result } = this.tryIoctl(fd, command, args);
    if (status >= 0) return result();
    throw failureOf(command, failed(), details);
  }

  /** The same with the argument in memory of {@link Scratch.push}, which is released afterwards. */
  private ioctlIn<Out, In, V>(
    piece: Piece,
    fd: number,
    command: Ioctl<Command<Out, In, V>>,
    args: Arguments<In>,
    details: FailureDetails | undefined,
  ): Out {
    const { name, request, struct } = command;
    const { address, bytes } = piece;
    // `complete()` adds the fields that Arguments omits.
    const given = complete(struct, args);
    try {
      const status = retry(() => {
        // An interrupted call may have written to the struct.
        encodeInto(struct, given as In, bytes);
        return this.sys.ioctl(fd, request, address);
      });
      if (status >= 0) return decode(struct, bytes, LENIENT);
      const shown = inWords(struct, encode(struct, given as In));
      throw failureOf(command, { call: name, args: given, errno: -status, shown }, details);
    } finally {
      this.scratch.pop(piece);
    }
  }

  /** The same, for an ioctl that returns a number. @returns the number */
  statusOf<Out, In, V>(
    fd: number,
    command: Ioctl<Command<Out, In, V>>,
    args: Arguments<In>,
    details?: FailureDetails,
  ): number {
    const { status, failed } = this.tryIoctl(fd, command, args);
    if (status >= 0) return status;
    throw failureOf(command, failed(), details);
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
    // The size field of a struct with an array at its end includes the array.
    if (encoded.length > struct.byteLength) new DataView(encoded.buffer).setUint32(0, encoded.length, true);
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
        result: () => decode(struct, after, LENIENT),
      };
    });
  }

  /**
   * Tests whether the kernel has an ioctl, without any effect. A struct of 4 bytes is shorter than that of any ioctl, so the call fails
   * with EINVAL; an unknown number fails with ENOTTY.
   * @returns true if the kernel has it
   * @throws IommufdError for any other result
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
  plainIoctl(fd: number, { name, request, errors }: Ioctl<undefined>, arg = 0n, cause?: Cause): number {
    const status = retry(() => this.sys.ioctl(fd, request, arg));
    if (status < 0)
      throw new IommufdError(
        { call: name, args: { fd }, errno: -status },
        { meanings: errors, ...meaningOf(errnoName(status), cause) },
      );
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

/** The error of an ioctl that failed. */
function failureOf(
  { name, struct, errors }: Ioctl<Command<unknown, never, unknown>>,
  failure: FailedCall,
  details: FailureDetails | undefined,
): IommufdError {
  const usedBy = failure.errno === errno.EBUSY ? details?.usedBy?.() : undefined;
  const code = errnoName(-failure.errno);
  return new IommufdError(failure, {
    meanings: errors,
    usedBy,
    detail: sinceDetail(code, name, struct, failure.args),
    ...meaningOf(code, details?.cause),
  });
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
 * @param mayRetry returns false if EAGAIN is final, because a file has nothing to read
 */
export function retry(call: () => number, mayRetry: () => boolean = () => true): number {
  for (let tries = 1; ;) {
    const status = call();
    if (status === -errno.EINTR) continue;
    if (status !== -errno.EAGAIN || tries++ === MOST_TRIES || !mayRetry()) return status;
  }
}

/** A field of a struct, and its value if the caller does not set it: the size, or zero for an output field. */
interface Slot {
  readonly name: string;
  readonly otherwise: number | bigint | undefined;
}

/** The fields, in order, of each struct that was used in a call. */
const slots = new WeakMap<object, readonly Slot[]>();

function slotsOf(struct: Pick<Struct<Fields, Fields>, 'members' | 'byteLength'>): readonly Slot[] {
  let known = slots.get(struct);
  if (known === undefined) {
    known = struct.members.map(({ name, type, direction }): Slot => {
      if (!(type instanceof Integer)) return { name, otherwise: undefined };
      const { kind } = type.role;
      if (kind === 'size' || kind === 'argsz') return { name, otherwise: struct.byteLength };
      const zero = typeof type.max === 'bigint' ? 0n : 0;
      return { name, otherwise: direction === 'out' ? zero : undefined };
    });
    slots.set(struct, known);
  }
  return known;
}

/** All fields of a struct, in order: its size, zero for output fields, and the fields that the caller set. */
function complete(
  struct: Pick<Struct<Fields, Fields>, 'members' | 'byteLength'>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const { name, otherwise } of slotsOf(struct)) {
    const own = given[name];
    const value = own === undefined ? otherwise : own;
    if (value !== undefined) whole[name] = value;
  }
  // The members of an anonymous union, and unknown fields, which the encoder refuses.
  for (const name in given) if (!(name in whole)) whole[name] = given[name];
  return whole;
}
