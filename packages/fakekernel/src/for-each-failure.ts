/**
 * Sweeps of failures: {@link forEachFailure} runs a test again and again. In the first run the first place fails at which Linux
 * can run out of a resource, in the second run the second place, until every place has failed once. Linux's `iommufd_fail_nth`
 * test works the same way.
 */
import type { Module } from './iommufd/module.js';
import { FakeKernel } from './kernel.js';
import type { KernelConfig } from './kernel-config.js';
import { kernelState, stateChanges } from './kernel-state.js';
import { restorableClass } from './lib/restorable.js';
import { type FailureChoice, FailurePlan, type FailurePoint } from './process/failure-points.js';

/** One run of a sweep. */
export interface Trial {
  /** A new kernel for this run. */
  readonly kernel: FakeKernel;
  /** Ends the preparation: failure points count from now on. */
  begin(): void;
}

/** The failures of a sweep, and the kernels that it runs on. */
export interface ForEachFailureConfig extends KernelConfig, Pick<FailureChoice, 'kinds' | 'in'> {
  /** Drivers to load; none by default. */
  readonly modules?: readonly Module[];
  /**
   * Called with the error that a run threw because of a failure. If it throws, the sweep ends. Without it, any error is accepted.
   */
  readonly onError?: (error: unknown, point: FailurePoint) => void;
}

/** The limit of runs. A sweep that exceeds it is stopped with an Error, because it would never end. */
const MOST_POINTS = 100_000;

/**
 * Runs a test until every place that can fail has failed. After each run the kernel must hold nothing, and a system call
 * that failed must have left everything as it was, except where Linux does not undo what was done before: if a copy to the caller fails,
 * if an area has been cut at one end only, and if the page table of a device cannot be replaced, which removes its reservations.
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
 * @param run a test: it prepares, calls `begin`, and ends its processes in any case. It may throw because of a failure
 * @returns the places that failed, one for each run, in order
 * @throws Error that names the place, with the fault as its cause; TypeError if `begin` was not called
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

/** The place as text. */
function describe({ what, in: within }: FailurePoint): string {
  return within === '' ? what : `${what} in ${within}`;
}

/** Thrown if a system call failed, but has changed state. */
export class StateChanged extends Error {
  /** `'StateChanged'`. */
  override readonly name = 'StateChanged';

  constructor(
    /** The place that failed. */
    readonly point: FailurePoint,
    /** Lines of the state that have disappeared. */
    readonly before: readonly string[],
    /** Lines of the state that are new. */
    readonly after: readonly string[],
  ) {
    const lines = [...before.map((line) => `- ${line}`), ...after.map((line) => `+ ${line}`)];
    super(`${describe(point)} failed, and the state has changed:\n${lines.join('\n')}`);
  }
}

/**
 * Like {@link FakeKernel.failAllocation}. In addition, a system call throws {@link StateChanged} if it fails because of the plan
 * and has changed state. It is slow: the whole state of the kernel is compared.
 */
export function failChecked(kernel: FakeKernel, choice: FailureChoice): FailurePlan {
  return kernel.failAs(new CheckedPlan(kernel, choice));
}

/**
 * True if the call may have changed state before it failed at the place: an unplugged device is gone; a copy to the caller comes
 * after the work; and an area that was cut at one end stays cut if the other end cannot be cut, because `iopt_cut_iova()` does
 * not undo it.
 */
const mayLast = ({ kind, what }: FailurePoint): boolean =>
  kind === 'copy' || kind === 'unplug' || what === 'iopt_area_split()';

/** A plan that compares the state before and after a system call that fails. */
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
    // An ioctl of iommufd returns its errno instead of throwing it.
    if (typeof result === 'number' && result < 0) this.check(had, before);
    return result;
  }

  /**
   * Compares the states if the call failed at a place of this plan that must change nothing.
   * @param had number of places that had failed before the call
   */
  private check(had: number, before: readonly string[]): void {
    const point = this.failed[had];
    if (point !== undefined && !mayLast(point)) this.compare(point, before);
  }

  private compare(point: FailurePoint, before: readonly string[]): void {
    // `fput()` of new files runs when the system call returns.
    this.kernel.taskWork.run();
    const after = kernelState(this.kernel);
    const { gone, made } = stateChanges(before, after, point.in === 'VFIO_DEVICE_ATTACH_IOMMUFD_PT');
    if (gone.length + made.length > 0) throw new StateChanged(point, gone, made);
  }
}

restorableClass('CheckedPlan', CheckedPlan);
