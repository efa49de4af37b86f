import { errno, POLLIN, type Syscalls } from '@iommufd/uapi';
import { Call } from '../calls/arguments/call.js';
import { optional } from '../calls/arguments/kinds.js';
import { placeOf, type Where } from '../calls/arguments/where.js';
import { retry } from '../calls/calls.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { Memory } from '../objects/memory.js';
import { IommufdObject } from '../objects/object.js';
import { eventsOptions, type WaitOptions, waitOptions, waitUntilReady } from './wait.js';
import { untilGone, Waits } from './waits.js';

/** What ends an iteration from outside, and whether it keeps the process running while it waits. */
export type EventsOptions = Pick<WaitOptions, 'signal' | 'ref'>;

/** How large a queue's buffer may become, in bytes. */
const LARGEST_BUFFER = 64 << 20;

const calls = {
  read: new Call('Queue.read'),
  readable: new Call('Queue.readable', { options: optional(waitOptions) }),
  events: new Call('Queue.events', { options: optional(eventsOptions) }),
};

/** Where the kernel puts what is read. */
export interface Buffer {
  readonly memory: Memory;
  readonly bytes: Uint8Array;
}

/**
 * A queue whose records are read from a file of its own. What one `read()` of the file returns waits here until it is
 * asked for, so that a loop over the queue that ends early leaves the rest to the next one.
 */
export abstract class Queue<T> extends IommufdObject implements AsyncIterable<T> {
  /** What was read and not taken; from `taken` on. */
  private items: T[] = [];
  private taken = 0;
  private isFileOpen = true;
  /** @internal */
  readonly waits = new Waits();

  /** @internal */
  constructor(
    context: Context,
    id: number,
    standsOn: readonly IommufdObject[],
    /** The file descriptor, for a `poll()` of one's own; reading from it takes records away from this object. */
    readonly fd: number,
    private buffer: Buffer,
  ) {
    super(context, id, standsOn);
  }

  /** Makes a queue with a buffer, or neither. */
  protected static withBuffer<Q>(context: Context, size: number, make: (buffer: Buffer) => Q): Q {
    const memory = Memory.alloc(context, size);
    try {
      return make({ memory, bytes: memory.bytes() });
    } catch (cause) {
      memory.close();
      throw cause;
    }
  }

  /** Bytes of the longest record: a `read()` that leaves so much room has read all that there was. */
  protected abstract readonly longestRecord: number;

  /** May a record be longer than the buffer, however long that is? */
  protected abstract readonly hasLongRecords: boolean;

  /** Decodes what one `read()` returned. */
  protected abstract decode(bytes: Uint8Array, items: T[]): void;

  /**
   * Takes what is there, without waiting: what a loop left behind, and behind it what the kernel has, as a rule with
   * one `read()`.
   * @returns the records in order; none if there is nothing
   * @throws IommufdError EBADF if the queue is closed
   * @throws StructError if the kernel gave what this SDK cannot decode
   */
  read(): T[] {
    calls.read.check(this);
    while (this.fill()) {
      // Goes on only while records may have been left behind for want of room.
    }
    return this.takeAll();
  }

  /**
   * Waits until {@link read} would give something: `poll()` for POLLIN.
   * @param options how long: forever if `timeout`, in milliseconds, is left out. The wait keeps the process running unless
   *   `ref` is false
   * @returns true if there is something; false if the time is over, the signal was aborted or the queue was closed
   * @throws IommufdError EBADF if the queue is closed already; EIO if its file is in error
   * @throws RangeError for a timeout below 0
   */
  async readable(options: WaitOptions = {}): Promise<boolean> {
    calls.readable.check(this, options);
    return options.signal?.aborted !== true && this.waitForMore(options);
  }

