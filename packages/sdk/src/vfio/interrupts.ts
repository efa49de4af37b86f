/**
 * Interrupts of a VFIO device: {@link VfioDevice.enableInterrupts} connects each to an eventfd (VFIO_DEVICE_SET_IRQS). A program
 * iterates over them, adds a listener, or passes their file descriptors to KVM.
 */
import { errno, POLLIN, VFIO_DEVICE_SET_IRQS, vfio_irq_set_flags } from '@iommufd/uapi';
import { Call, type Owner } from '../calls/arguments/call.js';
import { integer, optional, record, guarded } from '../calls/arguments/kinds.js';
import type { Where } from '../calls/arguments/where.js';
import { retry } from '../calls/calls.js';
import { irqCause } from '../calls/causes/irqs.js';
import type { Context } from '../calls/context.js';
import { INSPECT } from '../objects/inspect.js';
import { Closable } from '../objects/closable.js';
import { closed } from '../objects/object.js';
import { IommufdError } from '../calls/error.js';
import type { VfioDevice } from '../objects/vfio-device.js';
import { iterate } from '../queues/iterate.js';
import type { EventsOptions } from '../queues/queue.js';
import { checkErrors, eventsOptions, type WaitOptions, waitUntilReady } from '../queues/wait.js';
import { untilGone, Waits } from '../queues/waits.js';
import { Eventfd, eventfdKind } from './eventfd.js';
import { type InterruptKind, irqIndexes } from './indexes.js';

const {
  VFIO_IRQ_SET_ACTION_MASK: MASK,
  VFIO_IRQ_SET_ACTION_TRIGGER: TRIGGER,
  VFIO_IRQ_SET_ACTION_UNMASK: UNMASK,
  VFIO_IRQ_SET_DATA_BOOL: BOOL,
  VFIO_IRQ_SET_DATA_EVENTFD: EVENTFD,
  VFIO_IRQ_SET_DATA_NONE: NONE,
} = vfio_irq_set_flags;

/** Options of {@link VfioDevice.enableInterrupts}. */
export interface InterruptOptions {
  /** For MSI and MSI-X: the number of vectors, starting with vector 0. */
  readonly vectors: number;
}

/** An interrupt that has been signalled. */
export interface Interrupt {
  /** The vector; 0 for kinds with a single interrupt. */
  readonly vector: number;
  /** How often it was signalled since it was last read. */
  readonly count: bigint;
}

/** A listener to interrupts, until it is closed. */
export interface Listening extends Disposable {
  /** Settles when listening ends: rejected if the listener has thrown, or the wait has failed. */
  readonly ended: Promise<void>;
  /** Stops listening. */
  close(): void;
}

const FD = 4;
const vector = integer(0, 2047);

const calls = {
  read: new Call('Interrupts.read'),
  events: new Call('Interrupts.events', { options: optional(eventsOptions) }),
  listen: new Call('Interrupts.listen', {
    listener: guarded(
      'a function',
      (value): value is (each: Interrupt) => unknown => typeof value === 'function',
    ),
    options: optional(eventsOptions),
  }),
  trigger: new Call('Interrupts.trigger', { vector: optional(vector) }),
  eventfd: new Call('Interrupts.eventfd', { vector: optional(vector) }),
  setEnabled: new Call('Interrupts.setEnabled', {
    vector,
    enabled: guarded('true or false', (value): value is boolean => typeof value === 'boolean'),
  }),
  mask: new Call('InterruptLine.mask'),
  unmask: new Call('InterruptLine.unmask'),
  unmaskOn: new Call('InterruptLine.unmaskOn', { eventfd: eventfdKind }),
};

/** {@link InterruptOptions} */
export const interruptOptions = record<InterruptOptions>({ vectors: integer(1, 2048) });

/** The enabled interrupts of one kind. Closing the object disables them. */
export class Interrupts extends Closable implements AsyncIterable<Interrupt>, Owner {
  private readonly waits = new Waits();
  private readonly taken: Interrupt[] = [];

  /** @internal */
  protected constructor(
    context: Context,
    /** The device. */
    readonly device: VfioDevice,
    /** The kind of interrupt. */
    readonly kind: InterruptKind,
    private readonly eventfds: readonly Eventfd[],
  ) {
    super(context, 'Interrupts');
  }

