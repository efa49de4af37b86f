/**
 * Eventfds of programs, which are eventfds of the host's kernel. A device signals one by a write to a duplicate of its descriptor.
 * Those that trigger an action of the fake kernel are watched.
 */
import { readlinkSync } from 'node:fs';
import { type EventfdContext, type EventfdWatcher, fail, File } from '@iommufd/fakekernel/task';
import { POLLIN, POLLOUT } from '@iommufd/uapi';
import { EPOLL_CTL_ADD, EPOLL_EVENT_SIZE, EPOLLET, EPOLLIN, O_CLOEXEC } from '../linux/constants.js';
import { isFull, type Libc, must, SystemError } from '../linux/libc.js';
import { descriptorsOf, eventfdOf } from '../linux/proc.js';
import { watch, type Watch } from '../linux/watch.js';

/** Size of the counter, in bytes. */
const SIZE = 8;

/** The world, as eventfds use it. */
export interface EventfdHost {
  readonly libc: Libc;
  /** The processes that the world knows. */
  readonly pids: Iterable<number>;
  readonly watches: EventfdWatches;
}

/** A watch of an eventfd. */
interface EventfdWatch {
  /** True if the eventfd was signalled since this was last read, unless the program has read its counter since. */
  isNew(): boolean;
  readonly signalled: () => void;
  close(): void;
}

/**
 * The eventfds that trigger an action of the fake kernel: on Linux their signals call a function of the kernel (`virqfd_wakeup()`). Here
 * the event loop watches them, and they are looked at before each call is answered, so that the program sees the effect of its own
 * signals.
 */
export class EventfdWatches {
  private readonly watches = new Set<EventfdWatch>();
  private readonly event = Buffer.alloc(EPOLL_EVENT_SIZE);
  /** An epoll of the epolls of all watches, while there are any. */
  private all: { readonly epoll: number; readonly handle: Watch } | undefined;

  constructor(private readonly libc: Libc) {}

  /**
   * Watches an eventfd for signals from now on, by an edge-triggered epoll.
   * @param fd a descriptor of this process
   * @throws SystemError; no file is left open then
   */
  add(fd: number, signalled: () => void): EventfdWatch {
    const epoll = must('epoll_create1()', this.libc.epollCreate1(O_CLOEXEC));
    try {
      this.join(epoll, fd, EPOLLIN + EPOLLET);
      const isNew = (): boolean => this.libc.epollWait(epoll, this.event, 1, 0) > 0;
      // The current state is returned once, and ignored.
      isNew();
      this.join(this.everything(), epoll, EPOLLIN);
      const watching: EventfdWatch = {
        isNew,
        signalled,
        close: () => {
          this.watches.delete(watching);
          this.libc.close(epoll);
          this.closeIfEmpty();
        },
      };
      this.watches.add(watching);
      return watching;
    } catch (cause) {
      this.libc.close(epoll);
      this.closeIfEmpty();
      throw cause;
    }
  }

  private join(epoll: number, fd: number, events: number): void {
    this.event.fill(0);
    this.event.writeUInt32LE(events, 0);
    must('epoll_ctl()', this.libc.epollCtl(epoll, EPOLL_CTL_ADD, fd, this.event));
  }

  private everything(): number {
    if (this.all !== undefined) return this.all.epoll;
    const epoll = must('epoll_create1()', this.libc.epollCreate1(O_CLOEXEC));
    try {
      const handle = watch(epoll, { readable: true }, () => this.look());
      // Running programs keep this process running, the watch does not.
      handle.unref();
      this.all = { epoll, handle };
      return epoll;
    } catch (cause) {
      this.libc.close(epoll);
      throw cause;
    }
  }

  private closeIfEmpty(): void {
    if (this.all === undefined || this.watches.size > 0) return;
    this.all.handle.close();
    this.libc.close(this.all.epoll);
    this.all = undefined;
  }

