/**
 * Eventfds: counters as files. The kernel signals one to report an interrupt; a program signals one to make the kernel unmask an
 * interrupt or write to a BAR. {@link Iommufd.allocEventfd} creates one.
 */
import { EFD_CLOEXEC, EFD_NONBLOCK, errno, POLLIN } from '@iommufd/uapi';
import { Call, type Owner } from '../calls/arguments/call.js';
import { optional, u64 } from '../calls/arguments/kinds.js';
import { objectOf } from '../calls/arguments/objects.js';
import { labelOf, type Where } from '../calls/arguments/where.js';
import { retry } from '../calls/calls.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { Closable } from '../objects/closable.js';
import { INSPECT } from '../objects/inspect.js';
import { closed, NO_CALL } from '../objects/object.js';
import { iterate } from '../queues/iterate.js';
import type { EventsOptions } from '../queues/queue.js';
import { eventsOptions, type WaitOptions, waitOptions, waitUntilReady } from '../queues/wait.js';
import { untilGone, Waits } from '../queues/waits.js';

declare const performance: { now(): number };

/** Size of the counter, in bytes. */
const SIZE = 8;

const calls = {
  read: new Call('Eventfd.read'),
  signal: new Call('Eventfd.signal', { count: optional(u64) }),
  wait: new Call('Eventfd.wait', { options: optional(waitOptions) }),
  events: new Call('Eventfd.events', { options: optional(eventsOptions) }),
};

/**
 * A counter as a file: `eventfd2()`, non-blocking. Interrupts and writes that it is connected to keep working after it is closed. Once
 * closed, its methods throw {@link IommufdError} EBADF.
 */
export class Eventfd extends Closable implements AsyncIterable<bigint>, Owner {
  private readonly waits = new Waits();

  private constructor(
    context: Context,
    /** The file descriptor, for KVM's irqfds and for `poll()`. */
    readonly fd: number,
  ) {
    super(context, 'Eventfd');
  }

  /** @internal */
  static alloc(context: Context): Eventfd {
    const fd = retry(() => context.sys.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (fd < 0) throw new IommufdError({ call: 'eventfd', args: {}, errno: -fd });
    return new Eventfd(context, fd);
  }

  /**
   * Reads and resets the counter, without waiting.
   * @returns how often it was signalled since it was last read; 0 if it was not signalled
   * @throws IommufdError EBADF if it is closed
   */
  read(): bigint {
    calls.read.check(this);
    return this.take() ?? 0n;
  }

  /**
   * Adds to the counter.
   * @param count 1 by default
   * @throws IommufdError EAGAIN if the counter would exceed 2^64-2; EINVAL for 2^64-1; EBADF if it is closed
   */
  signal(count = 1n): void {
    const { sys, calls: kernel } = calls.signal.check(this, count);
    kernel.frame((alloc) => {
      const { address, bytes } = alloc(SIZE);
      new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, count, true);
      const written = retry(() => sys.write(this.fd, address, SIZE));
      if (written < 0)
        throw new IommufdError({ call: 'write', args: { fd: this.fd, count }, errno: -written });
    });
  }

  /**
   * Waits until it is signalled, then reads and resets the counter.
   * @param options how long to wait: `timeout` in milliseconds, forever by default. The wait keeps the process running unless
   *   `ref` is false
   * @returns the counter; 0 on a timeout, if the signal was aborted or the eventfd was closed
   * @throws IommufdError EBADF if it is closed already
   */
  async wait(options: WaitOptions = {}): Promise<bigint> {
    calls.wait.check(this, options);
    const end = performance.now() + (options.timeout ?? Infinity);
    for (;;) {
      const taken = this.take();
      if (taken !== undefined) return taken;
      // Another reader may reset it between the wait and the read.
      const left = Math.max(0, end - performance.now());
      const isReady = await this.waitForMore(
        options.timeout === undefined ? options : { ...options, timeout: left },
      );
      if (!isReady) return 0n;
    }
  }

  /**
   * Iterates over the values of the counter, each after it was signalled, until it is closed or `signal` is aborted.
   * @param options `signal` ends the iteration, also while it waits. A wait keeps the process running unless `ref` is false
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<bigint> {
    calls.events.checkArguments([options]);
    return iterate<bigint>(
      {
        isOver: () => this.isClosed,
        take: () => this.take(),
        fill: () => undefined,
        wait: (wait, also) => this.waitForMore(wait, also),
      },
      options,
    );
  }

  /** {@link events} without a signal: `for await (const count of eventfd)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<bigint> {
    return this.events();
  }

  /** Reads and resets the counter. @returns undefined if it was zero */
  private take(): bigint | undefined {
    const { sys, calls: kernel } = this.context;
    return kernel.frame((alloc) => {
      const { address, bytes } = alloc(SIZE);
      const length = retry(
        () => sys.read(this.fd, address, SIZE),
        () => retry(() => sys.poll([{ fd: this.fd, events: POLLIN, revents: 0 }])) > 0,
      );
      if (length === -errno.EAGAIN) return undefined;
      if (length < 0) throw new IommufdError({ call: 'read', args: { fd: this.fd }, errno: -length });
      return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    });
  }

  private waitForMore({ timeout, signal, ref }: WaitOptions, also = new Waits()): Promise<boolean> {
    return untilGone([this.waits, also], signal, async (either) => {
      const fds = [{ fd: this.fd, events: POLLIN, revents: 0 }];
      const isReady = await waitUntilReady(this.context.sys, fds, { timeout, signal: either, ref });
      return isReady && !this.isClosed;
    });
  }

  /** The kernel holds the file while it is connected to an interrupt or a write. */
  protected override release(): void {
    this.waits.endAll();
    this.context.calls.close(this.fd);
  }

  /** @throws IommufdError EBADF if it is closed; RangeError if it belongs to another process @internal */
  use(on: Context = this.context, where: Where = NO_CALL): number {
    if (on.sys !== this.context.sys)
      throw new RangeError(`${labelOf(where)}: the eventfd belongs to another process`);
    if (this.isClosed) throw closed('the eventfd', where);
    return this.fd;
  }

  /** @internal */
  openFor(where: Where): Context {
    this.use(this.context, where);
    return this.context;
  }

  /** The text that `console.log` shows. @internal */
  [INSPECT](): string {
    return this.isClosed ? 'eventfd, closed' : `eventfd (fd ${this.fd})`;
  }
}

/** An eventfd, as an argument. */
export const eventfdKind = objectOf(
  'an Eventfd',
  'Iommufd.allocEventfd()',
  (value): value is Eventfd => value instanceof Eventfd,
);
