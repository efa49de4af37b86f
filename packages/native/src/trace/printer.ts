/** Prints traced calls, as strace would if it knew iommufd: fields by name, what pointers lead to, records that are read. */

import { CallTracer, type Memory, type Step, type TracedCall as Described } from '@iommufd/tape';
import { MOST_BEHIND, type Range } from '../record/about.js';
import type { CallEnd, CallSink, Made, TracedCall, TracedProcess } from './calls.js';
import type { TracedFile } from './files.js';
import { givenBy, returnedBy, stepOf } from './steps.js';

/** Where lines go. */
export interface PrinterOutput {
  write(text: string): void;
  readonly colour: boolean;
}

/** @see the head of this file */
export class Printer implements CallSink {
  private readonly tracer = new CallTracer();

  /**
   * @param filesOf the files of a process, by number
   * @param isWanted which calls are printed
   * @param began when times begin, in milliseconds
   */
  constructor(
    private readonly output: PrinterOutput,
    private readonly filesOf: (pid: number) => ReadonlyMap<number, TracedFile>,
    private readonly isWanted: (made: Made) => boolean,
    private readonly began: number,
  ) {}

  private follow(process: TracedProcess, step: Step): void {
    this.tracer.next({ ...step, pid: process.pid }, []);
  }

  forked(parent: TracedProcess, process: TracedProcess): void {
    for (const fd of this.filesOf(parent.pid).keys())
      this.follow(process, { op: 'dup', fd, of: parent.pid, to: fd, ret: fd });
  }

  executed(process: TracedProcess, closed: readonly number[]): void {
    for (const fd of closed) this.follow(process, { op: 'close', fd, ret: 0 });
  }

  found(process: TracedProcess, fd: number, file: TracedFile): void {
    this.follow(process, { op: 'inherit', path: file.path ?? '', ret: fd });
  }

  before(call: TracedCall): void {
    const { about } = call;
    if (about !== undefined)
      this.tracer.write(call.process.pid, { address: BigInt(about.struct.address), bytes: about.bytes });
    const shown = [givenBy(call), ...typed(call, false)];
    for (const memory of memoryOf(call, shown)) this.tracer.write(call.process.pid, memory);
  }

  after(call: TracedCall, { result, took }: CallEnd): void {
    const { about, process } = call;
    const step = { ...stepOf(call.made, result), pid: process.pid };
    const shown = [returnedBy(call, result), about?.struct, ...typed(call, true)];
    const described = this.tracer.next(step, memoryOf(call, shown));
    if (described !== undefined && this.isWanted(call.made))
      this.print(call, described, `<${seconds(took)}>`);
  }

  dropped(call: TracedCall): void {
    if (!this.isWanted(call.made)) return;
    const described = this.tracer.next({ ...stepOf(call.made, -EINTR), pid: call.process.pid }, []);
    if (described !== undefined) this.print(call, { ...described, result: '?', notes: [] }, '');
  }

  private print(
    { process, tid, began }: TracedCall,
    { call, result, failed, notes }: Described,
    end: string,
  ): void {
    const { colour } = this.output;
    const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
    const who = `[${process.pid}${tid === process.pid ? '' : `/${tid}`}]`;
    const head = paint(90, `${seconds(began - this.began)} ${who}`);
    const lines = [`${head} ${call} = ${paint(failed ? 31 : 32, result)} ${paint(90, end)}`.trimEnd()];
    this.output.write([...lines, ...notes.map((note) => `    ${note}`), ''].join('\n'));
  }
}

/** For what has no result: it changes nothing. */
const EINTR = 4;

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(6);

/** What typed pointers of a struct lead to, on the way in or on the way out. */
function typed({ about }: TracedCall, out: boolean): Range[] {
  return (about?.behind ?? []).filter(
    ({ pointer: { to }, out: isOut, length }) =>
      isOut === out && length <= MOST_BEHIND && (to.type !== undefined || to.cases !== undefined),
  );
}

/** The bytes of ranges, as they are now; those that are not there are left out. */
function memoryOf({ process }: TracedCall, ranges: readonly (Range | undefined)[]): Memory[] {
  return ranges.flatMap((range): Memory[] => {
    if (range === undefined || range.length === 0) return [];
    const bytes = process.memory.peek(range.address, Math.min(range.length, MOST_BEHIND));
    return bytes === undefined ? [] : [{ address: BigInt(range.address), bytes }];
  });
}
