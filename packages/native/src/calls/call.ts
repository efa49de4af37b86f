import type { File } from '@iommufd/fakekernel/task';
import type { Tree } from '../files/tree.js';
import type { FdWindow } from '../filter/filter.js';
import { F_GETFL, O_NONBLOCK, PIDFD_THREAD } from '../linux/constants.js';
import type { Answer, Listener, Notification } from '../listener.js';
import type { Thread, World } from '../world.js';

/** What the calls of a program are answered with. */
export interface CallHost {
  readonly world: World;
  readonly listener: Listener;
  readonly window: FdWindow;
  /** What it finds in `/sys` and `/dev/vfio`. */
  readonly tree: Tree;
  /** Do files get the lowest number that is free? */
  readonly exactFds: boolean;
  /** Answers a call anew when a file can be read. @param fd of this process, which is closed then */
  waitFor(fd: number, notification: Notification): void;
  /** Says something to the user, once. */
  notice(what: string): void;
}

/** A system call of a program, as the code that answers it sees it. */
export class SystemCall {
  /** The path that it names, once that was read. */
  path: string | undefined;
  private pathAt: bigint | undefined;

  constructor(
    readonly host: CallHost,
    private readonly notification: Notification,
    readonly thread: Thread,
  ) {}

  get id(): bigint {
    return this.notification.id;
  }

  /** An argument of 64 bits. */
  word(index: number): bigint {
    return this.notification.args[index] ?? 0n;
  }

  /** An argument that the kernel takes as an `int`. */
  int(index: number): number {
    return Number(BigInt.asIntN(32, this.word(index)));
  }

  /** An argument that the kernel takes as an `unsigned int`. */
  uint(index: number): number {
    return Number(BigInt.asUintN(32, this.word(index)));
  }

  /** An address or a number of bytes, as a number: exact for all that lies in user space. */
  number(index: number): number {
    return Number(this.word(index));
  }

  get task(): Thread['task'] {
    return this.thread.task;
  }

  /** The file of the fake kernel that a descriptor is; undefined for all others. */
  own(fd: number): File | undefined {
    return this.task.files.own(fd);
  }

  /** How many files the program may have open: RLIMIT_NOFILE. */
  get mostFiles(): number {
    return this.host.world.limitOf(this.task.pid);
  }

  /** A number that the program can be given for a file: with exact ones, the lowest that is free. @throws EMFILE */
  freeNumber(lowest = 0): number {
    const { world, window, exactFds } = this.host;
    return exactFds
      ? world.lowestFree(this.thread, lowest)
      : world.someFree(this.thread, Math.max(lowest, window.first));
  }

  /**
   * Gives the program a file that is open here.
   * @param at {@link freeNumber}; undefined for a file whose reads need not be seen
   * @returns its number there, or a negative errno: what the call returns
   */
  giveFile(fd: number, at: number | undefined, closeOnExec: boolean): number {
    return this.host.listener.addFile(this.id, { fd, at, closeOnExec });
  }

  /** Takes an opening of the program's, as it is. @returns a descriptor of this process; undefined if it is not open */
  take(fd: number): number | undefined {
    const { libc } = this.host.world;
    // A thread may have descriptors of its own (CLONE_FILES). Before Linux 6.9 those of its process are all that can be taken.
    const ofThread = libc.pidfdOpen(this.thread.tid, PIDFD_THREAD);
    const pidfd = ofThread < 0 ? libc.pidfdOpen(this.task.pid) : ofThread;
    if (pidfd < 0) return undefined;
    const here = libc.pidfdGetfd(pidfd, fd);
    libc.close(pidfd);
    return here < 0 ? undefined : here;
  }

  /** Is O_NONBLOCK set? @param fd of this process */
  isNonBlocking(fd: number): boolean {
    return (this.host.world.libc.fcntl(fd, F_GETFL, 0) & O_NONBLOCK) !== 0;
  }

  /** Answers the call anew when a file can be read. @param fd of this process, which becomes the host's */
  waitFor(fd: number): Answer {
    this.host.waitFor(fd, this.notification);
    return 'later';
  }

  /**
   * A path of the program's. It is read once, whatever other threads do with it.
   * @returns undefined if it cannot be read, or is longer than a path can be
   */
  string(address: bigint): string | undefined {
    if (this.pathAt === address) return this.path;
    this.pathAt = address;
    return (this.path = this.task.memorySpace.readString(address, PATH_MAX));
  }
}

/** `linux/limits.h`. */
export const PATH_MAX = 4096;

/** Answers a call. @throws Errno for what the call fails with */
export type Handler = (call: SystemCall) => Answer;
