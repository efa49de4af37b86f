/**
 * Threads of other programs under `ptrace()`: what they start is attached to as well, signals are passed on as they are, stops and
 * continuations of a whole process go their way. The threads stop at the beginning and at the end of each system call, and an
 * observer is called. Everything here runs in one thread, which does nothing else: it waits in `waitpid()`.
 *
 * There is no filter of seccomp that would stop the calls of interest alone (SECCOMP_RET_TRACE): it cannot be taken away from
 * a program, whose calls would fail with ENOSYS when the tracer has gone.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { errnoName } from '@iommufd/uapi';
import { errno } from '../linux/libc.js';
import { processOf } from '../linux/proc.js';
import type { Machine } from '../linux/system-calls.js';
import {
  PTRACE_DETACH,
  PTRACE_EVENT,
  PTRACE_GET_SYSCALL_INFO,
  PTRACE_GETEVENTMSG,
  PTRACE_INTERRUPT,
  PTRACE_LISTEN,
  PTRACE_OPTIONS,
  PTRACE_SEIZE,
  PTRACE_SYSCALL,
  type Ptrace,
  ptraceCalls,
  SIGTRAP,
  STOP_SIGNALS,
  SYSCALL_INFO,
  SYSCALL_INFO_ENTRY,
  SYSCALL_INFO_EXIT,
  WAIT_ALL,
} from '../linux/ptrace.js';

/** A thread that is attached to. */
export interface Tracee {
  readonly tid: number;
  /** Its process. */
  readonly pid: number;
}

/** The beginning of a system call. It is valid until the observer returns. */
export interface CallEntry {
  readonly number: number;
  /** One of six arguments: as an `int`. */
  int(index: number): number;
  /** As an unsigned number of 32 bits. */
  uint(index: number): number;
  /** As a number of 64 bits, unsigned. */
  word(index: number): bigint;
  /** As an address or a length: exact up to 2^53. */
  number53(index: number): number;
}

/** How a program ended: one of the two is null. */
export interface TraceeEnd {
  readonly code: number | null;
  /** Its number. */
  readonly signal: number | null;
}

/** Called for what threads do, while they stand still. */
export interface TraceeObserver {
  /** A thread begins a call. @returns whether its end is of interest */
  entered(thread: Tracee, call: CallEntry): boolean;
  /** A call of interest ends. @param result as the kernel returns it: a negative errno, or one that says that it begins again */
  left(thread: Tracee, result: bigint): void;
  /** A process begins, as a copy of another one. */
  forked(parent: Tracee, pid: number): void;
  /** A process has begun, as a copy of one that has ended meanwhile. */
  orphaned(pid: number): void;
  /** A process runs another program. */
  executed(pid: number): void;
  /** A thread has ended in the middle of a call of interest. */
  lost(thread: Tracee): void;
  /** A process has ended, or is not attached to any more. */
  ended(pid: number, end: TraceeEnd | undefined): void;
}

/** What is known of a thread. */
interface State extends Tracee {
  /** It is in a call whose end is of interest. */
  isAwaited: boolean;
  /** It is in a call whose end is of none: the next stop at a call is that. */
  isInside: boolean;
  /** It may be making another one: it is in such a call, or it is not known in which. */
  mayMake: boolean;
}

const EPERM = 1;
const ESRCH = 3;
const ECHILD = 10;
const EINTR = 4;

/** The stop of a system call, as PTRACE_O_TRACESYSGOOD tells it. */
const SYSCALL_STOP = SIGTRAP | 0x80;

/** The arguments of a call, in the answer to PTRACE_GET_SYSCALL_INFO. */
class Entry implements CallEntry {
  number = 0;
  private readonly view: DataView;

  constructor(info: Uint8Array) {
    this.view = new DataView(info.buffer, info.byteOffset, info.byteLength);
  }

  int(index: number): number {
    return this.view.getInt32(SYSCALL_INFO.args + 8 * index, true);
  }

  uint(index: number): number {
    return this.view.getUint32(SYSCALL_INFO.args + 8 * index, true);
  }

  word(index: number): bigint {
    return this.view.getBigUint64(SYSCALL_INFO.args + 8 * index, true);
  }

  number53(index: number): number {
    const at = SYSCALL_INFO.args + 8 * index;
    return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 2 ** 32;
  }
}

/** A process may not be attached to, or there is none. */
export class AttachError extends Error {
  override readonly name = 'AttachError';
}

function attachError(pid: number, why: number): AttachError {
  if (why === ESRCH) return new AttachError(`there is no process ${pid}`);
  const hint =
    why === EPERM
      ? ': it has another tracer, is of another user, or /proc/sys/kernel/yama/ptrace_scope allows only children'
      : '';
  return new AttachError(`process ${pid} cannot be attached to (${errnoName(why) ?? `errno ${why}`})${hint}`);
}

