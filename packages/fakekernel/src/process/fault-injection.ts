/**
 * Linux's fault injection as programs use it: `/proc/PID/fail-nth` and `make-it-fail` of a thread ({@link ThreadFaults}), and the
 * files in `/sys/kernel/debug/fail*` ({@link FaultSettings}). {@link InjectedFaults} is the plan that they come to; a test in this
 * process has `kernel.failAllocation()`. Source: `lib/fault-inject.c`, `Documentation/fault-injection/fault-injection.rst`.
 */
import { fail } from '../errno.js';
import { ascii } from '../lib/ascii.js';
import { type FailureKind, FailurePlan } from './failure-points.js';
import { File } from './file.js';
import type { Task } from './task.js';

/** Values with names, as text: what a {@link SettingFile} shows and stores. */
export interface Settings {
  /** @returns the value with its newline */
  show(name: string): string;
  /** @throws EINVAL | ERANGE for what is no value */
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

/** The settings of one capability: `struct fault_attr`, and what it has beside that. */
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
  /** Calls that came as far as the interval. */
  private count = 0;
  /** What is left of the probability of the calls before, in percent. */
  private owed = 0;

  /** @param flags its own, with their defaults */
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

  /** Can it fail without fail-nth? */
  get isOn(): boolean {
    return (this.numbers.get('probability') ?? 0) > 0;
  }

  /**
   * `should_fail()` without fail-nth. Of 100 calls as many fail as the probability says, at even distances: here nothing is
   * random. Sizes are not known, so that `space` counts calls.
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

  /** It has failed, by fail-nth or not: `times` counts down, but for -1. */
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
    // Of the selftest driver: `iommufd_should_fail()`.
    ['fail_iommufd', new FaultAttribute()],
  ]);

  [Symbol.iterator](): IterableIterator<[string, FaultAttribute]> {
    return this.capabilities.entries();
  }

  /** Can anything fail without fail-nth? */
  get isOn(): boolean {
    return [...this.capabilities.values()].some(({ isOn }) => isOn);
  }

  /** What decides on a place; undefined where Linux injects nothing, or has been told not to. */
  capabilityFor(kind: FailureKind): FaultAttribute | undefined {
    switch (kind) {
      case 'allocation': {
        // All of these may sleep: `__GFP_DIRECT_RECLAIM`.
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

/** What is set of a thread: `fail_nth` and `make_it_fail` of `struct task_struct`. */
export class ThreadFaults implements Settings {
  /** Places up to the one that fails, which is the last; 0 if none is to fail, or it has. */
  nth = 0;
  /** Does a `task-filter` let it fail? */
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

/** The plan of a thread's system calls, by what is set of it and of the kernel. */
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

  /** `should_fail()`: fail-nth goes before all else. */
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

/** The longest text that is taken. */
const MOST = 64;

/** A file with one value. It has a position, which copies of its descriptor share. */
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
    // The value is not the file's.
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

  /** The whole value at once, whatever the position. */
  override write({ memorySpace }: Task, address: bigint, length: number): number {
    const bytes = memorySpace.read(address, Math.min(length, MOST));
    this.settings.store(this.name, String.fromCharCode(...bytes));
    return length;
  }

  override pwrite(process: Task, address: bigint, length: number): number {
    return this.write(process, address, length);
  }
}
