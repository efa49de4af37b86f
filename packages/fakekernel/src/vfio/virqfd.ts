/**
 * Eventfds that have the kernel do something when they are signalled: Linux's `drivers/vfio/virqfd.c`. The counter is taken at
 * once, so the program finds it empty.
 */
import { fail } from '../errno.js';
import { restorable } from '../lib/restorable.js';
import { type EventfdContext, eventfdContextOf, type EventfdWatcher } from '../process/eventfd.js';
import type { FileTable } from '../process/file-table.js';

/** What a signal does. */
export interface VirqfdWork {
  /** Runs where the signal is. @returns whether {@link thread} has to run */
  handler(): boolean;
  /** Does what the handler cannot: signalling another eventfd, or waiting. */
  thread(): void;
}

/** A place for one such eventfd: `struct virqfd **`. */
export class Virqfd {
  private active: { readonly context: EventfdContext; readonly leave: () => void } | undefined;
  private isRunning = false;

  /**
   * `vfio_virqfd_enable()`: an eventfd that is signalled already does its work now, and keeps its counter.
   * @throws EBADF | EINVAL for what is no eventfd; EBUSY if there is one; what {@link EventfdContext.watch} throws
   */
  enable(files: FileTable, fd: number, work: VirqfdWork): void {
    const context = eventfdContextOf(files, fd);
    if (this.active?.context.wasClosed === true) this.disable();
    if (this.active !== undefined) {
      context.put();
      throw fail('EBUSY');
    }
    this.active = { context, leave: this.watch(context, work) };
    if (context.isSignalled) this.run(work);
  }

  /** @returns ends the watch. The context is put if there is none */
  private watch(context: EventfdContext, work: VirqfdWork): () => void {
    try {
      return context.watch(Virqfd.watcher(this, context, work));
    } catch (error) {
      context.put();
      throw error;
    }
  }

  private static readonly watcher = restorable(
    'Virqfd.watcher',
    (virqfd: Virqfd, context: EventfdContext, work: VirqfdWork): EventfdWatcher => ({
      signalled: () => {
        // Of several at one eventfd, the first takes the counter, and all do their work.
        context.take();
        virqfd.run(work);
      },
      closed: () => virqfd.disable(),
    }),
  );

  private run(work: VirqfdWork): void {
    // The thread may signal the very eventfd that it waits for. Linux would go on for ever then.
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      if (work.handler()) work.thread();
    } finally {
      this.isRunning = false;
    }
  }

  /** `vfio_virqfd_disable()`, and `virqfd_shutdown()`: does nothing without one. */
  disable(): void {
    const { active } = this;
    if (active === undefined) return;
    this.active = undefined;
    active.leave();
    // `eventfd_ctx_remove_wait_queue()`
    active.context.take();
    active.context.put();
  }
}
