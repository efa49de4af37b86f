/**
 * Eventfds of programs, as the fake kernel uses them: they are the host's own. A device signals one by a write to a copy of its
 * descriptor, and the event loop watches one that has the fake kernel do something.
 */
import { readlinkSync } from 'node:fs';
import { type EventfdContext, type EventfdWatcher, fail, File } from '@iommufd/fakekernel/task';
import { POLLIN, POLLOUT } from '@iommufd/uapi';
import { EPOLL_CTL_ADD, EPOLL_EVENT_SIZE, EPOLLET, EPOLLIN, O_CLOEXEC } from '../linux/constants.js';
import { isFull, type Libc, must, SystemError } from '../linux/libc.js';
import { descriptorsOf, eventfdOf } from '../linux/proc.js';
import { watch, type Watch } from '../linux/watch.js';

/** Bytes of the counter. */
const SIZE = 8;

/** What eventfds need of the rest. */
export interface EventfdHost {
  readonly libc: Libc;
  /** The processes that the world knows. */
  readonly pids: Iterable<number>;
}

/** A counter of a program. */
class HostEventfd implements EventfdContext {
  private readonly libc: Libc;
  private readonly buffer = Buffer.alloc(SIZE);
  private readonly polled = Buffer.alloc(8);
  private readonly watches = new Set<Watch>();

  /** @param fd of this process, which becomes its own */
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

  /** A counter at 2^64-2, which the kernel itself could still add to, stays there: a write would wait. */
  signal(): void {
    if (!this.has(POLLOUT)) return;
    this.buffer.writeBigUInt64LE(1n);
    this.libc.write(this.fd, this.buffer, SIZE);
  }

  get isSignalled(): boolean {
    return this.has(POLLIN);
  }

  /**
   * Has no process that the world knows it open? The copy here does not count: as it is open, Linux does not say so (EPOLLHUP).
   * A process that has made no call that the filter shows, and a file on its way through a socket, are not looked at.
   */
  get wasClosed(): boolean {
    const key = eventfdOf('self', this.fd)?.key;
    // Without one, before Linux 5.2, it cannot be told from others.
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

  /** Without waiting, whatever the program has set: it may read the counter itself between two calls of ours. */
  take(): void {
    this.libc.readNow(this.fd, this.buffer);
  }

  /**
   * Calls the watcher from the event loop, for each signal from now on: an epoll that is edge-triggered returns those, and not
   * that the counter was not zero before. The program's last close is not seen when it happens: {@link wasClosed}.
   * @throws Errno ENFILE if this process can open no more
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

  /** @param epoll becomes the watch's, and is closed if there is none @throws SystemError; what {@link watch} does */
  private watching(epoll: number, signalled: () => void): Watch {
    const { libc } = this;
    try {
      const handle = this.watched(epoll, signalled);
      // Programs that run keep this one running.
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
    // What it is now is returned once.
    isNew();
    return watch(epoll, { readable: true }, () => {
      // The program may have read it since.
      if (isNew()) signalled();
    });
  }

  put(): void {
    for (const handle of this.watches) handle.close();
    this.watches.clear();
    this.libc.close(this.fd);
  }
}

/** An eventfd of a program, for the time of a call. */
export class RemoteEventfd extends File {
  /** @param take takes a copy of it; undefined if it has been closed since */
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
    // It holds nothing: the program has it.
  }
}

/** Is a number of a program an eventfd? @param directory `/proc/TID/fd`, open in this process */
export const isEventfd = (directory: number, fd: number): boolean =>
  isEventfdLink(`/proc/self/fd/${directory}/${fd}`);

function isEventfdLink(path: string): boolean {
  try {
    return readlinkSync(path) === 'anon_inode:[eventfd]';
  } catch {
    // It was closed since, or the process has ended.
    return false;
  }
}
