/**
 * Answers the system calls of one program, and of the processes that it starts. The listener receives a call, the supervisor finds
 * the thread that makes it and passes it to `calls/`, which answers it with the fake kernel.
 */

import { Errno, type Writing } from '@iommufd/fakekernel/task';
import { type CallHost, SystemCall } from './calls/call.js';
import { mayInstallGuards } from './calls/advice.js';
import { answerCall, onlyOfUsers } from './calls/index.js';
import { WriteWaits } from './files/attribute-file.js';
import type { Tree } from './files/tree.js';
import { type FdWindow, windowFor } from './filter/filter.js';
import { O_CLOEXEC, O_NONBLOCK } from './linux/constants.js';
import { must, SystemError } from './linux/libc.js';
import type { Watched } from './linux/system-calls.js';
import { watch } from './linux/watch.js';
import { type Answer, Listener, type Notification } from './listener.js';
import type { CallObserver, SharedObserver } from './observer.js';
import type { Thread, World } from './world.js';

/** A system call that the fake kernel has answered. */
export interface AnsweredCall {
  /** Its name, such as `ioctl`. */
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Its six arguments, 64 bits each. */
  readonly args: readonly bigint[];
  /** Its result: a negative errno if it failed. */
  readonly result: bigint;
  /** The path among its arguments, if it has one. */
  readonly path?: string | undefined;
  /** The bytes of an ioctl's argument before the call, as far as the fake kernel read them. Structs of iommufd are complete. */
  readonly before?: Uint8Array | undefined;
  /** The same bytes after the call. */
  readonly after?: Uint8Array | undefined;
}

/** Callbacks of a supervisor. */
export interface SupervisorEvents {
  /** The program uses a feature that is not supported. */
  notice(message: string): void;
  /** A call was answered. */
  answered?: ((call: AnsweredCall) => void) | undefined;
  /** The last process under the filter has ended, or answering failed with the error `cause`. */
  ended(cause?: unknown): void;
}

/** A call that is answered when a file becomes readable. */
interface Wait {
  readonly id: bigint;
  /** Ends the wait. @param isReadable true to answer the call as well */
  end(isReadable: boolean): void;
}

/** Time between two checks of waiting calls, in milliseconds. */
const WATCH_INTERVAL = 1000;

/** @see {@link runProgram} */
export class Supervisor implements CallHost {
  readonly listener: Listener;
  readonly window: FdWindow;
  private readonly names = new Map<number, Watched>();
  private readonly noticed = new Set<string>();
  private readonly waits = new Set<Wait>();
  private watch: NodeJS.Timeout | undefined;

  constructor(
    readonly world: World,
    listenerFd: number,
    readonly exactFds: boolean,
    readonly tree: Tree,
    private readonly observer: (CallObserver & SharedObserver) | undefined,
    private readonly events: SupervisorEvents,
  ) {
    this.window = windowFor(exactFds);
    for (const [name, number] of Object.entries(world.machine.calls)) this.names.set(number, name as Watched);
    this.listener = new Listener(
      world.libc,
      listenerFd,
      (notification) => this.answer(notification),
      (cause) => {
        this.stopWaits();
        if (cause === undefined) this.waitForEnds();
        else events.ended(cause);
      },
    );
  }

  /** Reports a feature that is not supported, each message once. */
  notice(message: string): void {
    if (this.noticed.has(message)) return;
    this.noticed.add(message);
    this.events.notice(message);
  }

  waitFor(fd: number, notification: Notification): void {
    const handle = watch(fd, { readable: true }, () => wait.end(true));
    const wait: Wait = {
      id: notification.id,
      end: (isReadable) => {
        if (!this.waits.delete(wait)) return;
        handle.close();
        this.world.libc.close(fd);
        if (isReadable) this.listener.respond(notification.id, this.answer(notification));
      },
    };
    this.waits.add(wait);
    // The death of a waiting thread is not reported, so waits are checked: otherwise their files would stay open.
    this.watch ??= setInterval(() => this.checkWaits(), WATCH_INTERVAL).unref();
  }

