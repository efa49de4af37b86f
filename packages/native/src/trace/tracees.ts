/**
 * Traces threads of other programs with `ptrace()`. The threads stop at the start and the end of each system call, and an observer is
 * called. New threads and processes are traced as well. Signals, and stops and continuations of a whole process, have their usual
 * effect. Everything here runs in one thread that does nothing else, because it waits in `waitpid()`.
 *
 * A seccomp filter (SECCOMP_RET_TRACE) that stops only the calls of interest is not used: a filter cannot be removed from a program,
 * and its calls would fail with ENOSYS after the tracer has detached.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { errnoText } from '../linux/errno-text.js';
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

/** A traced thread. */
export interface Tracee {
  readonly tid: number;
  /** Its process. */
  readonly pid: number;
}

/** The start of a system call. It is valid until the observer returns. */
export interface CallEntry {
  readonly number: number;
  /** An argument (0 to 5) as an `int`. */
  int(index: number): number;
  /** An argument as an `unsigned int`. */
  uint(index: number): number;
  /** An argument as an unsigned number of 64 bits. */
  word(index: number): bigint;
  /** An argument that is an address or a length, exact up to 2^53. */
  number53(index: number): number;
}

/** How a program ended. One of the two members is null. */
export interface TraceeEnd {
  readonly code: number | null;
  /** The number of the signal. */
  readonly signal: number | null;
}

/**
 * Receives the events of threads, which are stopped meanwhile.
 * @template Call what the observer keeps about a call until its end
 */
export interface TraceeObserver<Call> {
  /** A thread begins a call. @returns undefined if its end is not of interest */
  entered(thread: Tracee, entry: CallEntry): Call | undefined;
  /**
   * A call of interest ends.
   * @param result the kernel's, exact up to 2^53: a negative errno if it failed, which includes ERESTARTSYS and similar
   */
  left(call: Call, result: number): void;
  /** A process has forked a new one. */
  forked(parent: Tracee, pid: number): void;
  /** A new process was found whose parent has ended before the fork was reported. */
  orphaned(pid: number): void;
  /** A process runs another program. */
  executed(pid: number): void;
  /** A thread has ended in the middle of a call of interest. */
  lost(call: Call): void;
  /** A process has ended, or the tracer has detached from it. */
  ended(pid: number, end: TraceeEnd | undefined): void;
}

/** The state of a thread. */
interface State<Call> extends Tracee {
  /** The call that it is in, if its end is of interest. */
  call: Call | undefined;
  /** True in a call whose end is not of interest: its next syscall stop is that end. */
  isInside: boolean;
  /** True if it may be creating a thread or process: it is in a fork, or in an unknown call. */
  mayFork: boolean;
}

const EPERM = 1;
const ESRCH = 3;
const ECHILD = 10;
const EINTR = 4;

/** The signal of a syscall stop with PTRACE_O_TRACESYSGOOD. */
const SYSCALL_STOP = SIGTRAP | 0x80;

/** The result of PTRACE_GET_SYSCALL_INFO, with the arguments of a call. */
class Entry implements CallEntry {
  number = 0;
  readonly bytes = Buffer.alloc(128);
  private readonly view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);

  /** `ptrace_syscall_info.op` */
  get op(): number {
    return this.view.getUint8(SYSCALL_INFO.op);
  }

  get arch(): number {
    return this.view.getUint32(SYSCALL_INFO.arch, true);
  }

  /** The number of the call. One of more than 32 bits is not a valid call. */
  get nr(): number {
    return this.unsigned(SYSCALL_INFO.nr);
  }

  /** The result of the call, which is signed. */
  get result(): number {
    const at = SYSCALL_INFO.result;
    return this.view.getUint32(at, true) + this.view.getInt32(at + 4, true) * 2 ** 32;
  }

  private unsigned(at: number): number {
    return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 2 ** 32;
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
    return this.unsigned(SYSCALL_INFO.args + 8 * index);
  }
}