  /** Enables interrupts. @internal */
  static enable(context: Context, device: VfioDevice, kind: InterruptKind, vectors: number): Interrupts {
    const eventfds: Eventfd[] = [];
    try {
      for (let i = 0; i < vectors; i++) eventfds.push(Eventfd.alloc(context));
      setIrqs(device, kind, EVENTFD | TRIGGER, 0, vectors, fdsOf(eventfds.map(({ fd }) => fd)));
      return kind === 'intx'
        ? new InterruptLine(context, device, kind, eventfds)
        : new Interrupts(context, device, kind, eventfds);
    } catch (cause) {
      for (const eventfd of eventfds) eventfd.close();
      throw cause;
    }
  }

  /** Number of vectors, which start with 0. */
  get vectors(): number {
    return this.eventfds.length;
  }

  /**
   * The eventfd of a vector, whose file descriptor can be passed to KVM's irqfds. Interrupts that are read from it are not reported by
   * this object.
   * @param index the vector; 0 by default
   * @throws RangeError if there is no such vector; IommufdError EBADF if the interrupts are disabled
   */
  eventfd(index = 0): Eventfd {
    calls.eventfd.check(this, index);
    const found = this.eventfds[index];
    if (found === undefined)
      throw new RangeError(`Interrupts.eventfd: vector: ${this.describe()} has no ${index}`);
    return found;
  }

  /**
   * Reads the pending interrupts, without waiting.
   * @returns the interrupts in order of their vectors; empty if none is pending
   * @throws IommufdError EBADF if the interrupts are disabled
   */
  read(): Interrupt[] {
    calls.read.check(this);
    this.fill();
    return this.taken.splice(0);
  }

  /**
   * Iterates over interrupts as they are signalled, until they are disabled or `signal` is aborted. Interrupts of one vector that are
   * signalled while the caller is busy are one item with their count.
   * @param options `signal` ends the iteration, also while it waits. A wait keeps the process running unless `ref` is false
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<Interrupt> {
    calls.events.checkArguments([options]);
    return iterate<Interrupt>(
      {
        isOver: () => this.isClosed,
        take: () => this.taken.shift(),
        fill: () => this.fill(),
        wait: (wait, also) => this.waitForMore(wait, also),
      },
      options,
    );
  }

  /** {@link events} without a signal: `for await (const { vector } of interrupts)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Interrupt> {
    return this.events();
  }

  /**
   * Calls a listener for each interrupt. If it returns a promise, it is not called again before the promise has settled.
   * @param options `signal` stops listening. Listening keeps the process running unless `ref` is false
   */
  listen(listener: (each: Interrupt) => unknown, options: EventsOptions = {}): Listening {
    calls.listen.check(this, listener, options);
    const events = this.events(options);
    const run = async (): Promise<void> => {
      for await (const each of events) await listener(each);
    };
    const close = (): void => void events.return?.();
    return { ended: run(), close, [Symbol.dispose]: close };
  }

  /**
   * Signals a vector as the device would: VFIO_IRQ_SET_ACTION_TRIGGER. For tests of the receiver.
   * @param index the vector; 0 by default
   * @throws IommufdError EINVAL if the vector is disabled
   */
  trigger(index = 0): void {
    calls.trigger.check(this, index);
    setIrqs(this.device, this.kind, BOOL | TRIGGER, index, 1, Uint8Array.of(1));
  }

  /**
   * Connects one vector to its eventfd, or disconnects it. Vectors of MSI-X can be enabled while others are enabled since Linux 6.5,
   * where {@link IrqInfo.noResize} is false.
   * @throws IommufdError EINVAL if the vector cannot be enabled now
   */
  setEnabled(index: number, enabled: boolean): void {
    calls.setEnabled.check(this, index, enabled);
    const { fd } = this.eventfd(index);
    setIrqs(this.device, this.kind, EVENTFD | TRIGGER, index, 1, fdsOf([enabled ? fd : -1]));
  }

