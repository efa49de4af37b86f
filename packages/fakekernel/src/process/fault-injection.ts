/**
 * Linux's fault injection for programs: `/proc/PID/fail-nth` and `make-it-fail` of a thread ({@link ThreadFaults}), and the files
 * in `/sys/kernel/debug/fail*` ({@link FaultSettings}). {@link InjectedFaults} is the failure plan that follows these settings. A
 * test in this process uses `kernel.failAllocation()` instead. Source: `lib/fault-inject.c`,
 * `Documentation/fault-injection/fault-injection.rst`.
 */
import { fail } from '../errno.js';
import { booleanOf, kstrtoint, kstrtoll, kstrtouint, kstrtoull } from '../lib/kstrto.js';
import { type FailureKind, FailurePlan } from './failure-points.js';
import type { Settings } from './setting-file.js';

/** Parses the text for a number, and truncates it to the type that debugfs stores. */
type Parse = (text: string) => bigint;

/** `debugfs_create_ul()`, `debugfs_create_atomic_t()`, `debugfs_create_u32()`. */
const ul: Parse = kstrtoull;
const atomic: Parse = (text) => BigInt.asIntN(32, kstrtoll(text));
const u32: Parse = (text) => BigInt.asUintN(32, kstrtoull(text));

/** The numbers of `fault_create_debugfs_attr()`, and `min-order` of `fail_page_alloc`. */
const NUMBERS: ReadonlyMap<string, Parse> = new Map([
  ['probability', ul],
  ['interval', ul],
  ['times', atomic],
  ['space', atomic],
  ['verbose', ul],
  ['verbose_ratelimit_interval_ms', u32],
  ['verbose_ratelimit_burst', u32],
  ['min-order', u32],
]);

/** The settings of one capability: `struct fault_attr`, and the settings of its own. */
export class FaultAttribute implements Settings {
  private readonly numbers = new Map([
    ['probability', 0n],
    ['interval', 1n],
    ['times', 1n],
    ['space', 0n],
    ['verbose', 2n],
    ['verbose_ratelimit_interval_ms', 0n],
    ['verbose_ratelimit_burst', 10n],
  ]);
  private readonly flags: Map<string, boolean>;
  /** Calls that have passed the checks before `interval`. */
  private count = 0n;
  /** Accumulated probability of earlier calls, in percent; at 100 a call fails. */
  private owed = 0;

  /**
   * @param flags its additional flags, with their defaults
   * @param numbers its additional numbers, with their defaults
   */
  constructor(flags: Readonly<Record<string, boolean>> = {}, numbers: Readonly<Record<string, bigint>> = {}) {
    this.flags = new Map([['task-filter', false], ...Object.entries(flags)]);
    for (const [name, value] of Object.entries(numbers)) this.numbers.set(name, value);
  }

  /** The names of its files. */
  names(): string[] {
    return [...this.numbers.keys(), ...this.flags.keys()];
  }

  is(flag: string): boolean {
    return this.flags.get(flag) === true;
  }

  show(name: string): string {
    const number = this.numbers.get(name);
    return `${number ?? (this.is(name) ? 'Y' : 'N')}\n`;
  }

  /** `simple_attr_write()` reads 23 bytes, `kstrtobool_from_user()` 3. */
  room(name: string): number {
    return this.numbers.has(name) ? 23 : 3;
  }

  store(name: string, text: string): void {
    const parse = this.numbers.has(name) ? NUMBERS.get(name) : undefined;
    if (parse !== undefined) this.numbers.set(name, parse(text));
    // `debugfs_write_file_bool()` succeeds with any text, and ignores one that is not a boolean.
    else this.flags.set(name, booleanOf(text) ?? this.is(name));
  }

  private number(name: 'probability' | 'interval' | 'times' | 'space'): bigint {
    return this.numbers.get(name) ?? 0n;
  }

  /** True if it can fail without fail-nth. */
  get isOn(): boolean {
    return this.number('probability') > 0n;
  }