/** Thrown if a process does not exist, or cannot be attached to. */
export class AttachError extends Error {
  override readonly name = 'AttachError';
}

function attachError(pid: number, why: number): AttachError {
  if (why === ESRCH) return new AttachError(`there is no process ${pid}`);
  const hint =
    why === EPERM
      ? ': it has another tracer, is of another user, or /proc/sys/kernel/yama/ptrace_scope allows only children'
      : '';
  return new AttachError(`process ${pid} cannot be attached to (${errnoText(why)})${hint}`);
}

/** @see the head of this file */
export class Tracees<Call> {
  private readonly threads = new Map<number, State<Call>>();
  /** New threads whose first stop was reported before the fork or clone event of their creator. They wait for that event. */
  private readonly unclaimed = new Set<number>();
  private readonly status = Buffer.alloc(8);
  private readonly message = Buffer.alloc(8);
  private readonly entry = new Entry();
  private isDetaching = false;
  private readonly forks: ReadonlySet<number>;

  /**
   * @param machine the architecture whose calls are traced. Calls of another one, such as 32-bit calls, are ignored
   */
  constructor(
    private readonly machine: Pick<Machine, 'auditArch' | 'forks'>,
    private readonly observer: TraceeObserver<Call>,
    private readonly calls: Ptrace = ptraceCalls(),
  ) {
    this.forks = new Set(machine.forks);
  }

  get isEmpty(): boolean {
    return this.threads.size === 0;
  }

  /** Attaches to a thread, which continues to run. @throws AttachError */
  private seize(tid: number, pid: number): void {
    const { sysgood, fork, vfork, clone, exec } = PTRACE_OPTIONS;
    if (this.calls.request(PTRACE_SEIZE, tid, 0, sysgood | fork | vfork | clone | exec) < 0)
      throw attachError(pid, errno());
    this.threads.set(tid, { tid, pid, call: undefined, isInside: false, mayFork: true });
  }

  /**
   * Attaches to a launcher. The first traced call comes after its `execve()`.
   * @throws AttachError
   */
  attachLauncher(pid: number): void {
    this.seize(pid, pid);
  }

  /** Attaches to all threads of a running process. @throws AttachError */
  attach(pid: number): void {
    let isNew = true;
    // A thread that is not traced yet may create others meanwhile.
    while (isNew) {
      isNew = false;
      for (const tid of threadsOf(pid)) {
        if (this.threads.has(tid)) continue;
        try {
          this.seize(tid, pid);
          isNew = true;
        } catch (cause) {
          // Another thread may have ended since it was listed. For the main thread it is an error.
          if (tid === pid) throw cause;
          // A thread that a traced thread has created is traced already: its creator's event claims it.
          if (threadsOf(pid).includes(tid) && !isTracedHere(tid)) throw cause;
        }
      }
    }
    if (this.threads.size === 0) throw attachError(pid, ESRCH);
    // Threads stop at calls only after their first stop.
    for (const tid of this.threads.keys()) this.calls.request(PTRACE_INTERRUPT, tid, 0, 0);
  }

  /** Waits until a thread stops or ends, and handles that. @returns false if no thread is traced any more */
  step(): boolean {
    const tid = this.calls.waitpid(-1, this.status, WAIT_ALL);
    if (tid < 0) {
      const why = errno();
      if (why === EINTR) return true;
      if (why !== ECHILD) throw new Error(`waitpid() failed: ${errnoText(why)}`);
      return false;
    }
    this.look(tid, this.status.readUInt32LE(0));
    if (this.unclaimed.size > 0) this.adopt();
    return this.threads.size > 0;
  }

