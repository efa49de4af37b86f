/**
 * Orders of system calls: {@link exploreOrders} makes a few calls of several programs in every order that they could come in, each
 * time from the same state, and checks what must hold after each call. A failing order is shortened until every call in it is
 * needed. Snapshots make it quick: the calls that orders have in common are made once.
 */
import type { Module } from './iommufd/module.js';
import { FakeKernel, type KernelConfig } from './kernel.js';
import { kernelState } from './kernel-state.js';
import { Process } from './process/process.js';

/** A call. */
export interface OrderedCall<K> {
  /** What it is: `destroy the HWPT`. */
  readonly name: string;
  /** Makes it. @returns what it returns: a negative errno is as good as 0 */
  readonly make: (kept: K) => number | bigint;
  /** May it change something although it fails? A call that fails must leave everything as it was if this is left out. */
  readonly mayLast?: boolean;
}

/** What is explored. */
export interface ExploreOrdersConfig<K extends object> extends KernelConfig {
  /** Drivers to load; none by default. */
  readonly modules?: readonly Module[];
  /** Prepares the state that each order begins with. @returns what calls and checks need: processes, devices */
  readonly prepare: (kernel: FakeKernel) => K;
  /** Calls that come one after the other, each list in its own order: what one thread does. Lists of one call give all permutations. */
  readonly threads: readonly (readonly OrderedCall<K>[])[];
  /** Checks what must hold after a call. @throws for what is wrong */
  readonly check?: (kernel: FakeKernel, kept: K) => void;
  /** The most orders: where there are more, so many are chosen at random. 5,000 by default. */
  readonly most?: number;
  /** Of the choice; 1 by default. */
  readonly seed?: number;
}

/** What was explored. */
export interface ExploredOrders {
  /** How many orders there are. */
  readonly possible: number;
  /** How many of them were made. */
  readonly orders: number;
  /** System calls that were made: those that orders begin with in common count once. */
  readonly calls: number;
}

/** A call that was made. */
export interface MadeCall {
  /** The index of its thread. */
  readonly thread: number;
  /** Its index in that. */
  readonly index: number;
  /** Of the call. */
  readonly name: string;
  /** What it returned; undefined if it threw. */
  readonly result: number | bigint | undefined;
}

/** An order in which something is wrong. */
export class OrderFailed extends Error {
  /** `'OrderFailed'`. */
  override readonly name = 'OrderFailed';

  constructor(
    /** The calls that are needed for it, and what they returned. */
    readonly calls: readonly MadeCall[],
    /** What is wrong. */
    cause: unknown,
  ) {
    const lines = calls.map(({ thread, name, result }) => `  thread ${thread}: ${name} = ${String(result)}`);
    const reason = cause instanceof Error ? cause.message : String(cause);
    super([`${reason}, after`, ...lines].join('\n'), { cause });
  }
}

/** A step of an order: the next call of a thread, or one of its calls by its index. */
interface OrderStep<K> {
  readonly thread: number;
  readonly index: number;
  readonly call: OrderedCall<K>;
}

/** A state in which calls are made, and those that led there. */
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
 * After each order all processes end, and nothing may be left over.
 * @throws OrderFailed for an order in which a call throws, a check fails, a call that fails changes something, or something is left
 *   over
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
    // It has all of KernelConfig; a kernel looks at nothing else.
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
        // Numerical Recipes' generator: what is chosen need not be good, but the same each time.
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * count);
      };
      for (let i = 0; i < most; i++) this.one(this.chosen(below));
    }
    return { possible, orders: this.orders, calls: this.calls };
  }

  /** Makes what is left in all orders. @param done calls of each thread */
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
    // The last choice needs no copy, as nothing comes after it.
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

  /** An order at random: each is as likely as the others, because what is left of a thread weighs as much as it has calls. */
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

  /** Leaves calls out as long as the same goes wrong. */
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

  /** @returns how an order fails; undefined if it does not */
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

/** Makes copies of a state. */
function again<K extends object>({ kernel, kept, made }: State<K>): () => State<K> {
  const snapshot = kernel.snapshot({ keep: kept });
  return () => {
    const restored = FakeKernel.restore(snapshot);
    return { kernel: restored, kept: restored.kept, made };
  };
}

/** Makes a call. @throws what is wrong after it */
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

/** Ends all processes. @throws Error if something is left over */
function endAll<K extends object>({ kernel }: State<K>): void {
  for (const process of [...kernel['processes']]) if (process instanceof Process) process.exit();
  const left = kernel.leftOver();
  if (left.length > 0) throw new Error(`left over: ${left.join('; ')}`);
}

/** In how many ways lists of these lengths can be one. */
function interleavings(lengths: readonly number[]): number {
  let ways = 1;
  let total = 0;
  for (const length of lengths) for (let i = 1; i <= length; i++) ways = (ways * ++total) / i;
  return Math.round(ways);
}

/** What failures have in common that are the same but for their numbers. */
const kindOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message.replace(/0x[0-9a-f]+|\d+/g, '#') : String(cause);
