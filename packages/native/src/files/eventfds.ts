/**
 * Eventfds of programs, which are eventfds of the host's kernel. A device signals one by a write to a duplicate of its descriptor. The
 * event loop watches those that trigger an action of the fake kernel.
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
}

/** An eventfd of a program. */
class HostEventfd implements EventfdContext {
  private readonly libc: Libc;
  private readonly buffer = Buffer.alloc(SIZE);
  private readonly polled = Buffer.alloc(8);
  private readonly watches = new Set<Watch>();

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
   * Calls the watcher from the event loop for each signal from now on, by an edge-triggered epoll. A counter that is already more than
   * zero does not call it. The program's last close is not reported: see {@link wasClosed}.
   * @throws Errno ENFILE if this process has reached its limit of open files
   */
  watch({ signalled }: Pick<EventfdWatcher, 'signalled'>): () => void {
    try {
      const watching = this.watching(must('epoll_create1()', this.libc.epollCreate1(O_CLOEXEC)), signalled);
      this.watches.add(watching);
      return () => {
        if (this.watches.delete(watching)) watching.close();
      };
    } catch (cause) {
      if (cause instanceof SystemError && isFull(cause)) throw fail('ENFILE');
      throw cause;
    }
  }

  /** @param epoll a descriptor that the watch closes. It is closed at once if this fails @throws what {@link watch} throws; SystemError */
  private watching(epoll: number, signalled: () => void): Watch {
    const { libc } = this;
    try {
      const handle = this.watched(epoll, signalled);
      // Running programs keep this process running, the watch does not.
      handle.unref();
      return {
        ...handle,
        close: () => {
          handle.close();
          libc.close(epoll);
        },
      };
    } catch (cause) {
      libc.close(epoll);
      throw cause;
    }
  }

  private watched(epoll: number, signalled: () => void): Watch {
    const { libc } = this;
    const event = Buffer.alloc(EPOLL_EVENT_SIZE);
    event.writeUInt32LE(EPOLLIN + EPOLLET, 0);
    must('epoll_ctl()', libc.epollCtl(epoll, EPOLL_CTL_ADD, this.fd, event));
    const isNew = (): boolean => libc.epollWait(epoll, event, 1, 0) > 0;
    // The current state is returned once, and ignored.
    isNew();
    return watch(epoll, { readable: true }, () => {
      // The program may have read the counter since.
      if (isNew()) signalled();
    });
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