/** @see the head of this file */
export class Tracees {
  private readonly threads = new Map<number, State>();
  /** Threads that have stopped for the first time before the thread that made them was seen to make them. */
  private readonly unclaimed = new Set<number>();
  private readonly info = Buffer.alloc(128);
  private readonly status = Buffer.alloc(8);
  private readonly message = Buffer.alloc(8);
  private readonly entry = new Entry(this.info);
  private isDetaching = false;

  /**
   * @param machine whose calls are seen; those of another architecture, as of 32 bits, are not
   */
  constructor(
    private readonly machine: Pick<Machine, 'auditArch' | 'forks'>,
    private readonly observer: TraceeObserver,
    private readonly calls: Ptrace = ptraceCalls(),
  ) {}

  get isEmpty(): boolean {
    return this.threads.size === 0;
  }

  /** Attaches to a thread, which goes on. @throws AttachError */
  private seize(tid: number, pid: number): void {
    const { sysgood, fork, vfork, clone, exec } = PTRACE_OPTIONS;
    if (this.calls.request(PTRACE_SEIZE, tid, 0, sysgood | fork | vfork | clone | exec) < 0)
      throw attachError(pid, errno());
    this.threads.set(tid, { tid, pid, isAwaited: false, isInside: false, mayMake: true });
  }

  /**
   * Attaches to a program that has not begun: the first call that is seen comes after its `execve()`.
   * @throws AttachError
   */
  attachLauncher(pid: number): void {
    this.seize(pid, pid);
  }

  /** Attaches to all threads of a process that runs. @throws AttachError */
  attach(pid: number): void {
    let isNew = true;
    // A thread that is not attached to yet may make others meanwhile.
    while (isNew) {
      isNew = false;
      for (const tid of threadsOf(pid)) {
        if (this.threads.has(tid)) continue;
        try {
          this.seize(tid, pid);
          isNew = true;
        } catch (cause) {
          // It may have ended since it was listed; the process itself is there, or is not.
          if (tid === pid) throw cause;
          // What a thread that is attached to has made is attached to already: its event claims it.
          if (threadsOf(pid).includes(tid) && !isTracedHere(tid)) throw cause;
        }
      }
    }
    if (this.threads.size === 0) throw attachError(pid, ESRCH);
    // From their first stop on they stop at calls.
    for (const tid of this.threads.keys()) this.calls.request(PTRACE_INTERRUPT, tid, 0, 0);
  }

  /** Waits until something stops or ends, and deals with it. @returns false if there is nothing left to wait for */
  step(): boolean {
    const tid = this.calls.waitpid(-1, this.status, WAIT_ALL);
    if (tid < 0) {
      const why = errno();
      if (why === EINTR) return true;
      if (why !== ECHILD) throw new Error(`waitpid() failed: errno ${why}`);
      return false;
    }
    this.look(tid, this.status.readUInt32LE(0));
    if (this.unclaimed.size > 0) this.adopt();
    return this.threads.size > 0;
  }

  /** Lets all threads go: each where it next stands. Then {@link step} is called until it says that nothing is left. */
  detach(): void {
    this.isDetaching = true;
    for (const tid of this.threads.keys()) this.calls.request(PTRACE_INTERRUPT, tid, 0, 0);
  }

  private look(tid: number, status: number): void {
    const isStopped = (status & 0xff) === 0x7f;
    if (!isStopped) {
      this.end(tid, status);
      return;
    }
    const thread = this.threads.get(tid);
    if (thread === undefined) {
      // What it was made by has not been seen to make it: it stands still until then.
      this.unclaimed.add(tid);
      return;
    }
    // It has left such a call, or its event names what it has made.
    thread.mayMake = false;
    const [signal, event] = [(status >> 8) & 0xff, status >>> 16];
    switch (event) {
      case 0:
        if (signal === SYSCALL_STOP) this.syscall(thread);
        this.resume(thread, signal === SYSCALL_STOP ? 0 : signal);
        return;
      case PTRACE_EVENT.fork:
      case PTRACE_EVENT.vfork:
      case PTRACE_EVENT.clone:
        this.claim(thread, this.eventMessage(tid));
        break;
      case PTRACE_EVENT.exec:
        this.execute(thread, this.eventMessage(tid));
        break;
      case PTRACE_EVENT.stop:
        if (STOP_SIGNALS.has(signal) && !this.isDetaching) {
          // The whole process is stopped, and remains so until it is continued.
          this.calls.request(PTRACE_LISTEN, tid, 0, 0);
          return;
        }
    }
    this.resume(thread, 0);
  }

