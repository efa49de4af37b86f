/**
 * Orders of system calls: {@link exploreOrders} makes a few calls of several programs in every possible order, each time from the
 * same state, and checks the kernel after each call. A failing order is shortened until every call in it is needed. Snapshots
 * make it quick: a beginning that several orders share is run once.
 */
import type { Module } from './iommufd/module.js';
import { FakeKernel } from './kernel.js';
import type { KernelConfig } from './kernel-config.js';
import { kernelState } from './kernel-state.js';
import { Process } from './process/process.js';

/** A system call of an order. */
export interface OrderedCall<K> {
  /** Its description in messages: `destroy the HWPT`. */
  readonly name: string;
  /** Makes the call. @returns its return value: a negative errno is valid, as 0 is */
  readonly make: (kept: K) => number | bigint;
  /** True if the call may change state although it fails. By default, a call that fails must leave everything as it was. */
  readonly mayLast?: boolean;
}

/** The calls to explore, and the checks. */
export interface ExploreOrdersConfig<K extends object> extends KernelConfig {
  /** Drivers to load; none by default. */
  readonly modules?: readonly Module[];
  /** Prepares the state in which each order starts. @returns the objects that calls and checks need: processes, devices */
  readonly prepare: (kernel: FakeKernel) => K;
  /**
   * Sequences of calls, each in its own order, like the calls of one thread. Sequences of one call each give all permutations.
   */
  readonly threads: readonly (readonly OrderedCall<K>[])[];
  /** Checks the kernel after a call. @throws if a rule is broken */
  readonly check?: (kernel: FakeKernel, kept: K) => void;
  /** The largest number of orders: if more are possible, this many are chosen at random. Default: 5,000. */
  readonly most?: number;
  /** Seed of the random choice. Default: 1. */
  readonly seed?: number;
}

/** Counts of an exploration. */
export interface ExploredOrders {
  /** Number of possible orders. */
  readonly possible: number;
  /** Number of orders that were tried. */
  readonly orders: number;
  /** Number of system calls that were made. Calls of a shared beginning count once. */
  readonly calls: number;
}

/** A call that was made, and its result. */
export interface MadeCall {
  /** The index of its thread. */
  readonly thread: number;
  /** Its index in that thread. */
  readonly index: number;
  /** {@link OrderedCall.name} of the call. */
  readonly name: string;
  /** Its return value; undefined if it threw. */
  readonly result: number | bigint | undefined;
}

/** Thrown if an order breaks a rule. */
export class OrderFailed extends Error {
  /** `'OrderFailed'`. */
  override readonly name = 'OrderFailed';

  constructor(
    /** The shortest sequence of calls that fails in the same way, with their return values. */
    readonly calls: readonly MadeCall[],
    /** The error of the check or of the call. */
    cause: unknown,
  ) {
    const lines = calls.map(({ thread, name, result }) => `  thread ${thread}: ${name} = ${String(result)}`);
    const reason = cause instanceof Error ? cause.message : String(cause);
    super([`${reason}, after`, ...lines].join('\n'), { cause });
  }
}

/** A step of an order: one call of a thread, with its index. */
interface OrderStep<K> {
  readonly thread: number;
  readonly index: number;
  readonly call: OrderedCall<K>;
}

/** A kernel, and the calls that led to its state. */
interface State<K extends object> {
  readonly kernel: FakeKernel;
  readonly kept: K;
  readonly made: readonly MadeCall[];
}

/**
 * Makes calls in all orders.
 *
 * ```ts
 * const { orders } = exploreOrders({
 *   modules: [mockModule],
 *   prepare: (kernel) => ({ program: kernel.spawn() }),
 *   threads: [[{ name: 'open', make: ({ program }) => program.open('/dev/iommu') }], [{ name: 'close', make: ({ program }) => program.close(3) }]],
 * });
 * ```
 * After each order all processes exit, and the kernel must hold nothing.
 * @throws OrderFailed if a call throws, a check fails, a call that fails changes state, or objects remain at the end
 */
export function exploreOrders<K extends object>(config: ExploreOrdersConfig<K>): ExploredOrders {
  return new Explorer(config).explore();
}

class Explorer<K extends object> {
  private orders = 0;
  private calls = 0;
  private readonly begin: () => State<K>;

  constructor(private readonly config: ExploreOrdersConfig<K>) {
    const { modules = [], prepare } = config;
    // The config extends KernelConfig; a kernel reads only the fields of KernelConfig.
    const kernel = new FakeKernel(modules, config);
    this.begin = again({ kernel, kept: prepare(kernel), made: [] });
  }