  private fill(): void {
    const fds = this.eventfds.map(({ fd }) => ({ fd, events: POLLIN, revents: 0 }));
    const status = retry(() => this.context.sys.poll(fds));
    if (status < 0)
      throw new IommufdError({ call: 'poll', args: { fds: fds.map(({ fd }) => fd) }, errno: -status });
    if (status === 0) return;
    checkErrors(fds);
    for (const [index, { revents }] of fds.entries()) {
      if ((revents & POLLIN) === 0) continue;
      const count = this.eventfds[index]?.read() ?? 0n;
      if (count > 0n) this.taken.push({ vector: index, count });
    }
  }

  private async waitForMore({ signal, ref }: WaitOptions, also: Waits): Promise<boolean> {
    if (this.taken.length > 0) return true;
    return untilGone([this.waits, also], signal, (either) => {
      const fds = this.eventfds.map(({ fd }) => ({ fd, events: POLLIN, revents: 0 }));
      return waitUntilReady(this.context.sys, fds, { signal: either, ref });
    });
  }

  /** The interrupts as text: `msix of device 2 (/dev/vfio/devices/vfio0)`. */
  describe(): string {
    return `${this.kind} of ${this.device.describe()}`;
  }

  /** Disables them. If the device is closed, they are disabled already. */
  protected override beforeClose(): void {
    if (!this.device.isClosed) setIrqs(this.device, this.kind, NONE | TRIGGER, 0, 0);
  }

  protected override release(): void {
    this.waits.endAll();
    for (const eventfd of this.eventfds) eventfd.close();
    this.device.interruptsOff(this.kind);
  }

  /** @internal */
  openFor(where: Where): Context {
    if (!this.isClosed && !this.device.isClosed) return this.context;
    throw closed(this.describe(), where);
  }

  /** The text that `console.log` shows. @internal */
  [INSPECT](): string {
    return this.isClosed ? `${this.describe()}, off` : this.describe();
  }
}

/**
 * The interrupt line. The kernel masks it when it fires. It can fire again after {@link unmask}, and does so at once if the device
 * still asserts it.
 */
export class InterruptLine extends Interrupts {
  /** Masks the line: VFIO_IRQ_SET_ACTION_MASK. @throws IommufdError EBADF if it is disabled */
  mask(): void {
    calls.mask.check(this);
    setIrqs(this.device, 'intx', NONE | MASK, 0, 1);
  }

  /** Unmasks the line: VFIO_IRQ_SET_ACTION_UNMASK. @throws IommufdError EBADF if it is disabled */
  unmask(): void {
    calls.unmask.check(this);
    setIrqs(this.device, 'intx', NONE | UNMASK, 0, 1);
  }

  /**
   * Makes the kernel unmask the line whenever an eventfd is signalled, such as KVM's resamplefd.
   * @throws IommufdError EBUSY if another eventfd is connected already; EBADF if the line is disabled
   */
  unmaskOn(eventfd: Eventfd): void {
    calls.unmaskOn.check(this, eventfd);
    setIrqs(this.device, 'intx', EVENTFD | UNMASK, 0, 1, fdsOf([eventfd.fd]));
  }
}

/**
 * VFIO_DEVICE_SET_IRQS. If fewer vectors can be allocated than requested, Linux returns their number and allocates none
 * (`vfio_msi_enable()`), which is a failure here.
 */
function setIrqs(
  device: VfioDevice,
  kind: InterruptKind,
  flags: number,
  start: number,
  count: number,
  data: Uint8Array = new Uint8Array(),
): void {
  const args = { flags, index: irqIndexes[kind], start, count, data };
  const cause = irqCause(device, kind, start + count);
  const available = device.context.calls.statusOf(device.fd, VFIO_DEVICE_SET_IRQS, args, { cause });
  if (available === 0) return;
  const meaning = `The host can allocate ${available} vectors of ${kind}, and ${start + count} were requested.`;
  throw new IommufdError({ call: VFIO_DEVICE_SET_IRQS.name, args, errno: errno.ENOSPC }, { meaning });
}

function fdsOf(fds: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(FD * fds.length);
  const view = new DataView(bytes.buffer);
  for (const [i, fd] of fds.entries()) view.setInt32(FD * i, fd, true);
  return bytes;
}
