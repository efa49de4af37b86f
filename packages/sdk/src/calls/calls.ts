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

/** A struct that an ioctl takes. */
export type Command<Out, In, V> = Type<Out, In, V> & Pick<Struct<Fields, Fields>, 'members'>;

/** What a caller gives of an ioctl's struct: not its size, and not what the kernel fills in. */
export type Arguments<In> = In extends unknown
  ? { [K in keyof In as K extends 'size' | 'argsz' | `out_${string}` ? never : K]: In[K] }
  : never;

/** How an ioctl went. */
interface Outcome<Out> {
  /** What the system call returned. */
  readonly status: number;
  /** The call, for the error that it may become. */
  readonly failed: () => FailedCall;
  /** Decodes the struct as the kernel left it. */
  readonly left: () => Out;
}

/** What is known of a call that failed, beyond its errno. It is asked for only then. */
export interface Insight {
  /** The users of an object that is busy. */
  readonly usedBy?: () => readonly string[];
  /** Which cause holds. */
  readonly cause?: Cause;
}

/** How often a call that says EAGAIN is made again before it is believed. */
const MOST_TRIES = 100;

/** Makes system calls: arguments go through memory that the kernel can read, and a failure becomes an error. */
export class Calls {
  private readonly scratch: Scratch;

  constructor(readonly sys: Syscalls) {
    this.scratch = new Scratch(sys);
  }

  /** Runs `work` with memory that is its own until it returns. */
  frame<T>(work: (alloc: Alloc) => T): T {
    return this.scratch.frame(work);
  }

  /**
   * Makes an ioctl.
   * @param insight what is known of it if it fails
   * @returns the struct as the kernel left it
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
    throw new IommufdError(failed(), {
      meanings: command.errors,
      usedBy,
      ...meaningOf(errnoName(status), insight?.cause),
    });
  }

  /** Makes an ioctl that may fail. */
  tryIoctl<Out, In, V>(
    fd: number,
    { name, request, struct }: Ioctl<Command<Out, In, V>>,
    args: Arguments<In>,
  ): Outcome<Out> {
    const given = complete(struct, args);
    // What Arguments leaves out of the struct has been filled in.
    const encoded = encode(struct, given as In);
    return this.frame((alloc) => {
      const { address, bytes } = alloc(encoded.length);
      const status = retry(() => {
        // A call that was interrupted may have written to it.
        bytes.set(encoded);
        return this.sys.ioctl(fd, request, address);
      });
      // The memory is given back before it is read.
      const after = bytes.slice();
      return {
        status,
        failed: () => ({ call: name, args: given, errno: -status, shown: inWords(struct, encoded) }),
        // A newer kernel may use what is reserved today.
        left: () => decode(struct, after, { lenient: true }),
      };
    });
  }

  /** An ioctl whose argument is no pointer. */
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

  /** Closes a file. Linux has closed it whatever it returns, so a second try is wrong. */
  close(fd: number): void {
    this.sys.close(fd);
  }

  free(): void {
    this.scratch.free();
  }
}

/**
 * Finds out which cause holds. What is asked for that may fail as well: then the errno means what it means for the call, and
 * the failure of the question becomes the error's `cause`.
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

/** What every struct begins with. */
const SIZES: readonly string[] = ['size', 'argsz'];

/** The fields of a struct as strace would print them; reserved and output fields are left out. */
function inWords(struct: AnyType, bytes: Uint8Array): string {
  return annotate(struct, bytes)
    .filter(({ kind, path, direction }) => kind === 'field' && direction !== 'out' && !SIZES.includes(path))
    .map(({ path, text }) => `${path}=${text}`)
    .join(', ');
}

/**
 * Makes a call again that a signal came in between of, or that asks for it.
 * @param isMeant is EAGAIN to be taken as "not now, but soon"?
 */
export function retry(call: () => number, isMeant: () => boolean = () => true): number {
  for (let tries = 1; ;) {
    const status = call();
    if (status === -errno.EINTR) continue;
    if (status !== -errno.EAGAIN || tries++ === MOST_TRIES || !isMeant()) return status;
  }
}

/** The fields of a struct, all of them: its size, zero for what the kernel fills in, and what is given. */
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