  /**
   * `should_fail()` without fail-nth. Of 100 calls, `probability` calls fail, evenly spaced: the fake kernel is deterministic.
   * The sizes of allocations are unknown here, so `space` counts calls.
   */
  shouldFail(isMarked: boolean): boolean {
    const probability = this.number('probability');
    if (probability === 0n || (this.is('task-filter') && !isMarked) || this.number('times') === 0n)
      return false;
    const space = this.number('space');
    if (space > 0n) {
      this.numbers.set('space', space - 1n);
      return false;
    }
    const interval = this.number('interval');
    if (interval > 1n && ++this.count % interval !== 0n) return false;
    this.owed += probability > 100n ? 100 : Number(probability);
    if (this.owed < 100) return false;
    this.owed -= 100;
    this.hasFailed();
    return true;
  }

  /** Records a failure, by fail-nth or not: decrements `times`, unless it is -1. */
  hasFailed(): void {
    const times = this.number('times');
    if (times > 0n) this.numbers.set('times', times - 1n);
  }
}

/** The capabilities of a kernel, by the names of their directories. */
export class FaultSettings {
  private readonly capabilities = new Map([
    ['failslab', new FaultAttribute({ 'ignore-gfp-wait': true, 'cache-filter': false })],
    [
      'fail_page_alloc',
      new FaultAttribute({ 'ignore-gfp-wait': true, 'ignore-gfp-highmem': true }, { 'min-order': 1n }),
    ],
    ['fail_usercopy', new FaultAttribute()],
    // Belongs to the selftest driver: `iommufd_should_fail()`.
    ['fail_iommufd', new FaultAttribute()],
  ]);

  [Symbol.iterator](): IterableIterator<[string, FaultAttribute]> {
    return this.capabilities.entries();
  }

  /** True if any capability can fail without fail-nth. */
  get isOn(): boolean {
    return [...this.capabilities.values()].some(({ isOn }) => isOn);
  }

  /** The capability that decides on a kind of failure; undefined if Linux injects none, or if the settings exclude it. */
  capabilityFor(kind: FailureKind): FaultAttribute | undefined {
    switch (kind) {
      case 'allocation': {
        // All of these allocations may sleep: `__GFP_DIRECT_RECLAIM`.
        const slab = this.capabilities.get('failslab');
        return slab?.is('ignore-gfp-wait') === true ? undefined : slab;
      }
      case 'event':
        // GFP_ATOMIC
        return this.capabilities.get('failslab');
      case 'copy':
        return this.capabilities.get('fail_usercopy');
      case 'pin':
        return this.capabilities.get('fail_iommufd');
      case 'file':
      case 'driver':
      case 'signal':
      case 'unplug':
        return undefined;
    }
  }
}

/** The settings of a thread: `fail_nth` and `make_it_fail` of `struct task_struct`. */
export class ThreadFaults implements Settings {
  /** Number of places up to and including the one that fails; 0 if none will fail. */
  nth = 0;
  /** True if `task-filter` includes the thread. */
  isMarked = false;

  /** @param name `fail-nth` or `make-it-fail` */
  show(name: string): string {
    return `${name === 'fail-nth' ? this.nth : Number(this.isMarked)}\n`;
  }

  /** `kstrtouint_from_user()` reads 34 bytes, `proc_fault_inject_write()` 12. */
  room(name: string): number {
    return name === 'fail-nth' ? 34 : 12;
  }

  /** `proc_fail_nth_write()`, and `proc_fault_inject_write()`, which strips spaces. */
  store(name: string, text: string): void {
    if (name === 'fail-nth') this.nth = kstrtouint(text);
    else {
      const value = kstrtoint(text.trim());
      if (value < 0 || value > 1) throw fail('EINVAL');
      this.isMarked = value === 1;
    }
  }
}

/** The failure plan of a thread's system calls, from the settings of the thread and of the kernel. */
export class InjectedFaults extends FailurePlan {
  constructor(
    private readonly settings: FaultSettings,
    private readonly thread: ThreadFaults,
  ) {
    super({});
  }

  override pass(kind: FailureKind, what: string, within: string): void {
    const capability = this.settings.capabilityFor(kind);
    if (capability === undefined || !this.shouldFail(capability)) return;
    throw this.fails(kind, what, within);
  }

  /** `should_fail()`: fail-nth takes precedence over all other settings. */
  private shouldFail(capability: FaultAttribute): boolean {
    const { thread } = this;
    if (thread.nth > 0) {
      if (--thread.nth > 0) return false;
      capability.hasFailed();
      return true;
    }
    return capability.shouldFail(thread.isMarked);
  }
}
