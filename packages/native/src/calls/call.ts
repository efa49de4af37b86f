import type { File } from '@iommufd/fakekernel/task';
import type { Tree } from '../files/tree.js';
import type { FdWindow } from '../filter/filter.js';
import { F_GETFL, O_NONBLOCK, PIDFD_THREAD } from '../linux/constants.js';
import type { Answer, Listener, Notification } from '../listener.js';
import type { Thread, World } from '../world.js';

/** The supervisor, as the code that answers calls uses it. */
export interface CallHost {
  readonly world: World;
  readonly listener: Listener;
  readonly window: FdWindow;
  /** The contents of `/sys` and `/dev/vfio` for the program. */
  readonly tree: Tree;
  /** True if files get the lowest free descriptor. */
  readonly exactFds: boolean;
  /** Answers a call again when a file is readable. @param fd a descriptor of this process, which this function closes then */
  waitFor(fd: number, notification: Notification): void;
  /** Prints a message to the user, once. */
  notice(message: string): void;
}

/** A system call of a program: its arguments, its thread, and what is needed to answer it. */
export class SystemCall {
  /** The path among its arguments, after it was read. */
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

  /** An argument, 64 bits. */
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

  /** An argument that is an address or a number of bytes. Exact for addresses of user space. */
  number(index: number): number {
    return Number(this.word(index));
  }

  get task(): Thread['task'] {
    return this.thread.task;
  }

  /** The file of the fake kernel at a descriptor; undefined for other files. */
  own(fd: number): File | undefined {
    return this.task.files.own(fd);
  }

  /** RLIMIT_NOFILE of the process. */
  get mostFiles(): number {
    return this.host.world.limitOf(this.task.pid);
  }

  /** A free descriptor for a new file: with exact descriptors the lowest, otherwise one in the window. @throws EMFILE */
  freeNumber(lowest = 0): number {
    const { world, window, exactFds } = this.host;
    return exactFds
      ? world.lowestFree(this.thread, lowest)
      : world.someFree(this.thread, Math.max(lowest, window.first));
  }

  /**
   * Adds a file of this process to the program.
   * @param at a {@link freeNumber}; undefined for a file whose calls need not be watched
   * @returns the result of the call: the file's descriptor in the program, or a negative errno
   */
  giveFile(fd: number, at: number | undefined, closeOnExec: boolean): number {
    return this.host.listener.addFile(this.id, { fd, at, closeOnExec });
  }

  /** Duplicates a descriptor of the program into this process; undefined if it is not open. */
  take(fd: number): number | undefined {
    const { libc } = this.host.world;
    // A thread may have its own descriptors, without CLONE_FILES. Before Linux 6.9 only those of the main thread can be duplicated.
    const ofThread = libc.pidfdOpen(this.thread.tid, PIDFD_THREAD);
    const pidfd = ofThread < 0 ? libc.pidfdOpen(this.task.pid) : ofThread;
    if (pidfd < 0) return undefined;
    const here = libc.pidfdGetfd(pidfd, fd);
    libc.close(pidfd);
    return here < 0 ? undefined : here;
  }

  /** True if a file has O_NONBLOCK. @param fd a descriptor of this process */
  isNonBlocking(fd: number): boolean {
    return (this.host.world.libc.fcntl(fd, F_GETFL, 0) & O_NONBLOCK) !== 0;
  }

  /** Answers the call again when a file is readable. @param fd a descriptor of this process, which the host closes then */
  waitFor(fd: number): Answer {
    this.host.waitFor(fd, this.notification);
    return 'later';
  }

  /**
   * Reads a path from the program. It is read once, so that other threads cannot change it during the call.
   * @returns undefined if it cannot be read, or is longer than PATH_MAX
   */
  string(address: bigint): string | undefined {
    if (this.pathAt === address) return this.path;
    this.pathAt = address;
    return (this.path = this.task.memorySpace.readString(address, PATH_MAX));
  }
}

/** `linux/limits.h`. */
export const PATH_MAX = 4096;

/** Answers a call. @throws Errno if the call fails */
export type Handler = (call: SystemCall) => Answer;
