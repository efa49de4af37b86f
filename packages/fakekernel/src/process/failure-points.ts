/**
 * Fault injection: Linux's `lib/fault-inject.c` and `/proc/self/fail-nth`. Code names each place at which Linux can run out of
 * something, with {@link allocate} or {@link failurePoint}, in the order in which Linux comes to it. A test arms a
 * {@link FailurePlan}; while a system call runs under it, the places count, and the chosen one fails. As `current` in Linux,
 * the plan of the running system call is kept here and not passed on: without one, a place costs one comparison.
 */
import type { ErrnoName } from '@iommufd/uapi';
import { type Errno, fail } from '../errno.js';

/**
 * What fails: an allocation of memory, a copy from or to the caller's memory, the pinning of pages, the choice of a file
 * descriptor, a device's driver, the whole call because of a signal, or the allocation of an event of a vEVENTQ, which is then
 * lost and marked. With `unplug` no call fails by itself: before the call, a plugged device begins to be removed, as
 * {@link FakeKernel.startUnplug} does it. Each call has a place for each device.
 */
export type FailureKind = 'allocation' | 'copy' | 'pin' | 'file' | 'driver' | 'signal' | 'event' | 'unplug';

/** What Linux returns for each. */
const ERRNOS = {
  allocation: 'ENOMEM',
  copy: 'EFAULT',
  pin: 'EFAULT',
  file: 'EMFILE',
  driver: 'EIO',
  signal: 'EINTR',
  event: 'ENOMEM',
  // What opening the device gives from then on.
  unplug: 'ENOENT',
} as const satisfies Readonly<Record<FailureKind, ErrnoName>>;

/** All kinds. */
export const FAILURE_KINDS = Object.keys(ERRNOS) as readonly FailureKind[];

/** Which of the places fail. Without `nth` and `every`, none does: they are only counted. */
export interface FailureChoice {
  /** The kinds that count; allocations by default. */
  readonly kinds?: readonly FailureKind[];
  /** The n-th place fails, counted from 1 over all system calls from now on; then no other one does. */
  readonly nth?: number;
  /** Every n-th place fails, until {@link FailurePlan.stop}. */
  readonly every?: number;
  /**
   * Only places in this ioctl count, by its name (`IOMMU_IOAS_MAP`), or in this system call: `open`, `read`, `write`, `pread`,
   * `pwrite`, `mmap`.
   */
  readonly in?: string;
  /** What the place fails with, if it is not to be what Linux returns there: ENODEV of a driver, for example. */
  readonly errno?: ErrnoName;
}

/** A place that failed, or could have. */
export interface FailurePoint {
  /** What failed. */
  readonly kind: FailureKind;
  /** What Linux does there: `iommufd_object_alloc()`. */
  readonly what: string;
  /** The ioctl or system call. */
  readonly in: string;
  /** What it fails with. */
  readonly errno: ErrnoName;
}

/** A device that can be unplugged. */
export interface Removable {
  /** Its node. */
  readonly path: string;
  remove(): void;
}

/** Which places fail, and which have failed. `fault_attr` */
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

  /** How many places have counted. */
  get count(): number {
    return this.seen;
  }

  /**
   * Runs a system call under the plan.
   * @param name of the ioctl or system call
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

  /** From now on nothing fails. */
  stop(): void {
    this.isOver = true;
  }

  /** Where the devices are. @internal */
  machine: { readonly removable: readonly Removable[] } | undefined;

  /** Unplugs the device whose turn it is before a call. */
  private unplug(within: string): void {
    if (!this.kinds.has('unplug') || within === '') return;
    for (const device of this.machine?.removable ?? []) {
      if (!this.isTurn('unplug', within)) continue;
      this.fails('unplug', `removal of ${device.path}`, within);
      device.remove();
    }
  }

  /** Counts a place. @returns whether it fails */
  private isTurn(kind: FailureKind, within: string): boolean {
    const { nth, every, in: only } = this.choice;
    if (this.isOver || !this.kinds.has(kind) || (only !== undefined && only !== within)) return false;
    this.seen++;
    if (every === undefined ? this.seen !== nth : this.seen % every !== 0) return false;
    // As fail-nth: once it has happened, it is over.
    if (every === undefined) this.isOver = true;
    return true;
  }

  /** Counts a place, and fails if it is its turn. @throws Errno */
  pass(kind: FailureKind, what: string, within: string): void {
    if (this.isTurn(kind, within)) throw this.fails(kind, what, within, this.choice.errno);
  }

  /** Notes that a place fails. @returns what it throws */
  protected fails(kind: FailureKind, what: string, within: string, errno = ERRNOS[kind] as ErrnoName): Errno {
    this.failed.push({ kind, what, in: within, errno });
    return fail(errno);
  }
}

let current: { readonly plan: FailurePlan; readonly name: string } | undefined;

/** A place at which the running system call may fail. @throws Errno if a plan says so */
export function failurePoint(kind: FailureKind, what: string): void {
  if (current !== undefined) current.plan.pass(kind, what, current.name);
}

/** A place at which the kernel allocates memory. @param what the function that does @throws ENOMEM if a plan says so */
export function allocate(what: string): void {
  failurePoint('allocation', what);
}