  explore(): ExploredOrders {
    const { threads, most = 5000, seed = 1 } = this.config;
    const possible = interleavings(threads.map(({ length }) => length));
    const none = threads.map(() => 0);
    if (possible <= most) this.all(this.begin(), none);
    else {
      let state = seed;
      const below = (count: number): number => {
        // Numerical Recipes' generator: the choice need not be good, but it must repeat.
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * count);
      };
      for (let i = 0; i < most; i++) this.one(this.chosen(below));
    }
    return { possible, orders: this.orders, calls: this.calls };
  }

  /** Makes the remaining calls in all orders. @param done number of calls of each thread that are made */
  private all(state: State<K>, done: readonly number[]): void {
    const choices = this.config.threads.flatMap((calls, thread) => {
      const index = done[thread] ?? 0;
      const call = calls[index];
      return call === undefined ? [] : [{ thread, index, call }];
    });
    if (choices.length === 0) {
      this.end(state);
      return;
    }
    // The last choice needs no copy, because the state is not used after it.
    const copy = choices.length > 1 ? again(state) : () => state;
    for (const [i, step] of choices.entries()) {
      const from = i + 1 === choices.length ? state : copy();
      const next = this.step(from, step);
      this.all(
        next,
        done.map((count, thread) => count + Number(thread === step.thread)),
      );
    }
  }

  /**
   * Chooses an order at random. All orders are equally likely, because a thread is chosen in proportion to its remaining calls.
   */
  private chosen(below: (count: number) => number): OrderStep<K>[] {
    const left = this.config.threads.map((calls) => calls.map((call, index) => ({ call, index })));
    const order: OrderStep<K>[] = [];
    for (let count = left.flat().length; count > 0; count--) {
      let at = below(count);
      const thread = left.findIndex(({ length }) => (at -= length) < 0);
      const next = left[thread]?.shift();
      if (next !== undefined) order.push({ thread, ...next });
    }
    return order;
  }

  private one(order: readonly OrderStep<K>[]): void {
    let state = this.begin();
    for (const step of order) state = this.step(state, step);
    this.end(state);
  }

  private step(state: State<K>, step: OrderStep<K>): State<K> {
    this.calls++;
    try {
      return make(state, step, this.config.check);
    } catch (cause) {
      throw this.shortest([...this.stepsOf(state), step], cause);
    }
  }

  private end(state: State<K>): void {
    this.orders++;
    try {
      endAll(state);
    } catch (cause) {
      throw this.shortest(this.stepsOf(state), cause);
    }
  }

  /** The steps that led to a state. */
  private stepsOf({ made }: State<K>): OrderStep<K>[] {
    return made.flatMap(({ thread, index }) => {
      const call = this.config.threads[thread]?.[index];
      return call === undefined ? [] : [{ thread, index, call }];
    });
  }

  /** Leaves out calls as long as the order still fails in the same way. */
  private shortest(steps: readonly OrderStep<K>[], cause: unknown): OrderFailed {
    const wanted = kindOf(cause);
    let kept = steps;
    let failure = this.tryOut(kept) ?? { made: [], cause };
    for (let at = kept.length - 1; at >= 0; at--) {
      const fewer = kept.toSpliced(at, 1);
      const found = this.tryOut(fewer);
      if (found === undefined || kindOf(found.cause) !== wanted) continue;
      kept = fewer;
      failure = found;
    }
    return new OrderFailed(failure.made, failure.cause);
  }

  /** Tries an order. @returns how it fails; undefined if it does not fail */
  private tryOut(
    steps: readonly OrderStep<K>[],
  ): { readonly made: readonly MadeCall[]; readonly cause: unknown } | undefined {
    let state = this.begin();
    for (const step of steps) {
      try {
        state = make(state, step, this.config.check);
      } catch (cause) {
        const { thread, index, call } = step;
        return { made: [...state.made, { thread, index, name: call.name, result: undefined }], cause };
      }
    }
    try {
      endAll(state);
    } catch (cause) {
      return { made: state.made, cause };
    }
    return undefined;
  }
}

/** Takes a snapshot of a state. @returns a function that restores a copy of it */
function again<K extends object>({ kernel, kept, made }: State<K>): () => State<K> {
  const snapshot = kernel.snapshot({ keep: kept });
  return () => {
    const restored = FakeKernel.restore(snapshot);
    return { kernel: restored, kept: restored.kept, made };
  };
}

/** Makes a call. @throws if it breaks a rule */
function make<K extends object>(
  { kernel, kept, made }: State<K>,
  { thread, index, call: { name, make: perform, mayLast = false } }: OrderStep<K>,
  check: ExploreOrdersConfig<K>['check'],
): State<K> {
  const before = kernelState(kernel);
  const result = perform(kept);
  if (result < 0 && !mayLast) {
    const after = kernelState(kernel);
    const changed = after.find((line, i) => line !== before[i]) ?? before[after.length];
    if (changed !== undefined) throw new Error(`a call that failed has changed: ${changed}`);
  }
  check?.(kernel, kept);
  return { kernel, kept, made: [...made, { thread, index, name, result }] };
}

/** Ends all processes. @throws Error if the kernel still holds objects */
function endAll<K extends object>({ kernel }: State<K>): void {
  for (const process of [...kernel['processes']]) if (process instanceof Process) process.exit();
  const left = kernel.leftOver();
  if (left.length > 0) throw new Error(`left over: ${left.join('; ')}`);
}

/** In how many ways sequences of these lengths can be interleaved. */
function interleavings(lengths: readonly number[]): number {
  let ways = 1;
  let total = 0;
  for (const length of lengths) for (let i = 1; i <= length; i++) ways = (ways * ++total) / i;
  return Math.round(ways);
}

/** The message of a failure without its numbers, to recognize the same failure in another order. */
const kindOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message.replace(/0x[0-9a-f]+|\d+/g, '#') : String(cause);
