/**
 * Eventfds whose signal starts work in the kernel: Linux's `drivers/vfio/virqfd.c`. The counter is read at once, so a program
 * finds it zero.
 */
import { fail } from '../errno.js';
import { restorable } from '../lib/restorable.js';
import { type EventfdContext, eventfdContextOf, type EventfdWatcher } from '../process/eventfd.js';
import type { FileTable } from '../process/file-table.js';

/** The work of a signal. */
export interface VirqfdWork {
  /** Runs in the context of the signal. @returns true if {@link thread} must run */
  handler(): boolean;
  /** Does the work that the handler cannot do: signalling another eventfd, or waiting. */
  thread(): void;
}

/** A slot for one such eventfd: `struct virqfd **`. */
export class Virqfd {
  private active: { readonly context: EventfdContext; readonly leave: () => void } | undefined;
  private isRunning = false;

  /**
   * `vfio_virqfd_enable()`: if the eventfd is already signalled, its work is done now, and its counter does not change.
   * @throws EBADF; EINVAL if it is not an eventfd; EBUSY if the slot is in use; errors of {@link EventfdContext.watch}
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

  /** @returns a function that ends the watch. If watching fails, the context is put */
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
        // If several watch the same eventfd, the first one reads the counter, and all do their work.
        context.take();
        virqfd.run(work);
      },
      closed: () => virqfd.disable(),
    }),
  );

  private run(work: VirqfdWork): void {
    // The thread may signal the eventfd that it waits for. Linux would loop forever in this case.
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      if (work.handler()) work.thread();
    } finally {
      this.isRunning = false;
    }
  }

  /** `vfio_virqfd_disable()` and `virqfd_shutdown()`: does nothing if the slot is empty. */
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