  /** Calls the watchers of the eventfds that were signalled since the last look. */
  look(): void {
    if (this.all === undefined || this.libc.epollWait(this.all.epoll, this.event, 1, 0) <= 0) return;
    // Several watchers may have the same eventfd. The first one resets its counter, and then it is no longer ready.
    const ready = [...this.watches].filter((watching) => watching.isNew());
    for (const watching of ready) if (this.watches.has(watching)) watching.signalled();
  }
}

/** An eventfd of a program. */
class HostEventfd implements EventfdContext {
  private readonly libc: Libc;
  private readonly buffer = Buffer.alloc(SIZE);
  private readonly polled = Buffer.alloc(8);
  private readonly watches = new Set<EventfdWatch>();

  /** @param fd a descriptor of this process, which this object closes */
  constructor(
    private readonly host: EventfdHost,
    private readonly fd: number,
  ) {
    this.libc = host.libc;
    this.polled.writeInt32LE(fd, 0);
  }

  private has(event: number): boolean {
    this.polled.writeInt16LE(event, 4);
    this.polled.writeInt16LE(0, 6);
    return this.libc.poll(this.polled, 1, 0) > 0 && (this.polled.readInt16LE(6) & event) !== 0;
  }

  /** Does nothing at 2^64-2, where a write would block. The kernel itself could still add one. */
  signal(): void {
    if (!this.has(POLLOUT)) return;
    this.buffer.writeBigUInt64LE(1n);
    this.libc.write(this.fd, this.buffer, SIZE);
  }

  get isSignalled(): boolean {
    return this.has(POLLIN);
  }

  /**
   * True if no known process has it open. EPOLLHUP does not report that, because the duplicate of this process is open. Processes
   * that have made no watched call, and messages in sockets, are not examined.
   */
  get wasClosed(): boolean {
    const key = eventfdOf('self', this.fd)?.key;
    // Before Linux 5.2 eventfds have no ID and cannot be identified.
    if (key === undefined) return false;
    for (const pid of this.host.pids)
      if (
        descriptorsOf(pid)?.some(
          (fd) => isEventfdLink(`/proc/${pid}/fd/${fd}`) && eventfdOf(pid, fd)?.key === key,
        ) === true
      )
        return false;
    return true;
  }

  /** Reads without blocking, even without EFD_NONBLOCK: the program may have reset the counter since it was checked. */
  take(): void {
    this.libc.readNow(this.fd, this.buffer);
  }

  /**
   * Calls the watcher for each signal from now on: see {@link EventfdWatches}. A counter that is already more than zero does not call it.
   * The program's last close is not reported: see {@link wasClosed}.
   * @throws Errno ENFILE if this process has reached its limit of open files
   */
  watch({ signalled }: Pick<EventfdWatcher, 'signalled'>): () => void {
    try {
      const watching = this.host.watches.add(this.fd, signalled);
      this.watches.add(watching);
      return () => {
        if (this.watches.delete(watching)) watching.close();
      };
    } catch (cause) {
      if (cause instanceof SystemError && isFull(cause)) throw fail('ENFILE');
      throw cause;
    }
  }

  put(): void {
    for (const handle of this.watches) handle.close();
    this.watches.clear();
    this.libc.close(this.fd);
  }
}

/** An eventfd of a program, during a call. */
export class RemoteEventfd extends File {
  /** @param take duplicates its descriptor; undefined if it has been closed since */
  constructor(
    private readonly host: EventfdHost,
    private readonly take: () => number | undefined,
  ) {
    super();
  }

  override eventfd(): EventfdContext {
    const fd = this.take();
    if (fd === undefined) throw fail('EBADF');
    return new HostEventfd(this.host, fd);
  }

  protected override release(): void {
    // The program holds the file.
  }
}

/** True if a descriptor of a program is an eventfd. @param directory `/proc/TID/fd`, open in this process */
export const isEventfd = (directory: number, fd: number): boolean =>
  isEventfdLink(`/proc/self/fd/${directory}/${fd}`);

function isEventfdLink(path: string): boolean {
  try {
    return readlinkSync(path) === 'anon_inode:[eventfd]';
  } catch {
    // The descriptor was closed, or the process has ended.
    return false;
  }
}
