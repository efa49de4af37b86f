/**
 * Eventfds: Linux's `fs/eventfd.c`. An eventfd is a file with a counter. A program adds to it by `write()` and reads it by
 * `read()`. Other parts of the kernel signal an event by adding one (`eventfd_signal()`), or wait for it. They use {@link
 * EventfdContext}, which {@link eventfdContextOf} looks up by file descriptor, and which outlives the file.
 */
import { EFD_CLOEXEC, EFD_NONBLOCK, EFD_SEMAPHORE, POLLERR, POLLIN, POLLOUT } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { restorable } from '../lib/restorable.js';
import { AnonymousFile } from './file.js';
import type { FileTable } from './file-table.js';
import type { Task } from './task.js';
import type { WaitQueue } from './wait-queue.js';

/** Waits for an eventfd inside the kernel: a callback in its wait queue, which does not sleep. */
export interface EventfdWatcher {
  /** EPOLLIN: the eventfd was signalled. The counter may already be zero again, if another waiter has read it. */
  signalled(): void;
  /** EPOLLHUP: the file was closed. Programs can no longer signal it. */
  closed(): void;
}

/** An eventfd as other parts of the kernel use it: `struct eventfd_ctx`. */
export interface EventfdContext {
  /** `eventfd_signal()`: adds one, and wakes the waiters. A counter at its maximum does not change. */
  signal(): void;
  /** True if the counter is more than zero. */
  readonly isSignalled: boolean;
  /**
   * True if the file has been closed, for implementations that do not call watchers at a close: a caller that depends on it must
   * check. Undefined if watchers are called.
   */
  readonly wasClosed?: boolean;
  /** `eventfd_ctx_do_read()`: resets the counter to zero, or decrements it in a semaphore. */
  take(): void;
  /**
   * Calls a watcher at each event, until the returned function is called.
   * @throws ENFILE if the host supports no more watchers
   */
  watch(watcher: EventfdWatcher): () => void;
  /** `eventfd_ctx_put()`: releases the holder's reference. */
  put(): void;
}

/** ULLONG_MAX. Only signals of the kernel reach it: a `write()` reaches at most one less. */
const MAX = 2n ** 64n - 1n;

/** Size of the counter, in bytes. */
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
    /** The waiters of the file. */
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

  /** Reads the counter as a program does. @returns its value before */
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
    // JavaScript's garbage collection frees the counter.
  }
}

/** Buffer for copying a counter to a program. */
const scratch = new Uint8Array(SIZE);
const scratchView = new DataView(scratch.buffer);

/** The file of an eventfd. */
export class Eventfd extends AnonymousFile {
  override readonly canRead = true;
  override readonly canWrite = true;
  override readonly link = 'anon_inode:[eventfd]';
  private readonly counter: Counter;

  /**
   * @param init initial value of the counter
   * @param flags `EFD_*`
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

  /** `eventfd_read()`. The counter is reset even if it cannot be copied to the caller. */
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
   * The error of a call that would block: EAGAIN if the file is non-blocking. Otherwise an Error, because there is no other
   * thread here that could end the wait.
   */
  private wouldWait(call: string): unknown {
    if (this.nonBlocking) return fail('EAGAIN');
    return new Error(
      `${call}() of an eventfd would block forever: create it with EFD_NONBLOCK, or call wait() first`,
    );
  }

  /** `eventfd_poll()` */
  override poll(): number {
    const { count } = this.counter;
    return (count > 0n ? POLLIN : 0) | (count === MAX ? POLLERR : 0) | (count < MAX - 1n ? POLLOUT : 0);
  }
}

/** `do_eventfd()`. @throws EINVAL for an unknown flag; EMFILE */
export function openEventfd(files: FileTable, init: number, flags: number): number {
  if ((flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK)) !== 0) throw fail('EINVAL');
  return files.open(() => new Eventfd(init >>> 0, flags), (flags & EFD_CLOEXEC) !== 0);
}

/** `eventfd_ctx_fdget()`. @returns a reference, which the caller must put @throws EBADF; EINVAL if the file is not an eventfd */
export function eventfdContextOf(files: FileTable, fd: number): EventfdContext {
  const context = files.get(fd).eventfd?.();
  if (context === undefined) throw fail('EINVAL');
  return context;
}
