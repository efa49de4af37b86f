/**
 * Follows traced processes: which exist, which files of iommufd and VFIO each has, and which memory. It passes the calls on these files
 * to {@link CallSink}s when they begin and end.
 */

import { aboutIoctl, kindOf, type Range } from '../record/about.js';
import type { Libc } from '../linux/libc.js';
import type { Machine } from '../linux/system-calls.js';
import { type BegunCall, CallReader } from './call-reader.js';
import type { CallEnd, CallSink, Made, TracedCall, TracedProcess } from './calls.js';
import { TracedFile, TracedFiles } from './files.js';
import { MappingChanges, TraceeMemory } from './memory.js';
import type { CallEntry, Tracee, TraceeEnd, TraceeObserver } from './tracees.js';

/** `ERESTARTSYS` to `ERESTART_RESTARTBLOCK`: after a signal, the kernel restarts the call or returns EINTR. */
const [ERESTARTSYS, ERESTART_RESTARTBLOCK] = [512, 516];
const NO_SEGMENTS: readonly Range[] = [];
const NO_FILES: CallEnd['opened'] = [];
/** A result of an ioctl from here on may be the descriptor of a new file. Lower ones are standard files. */
const FIRST_FD = 3;

/** @see the head of this file */
export class Follower implements TraceeObserver<BegunCall> {
  readonly files: TracedFiles;
  private readonly processes = new Map<number, TracedProcess>();
  private readonly reader: CallReader;
  private readonly ends = new Map<number, TraceeEnd>();
  private readonly changes = new MappingChanges();
  /** The process of a launcher, whose calls are ignored; undefined once it has executed the program. */
  private launcher: number | undefined;

  /**
   * @param taskSize one beyond the last address of user space
   * @param now returns the time in milliseconds
   */
  constructor(
    private readonly libc: Libc,
    machine: Machine,
    private readonly taskSize: number,
    private readonly sinks: readonly CallSink[],
    private readonly now: () => number = () => performance.now(),
  ) {
    this.files = new TracedFiles(libc);
    this.reader = new CallReader(libc, machine, taskSize, this.files, sinks, now);
  }

  /** A launcher in this process will execute the program. */
  waitsFor(pid: number): void {
    this.launcher = pid;
  }

  /** True once the program was executed. */
  get hasBegun(): boolean {
    return this.launcher === undefined;
  }

  /** The tracer has attached to a process that was already running, and may have files. */
  attached(pid: number): void {
    const process = this.process(pid);
    this.files.mayHaveMore(pid);
    this.tell((sink) => sink.attached?.(process));
    for (const [fd, file] of this.files.lookUpAll(pid)) this.tell((sink) => sink.found?.(process, fd, file));
  }

  /** The end of a process; undefined if it has not ended under the tracer. */
  endOf(pid: number): TraceeEnd | undefined {
    return this.ends.get(pid);
  }

  private tell(notify: (sink: CallSink) => void): void {
    for (const sink of this.sinks) notify(sink);
  }

  private process(pid: number): TracedProcess {
    let process = this.processes.get(pid);
    if (process === undefined) {
      process = { pid, memory: new TraceeMemory(this.libc, pid, this.changes) };
      this.processes.set(pid, process);
    }
    return process;
  }

  // Processes.

  forked(parent: Tracee, pid: number): void {
    if (parent.pid === this.launcher) return;
    const process = { pid, memory: new TraceeMemory(this.libc, pid, this.changes) };
    this.processes.set(pid, process);
    this.files.forked(parent.pid, pid);
    this.tell((sink) => sink.forked?.(this.process(parent.pid), process));
  }

  orphaned(pid: number): void {
    const process = this.process(pid);
    this.files.mayHaveMore(pid);
    for (const [fd, file] of this.files.lookUpAll(pid)) this.tell((sink) => sink.found?.(process, fd, file));
  }

  executed(pid: number): void {
    if (pid === this.launcher) {
      this.launcher = undefined;
      this.process(pid);
      return;
    }
    const process = this.process(pid);
    const closed = this.files.executed(pid);
    process.memory.close();
    process.memory = new TraceeMemory(this.libc, pid, this.changes);
    this.tell((sink) => sink.executed?.(process, closed));
  }