  /** Detaches from each thread at its next stop. The caller then calls {@link step} until it returns false. */
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
      // The event of its creator has not been reported yet. It stays stopped until then.
      this.unclaimed.add(tid);
      return;
    }
    // The fork has ended, or this stop is its event.
    thread.mayFork = false;
    const signal = (status >> 8) & 0xff;
    const event = status >>> 16;
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
          // A group stop: the whole process stays stopped until SIGCONT.
          this.calls.request(PTRACE_LISTEN, tid, 0, 0);
          return;
        }
    }
    this.resume(thread, 0);
  }

  private resume({ tid }: State<Call>, signal: number): void {
    // Requests fail if the thread was killed while stopped: `waitpid()` returns its end next.
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

  private syscall(thread: State<Call>): void {
    const { entry, calls, observer } = this;
    if (thread.isInside) {
      thread.isInside = false;
      return;
    }
    if (this.isDetaching) return;
    if (calls.fill(PTRACE_GET_SYSCALL_INFO, thread.tid, SYSCALL_INFO.size, entry.bytes) < 0) return;
    const { op } = entry;
    if (op === SYSCALL_INFO_ENTRY) {
      if (entry.arch !== this.machine.auditArch) {
        // The number belongs to another architecture's table. It may be a fork there.
        thread.mayFork = true;
        return;
      }
      entry.number = entry.nr;
      thread.mayFork = this.forks.has(entry.number);
      thread.call = observer.entered(thread, entry);
      thread.isInside = thread.call === undefined;
    } else if (op === SYSCALL_INFO_EXIT && thread.call !== undefined) {
      const { call } = thread;
      thread.call = undefined;
      observer.left(call, entry.result);
    }
  }

  /** A thread has created another thread or a process. */
  private claim(parent: State<Call>, tid: number): void {
    const pid = processOf(tid) ?? tid;
    if (pid !== parent.pid) this.observer.forked(parent, pid);
    this.add(tid, pid);
  }

  private add(tid: number, pid: number): void {
    const thread = { tid, pid, call: undefined, isInside: false, mayFork: false };
    this.threads.set(tid, thread);
    if (this.unclaimed.delete(tid)) this.resume(thread, 0);
  }

  /**
   * Claims new threads whose creator was killed before its event was reported: waiting ones, when no traced thread can be their creator.
   * @param maker the thread that has just ended, if it may be the creator
   */
  private adopt(maker?: State<Call>): void {
    for (const each of this.threads.values()) if (each !== maker && each.mayFork) return;
    for (const tid of [...this.unclaimed]) {
      if (maker !== undefined) {
        this.claim(maker, tid);
        continue;
      }
      const pid = processOf(tid);
      // It has ended too. `waitpid()` returns its end next.
      if (pid === undefined) continue;
      if (![...this.threads.values()].some((thread) => thread.pid === pid)) this.observer.orphaned(pid);
      this.add(tid, pid);
    }
  }

  /** A process runs another program. All its other threads are gone, and the calling thread has the number of the process now. */
  private execute(thread: State<Call>, former: number): void {
    const { pid } = thread;
    for (const other of [...this.threads.values()])
      if (other.pid === pid && other.tid !== pid) this.threads.delete(other.tid);
    // If another thread has called execve(), the state of the first thread is not valid for it.
    if (former !== pid) {
      thread.call = undefined;
      thread.isInside = false;
    }
    this.observer.executed(pid);
  }

  private end(tid: number, status: number): void {
    this.unclaimed.delete(tid);
    const thread = this.threads.get(tid);
    if (thread?.mayFork === true) this.adopt(thread);
    const signal = status & 0x7f;
    this.forget(tid, signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: null, signal });
  }

  private forget(tid: number, end: TraceeEnd | undefined): void {
    const thread = this.threads.get(tid);
    if (thread === undefined) return;
    this.threads.delete(tid);
    if (thread.call !== undefined) this.observer.lost(thread.call);
    // `waitpid()` returns the main thread of a process last. After a detach from it, other threads may still be traced.
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

/** True if a thread of this process traces a thread. */
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
