import { errno, type ErrnoName } from '@iommufd/uapi';

/**
 * What a system call fails with. It is thrown inside the kernel and caught where the call was made; it is no
 * `Error`, so it costs no stack trace.
 */
export class Errno {
  private constructor(
    readonly name: ErrnoName,
    /** What the system call returns: negative. */
    readonly result: number,
  ) {}

  private static readonly all = new Map<ErrnoName, Errno>();

  static of(name: ErrnoName): Errno {
    let known = Errno.all.get(name);
    if (known === undefined) Errno.all.set(name, (known = new Errno(name, -errno[name])));
    return known;
  }
}

/** Ends the system call that is being made: `throw fail('EBUSY')`. */
export function fail(name: ErrnoName): Errno {
  return Errno.of(name);
}

/** Runs a system call: what it returns, or the errno that it fails with. */
export function result<T extends number | bigint>(call: () => T): T | number {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof Errno) return cause.result;
    throw cause;
  }
}

/**
 * Something that the kernel itself must never come to, whatever a program does: what Linux would WARN about. It
 * is thrown out of the system call, because everything after it would be a lie.
 */
export class KernelBug extends Error {
  /** `'KernelBug'`. */
  override readonly name = 'KernelBug';
}

/** Throws a {@link KernelBug} unless `holds`. */
export function invariant(holds: boolean, what: () => string): asserts holds {
  if (!holds) throw new KernelBug(what());
}
