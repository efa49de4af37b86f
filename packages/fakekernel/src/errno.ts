import { errno, type ErrnoName } from '@iommufd/uapi';

/**
 * The errno of a failed system call. It is thrown inside the kernel and caught by {@link result} at the system call boundary.
 * It is not an `Error`, so throwing it costs no stack trace.
 */
export class Errno {
  private constructor(
    readonly name: ErrnoName,
    /** The negative return value of the system call. */
    readonly result: number,
  ) {}

  private static readonly all = new Map<ErrnoName, Errno>();

  static of(name: ErrnoName): Errno {
    let known = Errno.all.get(name);
    if (known === undefined) Errno.all.set(name, (known = new Errno(name, -errno[name])));
    return known;
  }
}

/** The errno to throw from a failing system call: `throw fail('EBUSY')`. */
export function fail(name: ErrnoName): Errno {
  return Errno.of(name);
}

/** Runs a system call. @returns its return value, or the negative errno that it threw */
export function result<T extends number | bigint>(call: () => T): T | number {
  try {
    return call();
  } catch (cause) {
    return errnoOf(cause);
  }
}

/** The negative errno that was thrown. @throws the cause itself if it is not an {@link Errno} */
export function errnoOf(cause: unknown): number {
  if (cause instanceof Errno) return cause.result;
  throw cause;
}

/**
 * A broken invariant of the kernel itself, which no program may cause. Linux would WARN. It is thrown out of the system call,
 * because later answers of the kernel could not be trusted.
 */
export class KernelBug extends Error {
  /** `'KernelBug'`. */
  override readonly name = 'KernelBug';
}

/** Throws a {@link KernelBug} unless `holds`. */
export function invariant(holds: boolean, what: () => string): asserts holds {
  if (!holds) throw new KernelBug(what());
}
