/**
 * Waiting for files in the event loop. The loop reports that a file may be ready, and `poll()` returns its events. libuv allows one
 * watch per file, so all waits for a file share it. Files that cannot be watched (`epoll_ctl()` fails with EPERM) are always ready,
 * or never.
 */

import { type PollFd, POLLHUP, POLLIN, type PollOptions, POLLOUT } from '@iommufd/uapi';
import { O_CLOEXEC } from '../linux/constants.js';
import { watch, type Watch } from '../linux/watch.js';
import type { SyscallFunctions } from './bind.js';

/** The longest timer of Node, in milliseconds. */
const LONGEST_TIMER = 0x7fff_ffff;

/** A wait for some files. */
interface Waiter {
  readonly fds: readonly PollFd[];
  readonly ref: boolean;
  /** Polls the files. Ends the wait if one is ready. */
  look(): void;
}

/** The watched files of all {@link Waits} of this process, which share the event loop. */
const watches = new Map<number, FdWatch>();

/** @see {@link Waits.wait} */
export class Waits {
  constructor(
    private readonly libc: SyscallFunctions,
    private readonly poll: (fds: readonly PollFd[]) => number,
  ) {}

  /** @see Syscalls.wait */
  async wait(fds: readonly PollFd[], { timeout, signal, ref = true }: PollOptions = {}): Promise<number> {
    const ready = this.poll(fds);
    if (ready !== 0 || timeout === 0 || signal?.aborted === true) return ready;
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const end = (count: number): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        for (const { fd } of fds) this.leave(fd, waiter);
        resolve(count);
      };
      const abort = (): void => end(0);
      const waiter: Waiter = {
        fds,
        ref,
        look: () => {
          const count = this.poll(fds);
          // EINTR does not end the wait: poll() did not block.
          if (count > 0) end(count);
        },
      };
      const sleep = (left: number): void => {
        // The timer keeps this process running even if no file can be watched.
        timer = setTimeout(
          () => (left > LONGEST_TIMER ? sleep(left - LONGEST_TIMER) : end(Math.max(0, this.poll(fds)))),
          Math.min(left, LONGEST_TIMER),
        );
        if (!ref) timer.unref();
      };
      sleep(timeout ?? Infinity);
      signal?.addEventListener('abort', abort, { once: true });
      for (const { fd } of fds) this.join(fd, waiter);
    });
  }

  private join(fd: number, waiter: Waiter): void {
    if (fd < 0) return;
    let watch = watches.get(fd);
    if (watch === undefined) watches.set(fd, (watch = new FdWatch(this.libc, fd)));
    watch.join(waiter);
  }

  private leave(fd: number, waiter: Waiter): void {
    const watch = watches.get(fd);
    if (watch?.leave(waiter) === true) watches.delete(fd);
  }

  /** Must be called before a file is closed. @returns a function that must be called after it, which lets its waiters poll */
  closing(fd: number): () => void {
    const watch = watches.get(fd);
    if (watch === undefined) return () => undefined;
    watches.delete(fd);
    const waiters = watch.close();
    return () => {
      for (const waiter of waiters) waiter.look();
    };
  }
}

/** The watch of a file for all of its waiters. */
class FdWatch {
  private readonly waiters = new Set<Waiter>();
  private handle: Watch | undefined;
  private watched = 0;

  constructor(
    private readonly libc: SyscallFunctions,
    private readonly fd: number,
  ) {}

  join(waiter: Waiter): void {
    this.waiters.add(waiter);
    this.update();
  }

  /** @returns true if the last waiter has left */
  leave(waiter: Waiter): boolean {
    this.waiters.delete(waiter);
    this.update();
    return this.waiters.size === 0;
  }

  close(): readonly Waiter[] {
    this.handle?.close();
    this.handle = undefined;
    return [...this.waiters];
  }

  /** Watches exactly the events that are waited for: another event that is always ready would call back all the time. */
  private update(): void {
    const wanted = this.wanted();
    if (wanted !== this.watched) {
      this.handle?.close();
      this.handle = wanted === 0 ? undefined : this.open(wanted);
      this.watched = wanted;
    }
    const keeps = [...this.waiters].some(({ ref }) => ref);
    if (keeps) this.handle?.ref();
    else this.handle?.unref();
  }

  private wanted(): number {
    let wanted = 0;
    for (const { fds } of this.waiters)
      for (const { fd, events } of fds) if (fd === this.fd) wanted |= events | POLLHUP;
    return wanted & (POLLIN | POLLOUT | POLLHUP);
  }

  private open(events: number): Watch | undefined {
    const options = {
      readable: (events & POLLIN) !== 0,
      writable: (events & POLLOUT) !== 0,
      disconnect: (events & POLLHUP) !== 0,
    };
    // `poll()` has already returned the events of a file that cannot be watched. They never change.
    if (!canBeWatched(this.libc, this.fd)) return undefined;
    return watch(this.fd, options, () => {
      for (const waiter of [...this.waiters]) waiter.look();
    });
  }
}

/** `sys/epoll.h`. */
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
/** A `struct epoll_event` without events. */
const NOTHING = Buffer.alloc(64);

/** True if the event loop can watch a file. Watching one that it cannot watch would end the process. */
function canBeWatched(libc: SyscallFunctions, fd: number): boolean {
  const epoll = libc.epollCreate(O_CLOEXEC);
  if (epoll < 0) return false;
  const isPossible = libc.epollCtl(epoll, EPOLL_CTL_ADD, fd, NOTHING) === 0;
  if (isPossible) libc.epollCtl(epoll, EPOLL_CTL_DEL, fd, NOTHING);
  libc.close(epoll);
  return isPossible;
}
