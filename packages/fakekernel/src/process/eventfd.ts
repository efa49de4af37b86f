/**
 * Eventfds: Linux's `fs/eventfd.c`. A file that is a counter: a program adds to it by `write()` and takes it by `read()`, and
 * other parts of the kernel add one to it whenever something happens (`eventfd_signal()`), or wait for it. They reach it through
 * {@link EventfdContext}, which outlives the file, as {@link eventfdContextOf} finds it by the number of a file.
 */
import { EFD_CLOEXEC, EFD_NONBLOCK, EFD_SEMAPHORE, POLLERR, POLLIN, POLLOUT } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { restorable } from '../lib/restorable.js';
import { AnonymousFile } from './file.js';
import type { FileTable } from './file-table.js';
import type { Task } from './task.js';
import type { WaitQueue } from './wait-queue.js';

/** Waits for an eventfd inside the kernel: an entry of its wait queue, which does not sleep. */
export interface EventfdWatcher {
  /** EPOLLIN: it was signalled. The counter may be zero by now, if another waiter has taken it. */
  signalled(): void;
  /** EPOLLHUP: the file was closed. No program can signal it any more. */
  closed(): void;
}

/** An eventfd as other parts of the kernel hold it: `struct eventfd_ctx`. */
export interface EventfdContext {
  /** `eventfd_signal()`: adds one, and wakes the waiters. A counter at its greatest value stays there. */
  signal(): void;
  /** Is the counter more than zero? */
  readonly isSignalled: boolean;
  /**
   * Has the file been closed, where that is seen only by looking? Watchers are not called then: a caller that depends on it asks. Undefined
   * where they are.
   */
  readonly wasClosed?: boolean;
  /** `eventfd_ctx_do_read()`: takes the counter, or one of it in a semaphore. */
  take(): void;
  /** Calls a watcher from now on, until the function that it returns is called. @throws ENFILE if the host can watch no more */
  watch(watcher: EventfdWatcher): () => void;
  /** `eventfd_ctx_put()`: the holder does not need it any more. */
  put(): void;
}

/** ULLONG_MAX. Only signals of the kernel lead there: a `write()` goes up to one less. */
const MAX = 2n ** 64n - 1n;

/** Bytes of the counter. */
const SIZE = 8;

/** Ends a watch. */
const leaving = restorable(
  'Counter.watch',
  (watchers: Set<EventfdWatcher>, watcher: EventfdWatcher) => () => {
    watchers.delete(watcher);
  },
);

/** The counter of an eventfd of this program. @internal */
export class Counter implements EventfdContext {
  private readonly watchers = new Set<EventfdWatcher>();

  constructor(
    public count: bigint,
    private readonly isSemaphore: boolean,
    /** Of the file. */
    private readonly waiters: WaitQueue,
  ) {}

  get isSignalled(): boolean {
    return this.count > 0n;
  }

  signal(): void {
    if (this.count < MAX) this.count++;
    this.wakeReaders();
  }

  wakeReaders(): void {
    if (this.watchers.size > 0) for (const watcher of [...this.watchers]) watcher.signalled();
    this.waiters.wake();
  }

  /** @returns what was taken */
  take(): bigint {
    const taken = this.isSemaphore && this.count > 0n ? 1n : this.count;
    this.count -= taken;
    return taken;
  }

  watch(watcher: EventfdWatcher): () => void {
    this.watchers.add(watcher);
    return leaving(this.watchers, watcher);
  }

  close(): void {
    for (const watcher of [...this.watchers]) watcher.closed();
  }

  put(): void {
    // What nothing holds is collected.
  }
}

/** A counter on its way to a program. */
const scratch = new Uint8Array(SIZE);
const scratchView = new DataView(scratch.buffer);

/** The file of an eventfd. */
export class Eventfd extends AnonymousFile {
  override readonly canRead = true;
  override readonly canWrite = true;
  override readonly link = 'anon_inode:[eventfd]';
  private readonly counter: Counter;

  /**
   * @param init what the counter begins with
   * @param flags of `EFD_*`
   */
  constructor(init: number, flags: number) {
    super();
    this.nonBlocking = (flags & EFD_NONBLOCK) !== 0;
    this.counter = new Counter(BigInt(init), (flags & EFD_SEMAPHORE) !== 0, this.waiters);
  }

  protected override release(): void {
    this.counter.close();
  }

  override eventfd(): EventfdContext {
    return this.counter;
  }

  /** `eventfd_read()`. The counter is taken even if it cannot be copied to the caller. */
  override read({ memorySpace: memory }: Task, address: bigint, length: number): number {
    if (length < SIZE) throw fail('EINVAL');
    if (!this.counter.isSignalled) throw this.wouldWait('read');
    const taken = this.counter.take();
    this.waiters.wake();
    scratchView.setBigUint64(0, taken, true);
    memory.write(address, scratch);
    return SIZE;
  }

  /** `eventfd_write()` */
  override write({ memorySpace: memory }: Task, address: bigint, length: number): number {
    if (length !== SIZE) throw fail('EINVAL');
    const added = new DataView(memory.read(address, SIZE).buffer).getBigUint64(0, true);
    if (added === MAX) throw fail('EINVAL');
    if (MAX - this.counter.count <= added) throw this.wouldWait('write');
    this.counter.count += added;
    this.counter.wakeReaders();
    return SIZE;
  }

  /**
   * What a call gives that cannot be done now: EAGAIN, or with a file that waits an Error, as there is no other thread here
   * that could end the wait.
   */
  private wouldWait(call: string): unknown {
    if (this.nonBlocking) return fail('EAGAIN');
    return new Error(
      `${call}() of an eventfd would wait for ever: make it with EFD_NONBLOCK, or wait() before`,
    );
  }

  /** `eventfd_poll()` */
  override poll(): number {
    const { count } = this.counter;
    return (count > 0n ? POLLIN : 0) | (count === MAX ? POLLERR : 0) | (count < MAX - 1n ? POLLOUT : 0);
  }
}

/** `do_eventfd()`. @throws EINVAL for a flag that is not known; EMFILE */
export function openEventfd(files: FileTable, init: number, flags: number): number {
  if ((flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK)) !== 0) throw fail('EINVAL');
  return files.open(() => new Eventfd(init >>> 0, flags), (flags & EFD_CLOEXEC) !== 0);
}

/** `eventfd_ctx_fdget()`. @returns a reference, which the caller puts @throws EBADF; EINVAL if the file is no eventfd */
export function eventfdContextOf(files: FileTable, fd: number): EventfdContext {
  const context = files.get(fd).eventfd?.();
  if (context === undefined) throw fail('EINVAL');
  return context;
}