  /** Ends the waits whose caller is dead. */
  private checkWaits(): void {
    for (const wait of [...this.waits]) if (!this.listener.isWaiting(wait.id)) wait.end(false);
    if (this.waits.size === 0) this.stopWaits();
  }

  private stopWaits(): void {
    clearInterval(this.watch);
    this.watch = undefined;
    for (const wait of [...this.waits]) wait.end(false);
  }

  /**
   * Reports the end when the processes have closed their files. From Linux 6.11 on a process releases its filter before it unmaps its
   * memory and closes its files (`do_exit()`).
   */
  private waitForEnds(): void {
    let left = 1;
    const ended = (): void => {
      if (--left === 0) this.events.ended();
    };
    for (const task of this.world.tasksOf(this)) if (task.onEnd(ended)) left++;
    ended();
  }

  private answer(notification: Notification): Answer {
    const name = this.names.get(notification.call);
    if (name === undefined) return 'continue';
    const { world } = this;
    // Files that were closed before this call must be closed in the fake kernel before it is answered.
    world.look();
    // A process that does not use the fake kernel yet may use it later.
    if (mayInstallGuards(name, notification.args)) world.mayHaveGuards = true;
    if (onlyOfUsers.has(name) && !world.isUsed && !world.hasNames) return 'continue';
    try {
      return this.run(name, notification);
    } catch (cause) {
      // The process was killed during its call, which is not an error.
      if (cause instanceof SystemError && !this.listener.isWaiting(notification.id)) return 'continue';
      throw cause;
    }
  }

  private run(name: Watched, notification: Notification): Answer {
    const thread = this.world.thread(notification.tid);
    if (thread === undefined) return 'continue';
    const call = new SystemCall(this, notification, thread);
    const { files, memorySpace: memory } = thread.task;
    files.begin(this.ownerOf(call, thread));
    thread.task.observer = this.observer;
    thread.task.caller = thread.tid;
    thread.task.supervisor = this;
    this.world.shared.observer = this.observer;
    try {
      return this.report(name, call, notification, this.handle(name, call));
    } finally {
      thread.task.observer = undefined;
      this.world.shared.observer = undefined;
      files.end();
      memory.end();
      this.world.standIns.refresh();
    }
  }

  private handle(name: Watched, call: SystemCall): Answer {
    try {
      return answerCall(name, call);
    } catch (cause) {
      if (cause instanceof Errno) return cause.result;
      if (cause instanceof WriteWaits) return call.waitFor(this.whenDone(cause.writing));
      throw cause;
    }
  }

  /** Creates a file of this process that becomes readable when a write is done. */
  private whenDone(writing: Writing): number {
    const { libc } = this.world;
    const ends = Buffer.alloc(8);
    must('pipe2()', libc.pipe2(ends, O_CLOEXEC | O_NONBLOCK));
    const [readEnd, writeEnd] = [ends.readInt32LE(0), ends.readInt32LE(4)];
    writing.whenDone(() => {
      libc.write(writeEnd, ends, 1);
      libc.close(writeEnd);
    });
    return readEnd;
  }

  /** Reports an answered call. @returns its answer */
  private report(name: Watched, call: SystemCall, { tid, args }: Notification, answer: Answer): Answer {
    const { answered } = this.events;
    if (answered === undefined || typeof answer === 'string') return answer;
    const { task, path } = call;
    const before = name === 'ioctl' ? task.memorySpace.argument : undefined;
    const after = before && task.memorySpace.tryRead(args[2] ?? 0n, before.length);
    answered({ name, pid: task.pid, tid, args, result: BigInt(answer), path, before, after });
    return answer;
  }

  private ownerOf(call: SystemCall, thread: Thread): Parameters<Thread['task']['files']['begin']>[0] {
    return {
      directory: thread.directory,
      freeNumber: () => call.freeNumber(),
      take: (fd) => call.take(fd),
      give: (fd, at, closeOnExec) => this.listener.addFile(call.id, { fd, at, closeOnExec }),
    };
  }
}