  lost(begun: BegunCall): void {
    if (begun.kind === 'call') for (const sink of this.sinks) sink.dropped?.(begun.call);
  }

  ended(pid: number, end: TraceeEnd | undefined): void {
    if (end !== undefined) this.ends.set(pid, end);
    const process = this.processes.get(pid);
    if (process === undefined) return;
    this.files.ended(pid);
    this.tell((sink) => sink.ended?.(process, end));
    process.memory.close();
    this.processes.delete(pid);
  }

  // Calls.

  entered(thread: Tracee, entry: CallEntry): BegunCall | undefined {
    if (thread.pid === this.launcher) return undefined;
    const begun = this.reader.read(this.process(thread.pid), thread.tid, entry);
    if (begun?.kind === 'call') for (const sink of this.sinks) sink.before?.(begun.call);
    return begun;
  }

  left(begun: BegunCall, result: number): void {
    switch (begun.kind) {
      case 'memory':
        begun.process.memory.mappingsChange();
        this.reader.loses(begun.process, begun.losing?.(result) ?? []);
        this.reader.filesChanged(begun.changing?.(result) ?? []);
        return;
      case 'received':
        if (result >= 0) {
          this.files.mayHaveMore(begun.process.pid);
          this.tell((sink) => sink.filesChange?.(begun.process));
        }
        return;
      case 'message':
        if (result >= 0) for (const fd of begun.sent) this.files.sent(begun.process.pid, fd);
        return;
      case 'call':
        if (result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK) this.lost(begun);
        else {
          if (begun.losing !== undefined) this.reader.loses(begun.call.process, begun.losing(result));
          this.end(begun.call, result, begun.segments ?? NO_SEGMENTS);
        }
    }
  }

  private end(call: TracedCall, result: number, segments: readonly Range[]): void {
    const took = this.now() - call.began;
    if (segments.length > 1 && result > 0) {
      this.endOfSegments(call, result, took, segments);
      return;
    }
    const opened = this.openedBy(call, result);
    if (call.made.op === 'mmap') call.process.memory.mappingsChange();
    if (call.made.op === 'mmap' && result >= 0) call.process.memory.shows(result, call.made.length);
    const end = { result, took, opened };
    for (const sink of this.sinks) sink.after(call, end);
    for (const [fd, file] of opened) this.files.given(call.process.pid, fd, file);
  }

  private endOfSegments(call: TracedCall, result: number, took: number, segments: readonly Range[]): void {
    const { made } = call;
    if (made.op !== 'read' && made.op !== 'write' && made.op !== 'pread' && made.op !== 'pwrite') return;
    let done = 0;
    for (const { address, length } of segments) {
      const count = Math.min(length, result - done);
      const place = { address: BigInt(address), length };
      const part: Made =
        made.op === 'pread' || made.op === 'pwrite'
          ? { ...made, ...place, position: made.position + BigInt(done) }
          : { ...made, ...place };
      const each = { ...call, made: part };
      if (done > 0) this.tell((sink) => sink.before?.(each));
      this.tell((sink) => sink.after(each, { result: count, took: done === 0 ? took : 0, opened: [] }));
      done += count;
      if (count < length || done === result) return;
    }
  }

  /** The new descriptors of a call, with their files. */
  private openedBy({ process, made, file, about }: TracedCall, result: number): CallEnd['opened'] {
    if (result < 0) return NO_FILES;
    switch (made.op) {
      case 'open':
        return [[result, new TracedFile(made.path)]];
      case 'dup':
        return file === undefined ? NO_FILES : [[result, file]];
      case 'ioctl': {
        const { pid, memory } = process;
        if (about?.hasFiles !== true && result < FIRST_FD) return NO_FILES;
        // The descriptors that the kernel has written to the struct, and the result of the call.
        const after =
          about?.hasFiles === true ? aboutIoctl(memory, this.taskSize, kindOf(file?.path), made) : undefined;
        const fds = [...(after?.made ?? [])];
        if (result >= FIRST_FD) fds.push(result);
        return fds
          .filter((fd) => this.files.of(pid).get(fd) === undefined)
          .map((fd) => [fd, this.files.identify(pid, fd) ?? new TracedFile(undefined)]);
      }
      default:
        return NO_FILES;
    }
  }
}