  private resume({ tid }: State, signal: number): void {
    // It may have been killed where it stood: `waitpid()` returns its end next.
    if (!this.isDetaching) {
      this.calls.request(PTRACE_SYSCALL, tid, 0, signal);
      return;
    }
    this.calls.request(PTRACE_DETACH, tid, 0, signal);
    this.forget(tid, undefined);
  }

  private eventMessage(tid: number): number {
    this.calls.fill(PTRACE_GETEVENTMSG, tid, 0, this.message);
    return Number(this.message.readBigUInt64LE(0));
  }

  private syscall(thread: State): void {
    const { info, entry, calls, machine } = this;
    if (thread.isInside) {
      thread.isInside = false;
      return;
    }
    if (this.isDetaching || calls.fill(PTRACE_GET_SYSCALL_INFO, thread.tid, SYSCALL_INFO.size, info) < 0)
      return;
    const op = info[SYSCALL_INFO.op];
    if (op === SYSCALL_INFO_ENTRY) {
      if (info.readUInt32LE(SYSCALL_INFO.arch) !== machine.auditArch) {
        // Its number is of another table: it may be a fork of that one.
        thread.mayMake = true;
        return;
      }
      // More than 32 bits of a number are no call of this architecture.
      entry.number = Number(info.readBigUInt64LE(SYSCALL_INFO.nr));
      thread.mayMake = machine.forks.includes(entry.number);
      thread.isAwaited = this.observer.entered(thread, entry);
      thread.isInside = !thread.isAwaited;
    } else if (op === SYSCALL_INFO_EXIT && thread.isAwaited) {
      thread.isAwaited = false;
      this.observer.left(thread, info.readBigInt64LE(SYSCALL_INFO.result));
    }
  }

  /** A thread has made another one, or a process. */
  private claim(parent: State, tid: number): void {
    const pid = processOf(tid) ?? tid;
    if (pid !== parent.pid) this.observer.forked(parent, pid);
    this.add(tid, pid);
  }

  private add(tid: number, pid: number): void {
    const thread = { tid, pid, isAwaited: false, isInside: false, mayMake: false };
    this.threads.set(tid, thread);
    if (this.unclaimed.delete(tid)) this.resume(thread, 0);
  }

  /**
   * Threads that stand still and that no thread can be making are of one that was killed before it could tell.
   * @param maker that has just been
   */
  private adopt(maker?: State): void {
    for (const each of this.threads.values()) if (each !== maker && each.mayMake) return;
    for (const tid of [...this.unclaimed]) {
      if (maker !== undefined) {
        this.claim(maker, tid);
        continue;
      }
      const pid = processOf(tid);
      // Its end comes next.
      if (pid === undefined) continue;
      if (![...this.threads.values()].some((thread) => thread.pid === pid)) this.observer.orphaned(pid);
      this.add(tid, pid);
    }
  }

  /** A process runs another program: the thread that has called it is the only one left, with the number of the process. */
  private execute(thread: State, former: number): void {
    const { pid } = thread;
    for (const other of [...this.threads.values()])
      if (other.pid === pid && other.tid !== pid) this.threads.delete(other.tid);
    // Another thread may have called it: where that stands is known from its next stop.
    if (former !== pid) {
      thread.isAwaited = false;
      thread.isInside = false;
    }
    this.observer.executed(pid);
  }

  private end(tid: number, status: number): void {
    this.unclaimed.delete(tid);
    const thread = this.threads.get(tid);
    if (thread?.mayMake === true) this.adopt(thread);
    const signal = status & 0x7f;
    this.forget(tid, signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: null, signal });
  }

  private forget(tid: number, end: TraceeEnd | undefined): void {
    const thread = this.threads.get(tid);
    if (thread === undefined) return;
    this.threads.delete(tid);
    if (thread.isAwaited) this.observer.lost(thread);
    // `waitpid()` returns the first thread of a process last; if it was let go, others may still be attached.
    const isLast = ![...this.threads.values()].some(({ pid }) => pid === thread.pid);
    if (end === undefined ? isLast : tid === thread.pid) this.observer.ended(thread.pid, end);
  }
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    // It has ended.
    return [];
  }
}

/** Is the tracer of a thread one of this process? */
function isTracedHere(tid: number): boolean {
  try {
    const [, tracer = '0'] =
      /^TracerPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${tid}/status`, 'latin1')) ?? [];
    return processOf(Number(tracer)) === process.pid;
  } catch {
    // It has ended.
    return false;
  }
}
