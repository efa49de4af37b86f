/**
 * Sweeps of failures: {@link forEachFailure} runs a test again and again, and lets the first, the second, the third place fail at
 * which Linux can run out of something, until no place is left. Linux's `iommufd_fail_nth` test is written so.
 */
import type { Module } from './iommufd/module.js';
import { FakeKernel, type KernelConfig } from './kernel.js';
import { kernelState } from './kernel-state.js';
import { restorableClass } from './lib/restorable.js';
import { type FailureChoice, FailurePlan, type FailurePoint } from './process/failure-points.js';

/** One run of a sweep. */
export interface Trial {
  /** A kernel of its own. */
  readonly kernel: FakeKernel;
  /** Ends the preparation: places count from now on. */
  begin(): void;
}

/** What a sweep is of. */
export interface ForEachFailureConfig extends KernelConfig, Pick<FailureChoice, 'kinds' | 'in'> {
  /** Drivers to load; none by default. */
  readonly modules?: readonly Module[];
  /**
   * Called with what a run threw because of a failure; without it, any error is accepted. What it throws ends the sweep.
   */
  readonly onError?: (error: unknown, point: FailurePoint) => void;
}

/** More places than this are a loop that does not end. */
const MOST_POINTS = 100_000;

/**
 * Runs a test until no place is left that could fail. After each run nothing may be left over in the kernel, and a system call
 * that failed must have left everything as it was; a failed copy is the exception: what was done before it stays done.
 *
 * ```ts
 * const points = await forEachFailure(async ({ kernel, begin }) => {
 *   const process = kernel.spawn();
 *   try {
 *     const iommufd = await Iommufd.open(process);
 *     begin();
 *     await startGuest(iommufd);
 *   } finally {
 *     process.exit();
 *   }
 * });
 * ```
 * @param run a test: it prepares, calls `begin`, and ends its processes whatever fails. It may throw because of a failure
 * @returns the places that failed, one a run, in order
 * @throws Error that names the place, with what was wrong as its cause; TypeError if `begin` was not called
 */
export async function forEachFailure(
  run: (trial: Trial) => unknown,
  { modules = [], kinds, in: within, onError, ...config }: ForEachFailureConfig = {},
): Promise<readonly FailurePoint[]> {
  const points: FailurePoint[] = [];
  const choice = { ...(kinds && { kinds }), ...(within !== undefined && { in: within }) };
  for (let nth = 1; nth <= MOST_POINTS; nth++) {
    const kernel = new FakeKernel(modules, config);
    const point = await tryOnce(kernel, run, { ...choice, nth }, onError);
    if (point === undefined) return points;
    points.push(point);
  }
  throw new Error(`forEachFailure: after ${MOST_POINTS} runs there is still a place that fails`);
}

async function tryOnce(
  kernel: FakeKernel,
  run: (trial: Trial) => unknown,
  choice: FailureChoice,
  onError: ForEachFailureConfig['onError'],
): Promise<FailurePoint | undefined> {
  let plan: FailurePlan | undefined;
  const begin = (): void => {
    plan = failChecked(kernel, choice);
  };
  const point = (): FailurePoint | undefined => plan?.failed[0];
  try {
    await run({ kernel, begin });
  } catch (error) {
    const failed = point();
    if (failed === undefined || error instanceof StateChanged) throw error;
    onError?.(error, failed);
  }
  if (plan === undefined) throw new TypeError('forEachFailure: run: it has not called begin()');
  plan.stop();
  const failed = point();
  const left = kernel.leftOver();
  if (left.length === 0) return failed;
  const after = failed === undefined ? 'without a failure' : `after ${describe(failed)} failed`;
  throw new Error(`forEachFailure: ${after}, this is left over: ${left.join('; ')}`);
}

/** The place in words. */
function describe({ what, in: within }: FailurePoint): string {
  return within === '' ? what : `${what} in ${within}`;
}

/** A system call failed, and has changed something all the same. */
export class StateChanged extends Error {
  /** `'StateChanged'`. */
  override readonly name = 'StateChanged';

  constructor(
    /** The place that failed. */
    readonly point: FailurePoint,
    /** Lines of the state that are no more. */
    readonly before: readonly string[],
    /** Lines of the state that are new. */
    readonly after: readonly string[],
  ) {
    const lines = [...before.map((line) => `- ${line}`), ...after.map((line) => `+ ${line}`)];
    super(`${describe(point)} failed, and the state has changed:\n${lines.join('\n')}`);
  }
}

/**
 * As {@link FakeKernel.failAllocation}; besides, a system call throws {@link StateChanged} if it fails because of the plan and has
 * changed something. It takes time: everything that the kernel holds is compared.
 */
export function failChecked(kernel: FakeKernel, choice: FailureChoice): FailurePlan {
  return kernel.failAs(new CheckedPlan(kernel, choice));
}

/**
 * May the call have changed something before it failed at a place? A device that was unplugged is gone. Before a copy to the caller it has done its work, and an
 * area that was cut at one end stays cut when the other end cannot be (`iopt_cut_iova()`): Linux has no way back from there.
 */
const mayLast = ({ kind, what }: FailurePoint): boolean =>
  kind === 'copy' || kind === 'unplug' || what === 'iopt_area_split()';

/** A plan that compares the state before and after a system call which fails. */
class CheckedPlan extends FailurePlan {
  constructor(
    private readonly kernel: FakeKernel,
    choice: FailureChoice,
  ) {
    super(choice);
  }

  override run<T>(name: string, call: () => T): T {
    const had = this.failed.length;
    const before = kernelState(this.kernel);
    let result: T;
    try {
      result = super.run(name, call);
    } catch (cause) {
      this.check(had, before);
      throw cause;
    }
    // An ioctl of iommufd returns its errno.
    if (typeof result === 'number' && result < 0) this.check(had, before);
    return result;
  }

  /** Compares, if the call failed at a place of this plan that must change nothing. @param had how many places had failed before it */
  private check(had: number, before: readonly string[]): void {
    const point = this.failed[had];
    if (point !== undefined && !mayLast(point)) this.compare(point, before);
  }

  private compare(point: FailurePoint, before: readonly string[]): void {
    // `fput()` of what was made runs when the system call returns.
    this.kernel.taskWork.run();
    const after = kernelState(this.kernel);
    const [old, now] = [new Set(before), new Set(after)];
    const gone = before.filter((line) => !now.has(line));
    const made = after.filter((line) => !old.has(line));
    if (gone.length + made.length > 0) throw new StateChanged(point, gone, made);
  }
}

restorableClass('CheckedPlan', CheckedPlan);
