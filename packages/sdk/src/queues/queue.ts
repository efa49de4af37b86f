/**
 * What vEVENTQs and fault queues share: reading records from the queue's file, waiting for them, and iterating over them.
 * One `read()` returns as many records as fit into the buffer; those that the caller has not taken yet stay here, so that
 * no record is lost when a loop ends early. Subclasses decode the bytes.
 */
import { errno, POLLIN, type Syscalls } from '@iommufd/uapi';
import { Call } from '../calls/arguments/call.js';
import { optional } from '../calls/arguments/kinds.js';
import { labelOf, type Where } from '../calls/arguments/where.js';
import { retry } from '../calls/calls.js';
import type { Context } from '../calls/context.js';
import { IommufdError } from '../calls/error.js';
import { Memory } from '../objects/memory.js';
import { IommufdObject } from '../objects/object.js';
import { eventsOptions, type WaitOptions, waitOptions, waitUntilReady } from './wait.js';
import { iterate } from './iterate.js';
import { untilGone, Waits } from './waits.js';

/** Options of {@link Queue.events}. */
export type EventsOptions = Pick<WaitOptions, 'signal' | 'ref'>;

/** The largest buffer of a queue, in bytes. */
const LARGEST_BUFFER = 64 << 20;

const calls = {
  read: new Call('Queue.read'),
  readable: new Call('Queue.readable', { options: optional(waitOptions) }),
  events: new Call('Queue.events', { options: optional(eventsOptions) }),
};

/** The buffer that the kernel reads into. */
export interface Buffer {
  readonly memory: Memory;
  readonly bytes: Uint8Array;
}

/** A queue whose records are read from its own file. */
export abstract class Queue<T> extends IommufdObject implements AsyncIterable<T> {
  /** Records that were read from the file; those before index `taken` were returned to the caller. */
  private items: T[] = [];
  private taken = 0;
  private isFileOpen = true;
  /** @internal */
  readonly waits = new Waits();

  /** @internal */
  constructor(
    context: Context,
    id: number,
    dependencies: readonly IommufdObject[],
    /** The file descriptor, for `poll()`. Reading from it removes records that this object then misses. */
    readonly fd: number,
    private buffer: Buffer,
  ) {
    super(context, id, dependencies);
  }

  /** Creates a queue with a buffer; frees the buffer if `make` throws. */
  protected static withBuffer<Q>(context: Context, size: number, make: (buffer: Buffer) => Q): Q {
    const memory = Memory.alloc(context, size);
    try {
      return make({ memory, bytes: memory.bytes() });
    } catch (cause) {
      memory.close();
      throw cause;
    }
  }

  /** Size of the longest record: a `read()` that leaves at least that much space has emptied the queue. */
  protected abstract readonly longestRecord: number;

  /** True if a record can be longer than the buffer. */
  protected abstract readonly hasLongRecords: boolean;

  /** Decodes what one `read()` returned. */
  protected abstract decode(bytes: Uint8Array, items: T[]): void;

  /**
   * Takes all available records without waiting: those left by a loop, then those of the kernel, in general with one
   * `read()`.
   * @returns the records in order; empty if there are none
   * @throws IommufdError EBADF if the queue is closed
   * @throws StructError if the kernel returned data that this SDK cannot decode
   */
  read(): T[] {
    calls.read.check(this);
    while (this.fill()) {
      // Continues while records may not have fitted into the buffer.
    }
    return this.takeAll();
  }

  /**
   * Waits until {@link read} would return records: `poll()` for POLLIN.
   * @param options how long to wait: `timeout` in milliseconds, forever by default. The wait keeps the process running unless
   *   `ref` is false
   * @returns true if there are records; false on a timeout, if the signal was aborted or the queue was closed
   * @throws IommufdError EBADF if the queue is closed already; EIO if its file is in error
   * @throws RangeError if the timeout is negative
   */
  async readable(options: WaitOptions = {}): Promise<boolean> {
    calls.readable.check(this, options);
    return options.signal?.aborted !== true && this.waitForMore(options);
  }

  /**
   * Iterates over records as they arrive, until the queue is closed or `signal` is aborted. Records are read on demand: a
   * slow reader leaves them in the kernel, which reports how many events were lost. Ending the loop loses nothing: the next
   * loop, or {@link read}, continues with the next record. On a closed queue the iteration ends at once.
   * @param options `signal` ends the iteration, also while it waits. A wait keeps the process running unless `ref` is false
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<T> {
    // A closed queue has no more events, which is not an error.
    calls.events.checkArguments([options]);
    return iterate<T>(
      {
        isOver: () => !this.isFileOpen,
        take: () => this.take(),
        // Read before waiting; `waitForMore` checks again.
        fill: () => void this.fill(),
        wait: (wait, also) => this.waitForMore(wait, also),
      },
      options,
    );
  }

  /** {@link events} without a signal: `for await (const event of queue)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.events();
  }

  /** @throws IommufdError EBADF if it is closed; RangeError if it belongs to another process @internal */
  useBy(sys: Syscalls | undefined, where: Where): void {
    this.use(this.context, where);
    if (sys === this.context.sys) return;
    throw new RangeError(`${labelOf(where)}: ${this.describe()} belongs to another process`);
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

  /** One `read()`. @returns true if records may remain that did not fit into the buffer */
  private fill(): boolean {
    if (!this.hasItems) {
      // A new array: the caller may hold the old one.
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
      // The buffer is too small for the first record: EINVAL, or on older kernels 0 bytes.
      const isTooShort = length === 0 && this.hasLongRecords && this.isReadable();
      if ((length === 0 && !isTooShort) || length === -errno.EAGAIN) return 0;
      if ((length !== -errno.EINVAL && !isTooShort) || bytes.length >= LARGEST_BUFFER) {
        const args = { fd: this.fd, count: bytes.length, object: this.describe() };
        throw new IommufdError({ call: 'read', args, errno: -length });
      }
      this.grow();
    }
  }

  /** EAGAIN means that the queue is empty, unless `poll()` reports POLLIN. */
  private readonly isReadable = (): boolean =>
    retry(() => this.context.sys.poll([{ fd: this.fd, events: POLLIN, revents: 0 }])) > 0;

  private grow(): void {
    const { memory, bytes } = this.buffer;
    this.buffer = Queue.withBuffer(this.context, bytes.length * 2, (buffer) => buffer);
    memory.close();
  }

  /** The file is closed first, as it holds a reference to the queue. */
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

  /** Closes the file once: afterwards the fd may belong to another file. */
  private closeFile(): void {
    if (!this.isFileOpen) return;
    this.isFileOpen = false;
    // A pending poll() would hold a reference to the file.
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