  /**
   * The records as they come, until the queue is closed or `signal` is aborted. Nothing is read before it is asked
   * for: a slow reader leaves the records in the kernel, which then says how many it lost. Ending the loop loses
   * nothing: what was read and not given out is the first that the next loop, or {@link read}, gives. Of a queue that
   * is closed it ends at once.
   * @param options what ends it from outside: `signal`, also while it waits. While a next record is waited for, the
   *   process keeps running, unless `ref` is false
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<T> {
    // One that is closed has no more events, and is no mistake.
    calls.events.checkArguments([options]);
    const { signal, ref } = options;
    let ended = false;
    const ownWaits = new Waits();
    /** The last that was asked for and has not come: what is asked for later comes later. */
    let pending: Promise<unknown> | undefined;
    const done: IteratorResult<T> = { done: true, value: undefined };
    const isOver = (): boolean => ended || !this.isFileOpen || signal?.aborted === true;
    const nextAfterWait = async (before: Promise<unknown> | undefined): Promise<IteratorResult<T>> => {
      // Its result, or its failure, is for the caller that asked for it.
      await before?.catch(() => undefined);
      while (!isOver()) {
        const item = this.take();
        if (item !== undefined) return { done: false, value: item };
        // Looked at before it waits; the wait looks once more.
        this.fill();
        if (!this.hasItems) await this.waitForMore({ signal, ref }, ownWaits);
      }
      return done;
    };
    const next = (): Promise<IteratorResult<T>> => {
      if (isOver()) return Promise.resolve(done);
      const item = pending === undefined ? this.take() : undefined;
      if (item !== undefined) return Promise.resolve({ done: false, value: item });
      const result = nextAfterWait(pending);
      pending = result;
      const settle = (): void => {
        if (pending === result) pending = undefined;
      };
      result.then(settle, settle);
      return result;
    };
    return {
      next,
      return: () => {
        ended = true;
        ownWaits.endAll();
        return Promise.resolve(done);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** {@link events} without a signal: `for await (const event of queue)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.events();
  }

  /** @throws IommufdError EBADF if it is closed; RangeError if it is of another process @internal */
  useBy(sys: Syscalls | undefined, where: Where): void {
    this.use(this.context, where);
    if (sys === this.context.sys) return;
    throw new RangeError(`${placeOf(where)}: ${this.describe()} is of another process`);
  }

  /** @internal */
  get hasItems(): boolean {
    return this.taken < this.items.length;
  }

  private take(): T | undefined {
    const item = this.items[this.taken];
    if (item === undefined) return undefined;
    this.taken++;
    return item;
  }

  private takeAll(): T[] {
    const items = this.taken === 0 ? this.items : this.items.slice(this.taken);
    this.items = [];
    this.taken = 0;
    return items;
  }

  private async waitForMore({ timeout, signal, ref }: WaitOptions, also = new Waits()): Promise<boolean> {
    if (this.hasItems) return true;
    return untilGone([this.waits, also], signal, async (either) => {
      const fds = [{ fd: this.fd, events: POLLIN, revents: 0 }];
      const ready = await waitUntilReady(this.context.sys, fds, { timeout, signal: either, ref });
      return ready && this.isFileOpen;
    });
  }

  /** One `read()`. @returns whether records may have been left behind because there was no room for them */
  private fill(): boolean {
    if (!this.hasItems) {
      // A fresh array: a caller may hold the old one.
      this.items = [];
      this.taken = 0;
    }
    const length = this.readBytes();
    if (length === 0) return false;
    const { bytes } = this.buffer;
    this.decode(bytes.subarray(0, length), this.items);
    return bytes.length - length < this.longestRecord;
  }

  private readBytes(): number {
    const { sys } = this.context;
    for (;;) {
      const { memory, bytes } = this.buffer;
      const length = retry(() => sys.read(this.fd, memory.address, bytes.length), this.isReadable);
      if (length > 0) return length;
      // Not even the first record fits: EINVAL says so, or on older kernels that 0 bytes were read.
      const isTooShort = length === 0 && this.hasLongRecords && this.isReadable();
      if ((length === 0 && !isTooShort) || length === -errno.EAGAIN) return 0;
      if ((length !== -errno.EINVAL && !isTooShort) || bytes.length >= LARGEST_BUFFER) {
        const args = { fd: this.fd, count: bytes.length, object: this.describe() };
        throw new IommufdError({ call: 'read', args, errno: -length });
      }
      this.grow();
    }
  }

  /** EAGAIN means that there is nothing, unless `poll()` says that there is. */
  private readonly isReadable = (): boolean =>
    retry(() => this.context.sys.poll([{ fd: this.fd, events: POLLIN, revents: 0 }])) > 0;

  private grow(): void {
    const { memory, bytes } = this.buffer;
    this.buffer = Queue.withBuffer(this.context, bytes.length * 2, (buffer) => buffer);
    memory.close();
  }

  /** Linux keeps the queue while its file is open. */
  protected override destroy(): void {
    const usedBy = this.usedBy();
    if (usedBy.length > 0) {
      const meaning = 'It could not be destroyed, so its file was not closed.';
      throw IommufdError.of('EBUSY', 'IOMMU_DESTROY', { id: this.id }, meaning, usedBy);
    }
    this.closeFile();
    super.destroy();
  }

  protected override release(): void {
    this.buffer.memory.close();
  }

  /** Once: the number may be another file's afterwards. */
  private closeFile(): void {
    if (!this.isFileOpen) return;
    this.isFileOpen = false;
    // A sleeper in poll() may hold the file.
    this.waits.endAll();
    this.context.calls.close(this.fd);
  }

  /** @internal */
  override use(on?: Context, where?: Where): number {
    const id = super.use(on, where);
    if (this.isFileOpen) return id;
    const meaning = 'Its file is closed already, but the kernel has not destroyed it yet: close it again.';
    throw IommufdError.of('EBADF', where?.call ?? 'use', { object: this.describe() }, meaning);
  }

  /** @internal */
  override abandon(): void {
    this.closeFile();
    super.abandon();
  }
}
