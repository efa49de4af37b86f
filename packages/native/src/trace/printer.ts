/** Passes traced calls on to {@link Lines}, with the memory that each uses, which is read while the thread is stopped. */

import { constants } from 'node:os';
import { type Memory, processText, type ProcessEvent, type Step } from '@iommufd/tape';
import { programOf } from '../linux/proc.js';
import { MOST_BEHIND, type Range } from '../record/about.js';
import type { CallEnd, CallSink, Made, TracedCall, TracedProcess } from './calls.js';
import type { TracedFile } from './files.js';
import type { TracedStep } from './lines.js';
import { givenBy, isFileCall, returnedBy, stepOf } from './steps.js';
import type { TraceeEnd } from './tracees.js';

const NO_MEMORY: readonly Memory[] = [];

/** @see the head of this file */
export class Printer implements CallSink {
  /** The memory besides its struct that a call reads, until it ends. */
  private readonly given = new Map<TracedCall, readonly Memory[]>();
  /** Processes that have had files of iommufd or VFIO. What becomes of others is not printed. */
  private readonly shown = new Set<TracedProcess>();

  /**
   * @param take receives each step
   * @param filesOf returns the files of a process, by descriptor
   * @param isWanted returns true for calls that are printed
   * @param began start time of the trace, in milliseconds
   * @param now returns the time, in milliseconds
   */
  constructor(
    private readonly take: (step: TracedStep) => void,
    private readonly filesOf: (pid: number) => ReadonlyMap<number, TracedFile>,
    private readonly isWanted: (made: Made) => boolean,
    private readonly began: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  private follow({ pid }: TracedProcess, step: Step): void {
    this.take({ what: { step }, pid, printed: undefined, before: NO_MEMORY, after: NO_MEMORY });
  }

  /** Prints what becomes of a process. */
  private tell({ pid }: TracedProcess, event: ProcessEvent): void {
    const printed = { tid: pid, at: this.now() - this.began, took: undefined };
    const step = { op: 'note', text: processText(event) } as const;
    this.take({ what: { step }, pid, printed, before: NO_MEMORY, after: NO_MEMORY });
  }

  private isShown(process: TracedProcess): boolean {
    if (this.filesOf(process.pid).size > 0) this.shown.add(process);
    return this.shown.has(process);
  }

  forked(parent: TracedProcess, process: TracedProcess): void {
    if (this.isShown(parent) && this.isShown(process))
      this.tell(process, { kind: 'forked', from: parent.pid });
    for (const fd of this.filesOf(parent.pid).keys())
      this.follow(process, { op: 'dup', fd, of: parent.pid, to: fd, ret: fd });
  }

  executed(process: TracedProcess, closed: readonly number[]): void {
    if (closed.length > 0) this.shown.add(process);
    if (this.isShown(process))
      this.tell(process, { kind: 'executed', program: programOf(process.pid) ?? '', closed });
    for (const fd of closed) this.follow(process, { op: 'close', fd, ret: 0 });
  }

  ended(process: TracedProcess, end: TraceeEnd | undefined): void {
    if (this.shown.delete(process)) this.tell(process, { kind: 'ended', how: howEnded(end) });
  }

  found(process: TracedProcess, fd: number, file: TracedFile): void {
    this.follow(process, { op: 'inherit', path: file.path ?? '', ret: fd });
  }

  before(call: TracedCall): void {
    const { about, made, process } = call;
    const hasMore = about === undefined ? isFileCall(made) && made.op !== 'ioctl' : about.behind.length > 0;
    if (!hasMore) return;
    const given: Memory[] = [];
    addMemory(given, process, givenBy(call));
    addTyped(given, call, false);
    if (given.length > 0) this.given.set(call, given);
  }

  after(call: TracedCall, { result, took }: CallEnd): void {
    const { about, process } = call;
    const after: Memory[] = [];
    addMemory(after, process, returnedBy(call, result));
    addMemory(after, process, about?.struct);
    addTyped(after, call, true);
    this.end(call, result, took, after);
  }

  dropped(call: TracedCall): void {
    this.end(call, -EINTR, undefined, NO_MEMORY);
  }

  private end(call: TracedCall, result: number, took: number | undefined, after: readonly Memory[]): void {
    const { process, made, tid, began } = call;
    // An eventfd may be used for interrupts. Many programs that have no files of VFIO create some.
    if (made.op === 'eventfd' && !this.isShown(process)) return;
    this.shown.add(process);
    const printed = this.isWanted(made) ? { tid, at: began - this.began, took } : undefined;
    const { pid } = process;
    const before = this.givenTo(call);
    if (isFileCall(made)) this.take({ what: { made, result }, pid, printed, before, after });
    else this.take({ what: { step: stepOf(made, result) }, pid, printed, before, after });
  }

  /** The memory that a call reads, as it was when the call began. */
  private givenTo(call: TracedCall): readonly Memory[] {
    const { about } = call;
    const struct = about && { address: BigInt(about.struct.address), bytes: about.bytes };
    const more = this.given.size === 0 ? undefined : this.given.get(call);
    if (more !== undefined) this.given.delete(call);
    if (struct === undefined) return more ?? NO_MEMORY;
    return more === undefined ? [struct] : [struct, ...more];
  }
}

/** The end of a process in strace's words. */
function howEnded(end: TraceeEnd | undefined): string {
  if (end === undefined) return 'detached';
  if (end.signal === null) return `exited with ${end.code ?? 0}`;
  const [name = `signal ${end.signal}`] =
    Object.entries(constants.signals).find(([, number]) => number === end.signal) ?? [];
  return `killed by ${name}`;
}

/** The result of a call that has not ended. A failed call changes nothing. */
const EINTR = 4;

/** Adds the current bytes of a range, if all of it can be read. */
function addMemory(into: Memory[], { memory }: TracedProcess, range: Range | undefined): void {
  if (range === undefined || range.length === 0) return;
  const bytes = memory.peek(range.address, Math.min(range.length, MOST_BEHIND));
  if (bytes !== undefined) into.push({ address: BigInt(range.address), bytes });
}

/** Adds the memory behind typed pointers of a struct: input of the call, or its output. */
function addTyped(into: Memory[], { about, process }: TracedCall, out: boolean): void {
  if (about === undefined) return;
  for (const behind of about.behind) {
    const { to } = behind.pointer;
    if (
      behind.out === out &&
      behind.length <= MOST_BEHIND &&
      (to.type !== undefined || to.cases !== undefined)
    )
      addMemory(into, process, behind);
  }
}
