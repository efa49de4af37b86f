/** Answers the calls of one program, and of what it starts. */

import { Errno, type Writing } from '@iommufd/fakekernel/task';
import { type CallHost, SystemCall } from './calls/call.js';
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

/** A call that the fake kernel has answered. */
export interface AnsweredCall {
  /** Its name. */
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Its six arguments, of 64 bits. */
  readonly args: readonly bigint[];
  /** What it returned: a negative errno if it failed. */
  readonly result: bigint;
  /** The path that it names, if it names one. */
  readonly path?: string | undefined;
  /** Of an ioctl: the bytes of its argument before and after, as far as they were read; structs of iommufd are all there. */
  readonly before?: Uint8Array | undefined;
  readonly after?: Uint8Array | undefined;
}

/** What a supervisor tells. */
export interface SupervisorEvents {
  /** Something that cannot be covered matters now. */
  notice(what: string): void;
  answered?: ((call: AnsweredCall) => void) | undefined;
  /** Nothing runs under the filter any more; with what went wrong, if that is why. */
  ended(cause?: unknown): void;
}

/** A call that is answered when a file can be read. */
interface Wait {
  readonly id: bigint;
  /** @param isReadable answers it as well */
  end(isReadable: boolean): void;
}

/** Milliseconds between two looks at calls that wait. */
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
        events.ended(cause);
      },
    );
  }

  notice(what: string): void {
    if (this.noticed.has(what)) return;
    this.noticed.add(what);
    this.events.notice(what);
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
    // A thread that is killed meanwhile does not say so, and a file that is kept for it would not be closed.
    this.watch ??= setInterval(() => this.lookAtWaits(), WATCH_INTERVAL).unref();
  }

  private lookAtWaits(): void {
    for (const wait of [...this.waits]) if (!this.listener.isWaiting(wait.id)) wait.end(false);
    if (this.waits.size === 0) this.stopWaits();
  }

  private stopWaits(): void {
    clearInterval(this.watch);
    this.watch = undefined;
    for (const wait of [...this.waits]) wait.end(false);
  }

  private answer(notification: Notification): Answer {
    const name = this.names.get(notification.call);
    if (name === undefined) return 'continue';
    const { world } = this;
    // What was closed before this call was made is closed before it is answered.
    world.look();
    if (onlyOfUsers.has(name) && !world.isUsed && !world.hasNames) return 'continue';
    try {
      return this.run(name, notification);
    } catch (cause) {
      // A process that is killed in the middle of its call is no mistake.
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
    this.world.shared.observer = this.observer;
    try {
      return this.told(name, call, notification, this.handle(name, call));
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

  /** A file of this process that can be read when a write is done. */
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

  /** Tells of a call that was answered. */
  private told(name: Watched, call: SystemCall, { tid, args }: Notification, answer: Answer): Answer {
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
