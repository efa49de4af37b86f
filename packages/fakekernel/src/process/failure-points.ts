/**
 * Fault injection: Linux's `lib/fault-inject.c` and `/proc/self/fail-nth`. The kernel's code names each place at which Linux can
 * run out of a resource, with {@link allocate} or {@link failurePoint}, in Linux's order. A test arms a {@link FailurePlan}.
 * While a system call runs under the plan, these places are counted, and the chosen one fails. The plan of the running system
 * call is kept in this file, like `current` in Linux, and is not passed as an argument: without a plan, a place costs one
 * comparison.
 */
import type { ErrnoName } from '@iommufd/uapi';
import { type Errno, fail } from '../errno.js';

/**
 * The kind of a failure: an allocation of memory, a copy to or from the caller's memory, the pinning of pages, the allocation of
 * a file descriptor, an operation of a device's driver, a pending signal that interrupts the call, or the allocation of an event
 * of a vEVENTQ, which is then marked as lost. `unplug` does not itself make a call fail: before the call, the removal of a
 * plugged device starts, as with {@link FakeKernel.startUnplug}. Each call has one such place for each device.
 */
export type FailureKind = 'allocation' | 'copy' | 'pin' | 'file' | 'driver' | 'signal' | 'event' | 'unplug';

/** The errno that Linux returns for each kind. */
const ERRNOS = {
  allocation: 'ENOMEM',
  copy: 'EFAULT',
  pin: 'EFAULT',
  file: 'EMFILE',
  driver: 'EIO',
  signal: 'EINTR',
  event: 'ENOMEM',
  // The result of opening the device afterwards.
  unplug: 'ENOENT',
} as const satisfies Readonly<Record<FailureKind, ErrnoName>>;

/** All kinds. */
export const FAILURE_KINDS = Object.keys(ERRNOS) as readonly FailureKind[];

/** Selects the places that fail. Without `nth` and `every`, places are only counted. */
export interface FailureChoice {
  /** The kinds that are counted. Default: allocations. */
  readonly kinds?: readonly FailureKind[];
  /** The n-th place fails, counted from 1 over all system calls from now on. No place fails after it. */
  readonly nth?: number;
  /** Every n-th place fails, until {@link FailurePlan.stop}. */
  readonly every?: number;
  /**
   * Counts only places in this ioctl, by name (`IOMMU_IOAS_MAP`), or in this system call: `open`, `read`, `write`, `pread`,
   * `pwrite`, `mmap`.
   */
  readonly in?: string;
  /** The errno of the failure, for example ENODEV of a driver. Default: the errno that Linux returns there. */
  readonly errno?: ErrnoName;
}

/** A place that can fail. */
export interface FailurePoint {
  /** The kind of failure. */
  readonly kind: FailureKind;
  /** Linux's function there: `iommufd_object_alloc()`. */
  readonly what: string;
  /** The ioctl or system call in which it is. */
  readonly in: string;
  /** The errno of the failure. */
  readonly errno: ErrnoName;
}

/** A device that can be unplugged. */
export interface Removable {
  /** Its node. */
  readonly path: string;
  remove(): void;
}

/** Decides which places fail, and records those that have failed. `fault_attr` */
export class FailurePlan {
  private seen = 0;
  private isOver = false;
  private readonly kinds: ReadonlySet<FailureKind>;
  /** The places that failed. */
  readonly failed: FailurePoint[] = [];

  /** @throws RangeError if `nth` or `every` is not a number of at least 1 */
  constructor(private readonly choice: FailureChoice) {
    for (const name of ['nth', 'every'] as const) {
      const value = choice[name];
      if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
        throw new RangeError(`${name}: expected a number of at least 1, found ${String(value)}`);
    }
    this.kinds = new Set(choice.kinds ?? ['allocation']);
  }

  /** Number of places counted so far. */
  get count(): number {
    return this.seen;
  }

  /**
   * Runs a system call under the plan.
   * @param name name of the ioctl or system call
   */
  run<T>(name: string, call: () => T): T {
    const outer = current;
    current = { plan: this, name };
    try {
      if (name !== '') failurePoint('signal', 'signal_pending()');
      this.unplug(name);
      return call();
    } finally {
      current = outer;
    }
  }

  /** Ends the plan: no place fails from now on. */
  stop(): void {
    this.isOver = true;
  }

  /** The owner of the devices that can be unplugged. @internal */
  machine: { readonly removable: readonly Removable[] } | undefined;

  /** Unplugs the devices whose turn it is, before a call. */
  private unplug(within: string): void {
    if (!this.kinds.has('unplug') || within === '') return;
    for (const device of this.machine?.removable ?? []) {
      if (!this.isTurn('unplug', within)) continue;
      this.fails('unplug', `removal of ${device.path}`, within);
      device.remove();
    }
  }

  /** Counts a place. @returns true if it must fail */
  private isTurn(kind: FailureKind, within: string): boolean {
    const { nth, every, in: only } = this.choice;
    if (this.isOver || !this.kinds.has(kind) || (only !== undefined && only !== within)) return false;
    this.seen++;
    if (every === undefined ? this.seen !== nth : this.seen % every !== 0) return false;
    // Like fail-nth: after the failure the plan is over.
    if (every === undefined) this.isOver = true;
    return true;
  }

  /** Counts a place, and fails if it is its turn. @throws Errno */
  pass(kind: FailureKind, what: string, within: string): void {
    if (this.isTurn(kind, within)) throw this.fails(kind, what, within, this.choice.errno);
  }

  /** Records the failure of a place. @returns the error to throw */
  protected fails(kind: FailureKind, what: string, within: string, errno = ERRNOS[kind] as ErrnoName): Errno {
    this.failed.push({ kind, what, in: within, errno });
    return fail(errno);
  }
}

let current: { readonly plan: FailurePlan; readonly name: string } | undefined;

/** A place at which the running system call may fail. @throws Errno if the plan chooses it */
export function failurePoint(kind: FailureKind, what: string): void {
  if (current !== undefined) current.plan.pass(kind, what, current.name);
}

/**
 * A place at which the kernel allocates memory.
 * @param what Linux's function that allocates
 * @throws ENOMEM if the plan chooses it
 */
export function allocate(what: string): void {
  failurePoint('allocation', what);
}
