/**
 * Linux's fault injection for programs: `/proc/PID/fail-nth` and `make-it-fail` of a thread ({@link ThreadFaults}), and the files
 * in `/sys/kernel/debug/fail*` ({@link FaultSettings}). {@link InjectedFaults} is the failure plan that follows these settings. A
 * test in this process uses `kernel.failAllocation()` instead. Source: `lib/fault-inject.c`,
 * `Documentation/fault-injection/fault-injection.rst`.
 */
import { fail } from '../errno.js';
import { ascii } from '../lib/ascii.js';
import { type FailureKind, FailurePlan } from './failure-points.js';
import { File } from './file.js';
import type { Task } from './task.js';

/** Named values in text form, which a {@link SettingFile} reads and writes. */
export interface Settings {
  /** @returns the value with its newline */
  show(name: string): string;
  /** @throws EINVAL | ERANGE if the text is not a valid value */
  store(name: string, text: string): void;
}

/** `kstrtouint()` with base 0. @throws EINVAL | ERANGE */
function numberOf(text: string): number {
  const [, sign = '', octal, digits = octal] = /^(-?)(?:0([0-7]+)|(0x[\da-f]+|\d+))\n?$/i.exec(text) ?? [];
  if (digits === undefined) throw fail('EINVAL');
  const value = octal === undefined ? Number(digits) : parseInt(octal, 8);
  if (sign === '-' && value !== 1) throw fail('EINVAL');
  if (value > 0xffff_ffff) throw fail('ERANGE');
  return sign === '-' ? -value : value;
}

/** `kstrtobool()`. @throws EINVAL */
function flagOf(text: string): boolean {
  if (/^(?:[yt1]|on)/i.test(text)) return true;
  if (/^(?:[nf0]|of)/i.test(text)) return false;
  throw fail('EINVAL');
}

/** The settings of one capability: `struct fault_attr`, and the settings of its own. */
export class FaultAttribute implements Settings {
  private readonly numbers = new Map([
    ['probability', 0],
    ['interval', 1],
    ['times', 1],
    ['space', 0],
    ['verbose', 2],
    ['verbose_ratelimit_interval_ms', 0],
    ['verbose_ratelimit_burst', 10],
  ]);
  private readonly flags: Map<string, boolean>;
  /** Calls that have passed the checks before `interval`. */
  private count = 0;
  /** Accumulated probability of earlier calls, in percent; at 100 a call fails. */
  private owed = 0;

  /** @param flags its additional flags, with their defaults */
  constructor(flags: Readonly<Record<string, boolean>> = {}, numbers: Readonly<Record<string, number>> = {}) {
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

  store(name: string, text: string): void {
    if (this.numbers.has(name)) this.numbers.set(name, numberOf(text));
    else this.flags.set(name, flagOf(text));
  }

  /** True if it can fail without fail-nth. */
  get isOn(): boolean {
    return (this.numbers.get('probability') ?? 0) > 0;
  }

  /**
   * `should_fail()` without fail-nth. Of 100 calls, `probability` calls fail, evenly spaced: the fake kernel is deterministic.
   * The sizes of allocations are unknown here, so `space` counts calls.
   */
  shouldFail(isMarked: boolean): boolean {
    const [probability = 0, interval = 1, times = 1, space = 0] = [
      'probability',
      'interval',
      'times',
      'space',
    ].map((name) => this.numbers.get(name));
    if (probability === 0 || (this.is('task-filter') && !isMarked) || times === 0) return false;
    if (space > 0) {
      this.numbers.set('space', space - 1);
      return false;
    }
    if (interval > 1 && ++this.count % interval !== 0) return false;
    this.owed += Math.min(probability, 100);
    if (this.owed < 100) return false;
    this.owed -= 100;
    this.hasFailed();
    return true;
  }

  /** Records a failure, by fail-nth or not: decrements `times`, unless it is -1. */
  hasFailed(): void {
    const times = this.numbers.get('times') ?? 1;
    if (times > 0) this.numbers.set('times', times - 1);
  }
}

/** The capabilities of a kernel, by the names of their directories. */
export class FaultSettings {
  private readonly capabilities = new Map([
    ['failslab', new FaultAttribute({ 'ignore-gfp-wait': true, 'cache-filter': false })],
    [
      'fail_page_alloc',
      new FaultAttribute({ 'ignore-gfp-wait': true, 'ignore-gfp-highmem': true }, { 'min-order': 1 }),
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

  store(name: string, text: string): void {
    // `proc_fault_inject_write()` strips spaces, `proc_fail_nth_write()` does not.
    const value = numberOf(name === 'fail-nth' ? text : text.trim());
    if (value < 0 || (name !== 'fail-nth' && value > 1)) throw fail('EINVAL');
    if (name === 'fail-nth') this.nth = value;
    else this.isMarked = value === 1;
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

/** The longest text that a write accepts, in bytes. */
const MOST = 64;

/** A file with one value. Duplicates of its descriptor share its position. */
export class SettingFile extends File {
  override readonly canRead = true;
  override readonly canWrite = true;
  private position = 0;

  constructor(
    private readonly settings: Settings,
    private readonly name: string,
  ) {
    super();
  }

  protected override release(): void {
    // The file does not own the value.
  }

  override read(process: Task, address: bigint, length: number): number {
    const count = this.pread(process, address, length, BigInt(this.position));
    this.position += count;
    return count;
  }

  /** `simple_read_from_buffer()` */
  override pread({ memorySpace }: Task, address: bigint, length: number, position: bigint): number {
    const text = ascii(this.settings.show(this.name));
    if (position >= BigInt(text.length) || length === 0) return 0;
    const part = text.subarray(Number(position), Number(position) + length);
    memorySpace.write(address, part);
    return part.length;
  }

  /** Writes the whole value at once, at any position. */
  override write({ memorySpace }: Task, address: bigint, length: number): number {
    const bytes = memorySpace.read(address, Math.min(length, MOST));
    this.settings.store(this.name, String.fromCharCode(...bytes));
    return length;
  }

  override pwrite(process: Task, address: bigint, length: number): number {
    return this.write(process, address, length);
  }
}
