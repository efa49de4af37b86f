/**
 * Prints traced calls as lines in the style of strace: fields by name, structs behind pointers, and the records that `read()` returns.
 */

import { CallTracer, type Memory, type Step } from '@iommufd/tape';
import type { FileCall } from '../observer.js';
import { stepOf } from '../record/about.js';

/** The thread and the times of a call, for its line. */
export interface Printed {
  readonly tid: number;
  /** Start time, in milliseconds since the start of the trace. */
  readonly at: number;
  /** Duration in milliseconds; undefined if the call has not ended. */
  readonly took: number | undefined;
}

/** What a traced process has done: a call on a file, with its result, or another step. */
export type Traced =
  | { readonly made: FileCall; readonly result: number; readonly step?: undefined }
  | { readonly step: Step };

/** A call or another step, with what its line needs. */
export interface TracedStep {
  readonly what: Traced;
  readonly pid: number;
  /** Undefined if the step is not printed. It still updates what descriptors and IDs refer to. */
  readonly printed: Printed | undefined;
  /** The memory that the call uses, before and after it. */
  readonly before: readonly Memory[];
  readonly after: readonly Memory[];
}

/** The output of lines. */
export interface LinesOutput {
  write(text: string): void;
  readonly colour: boolean;
}

/** @see the head of this file */
export class Lines {
  private readonly tracer = new CallTracer();

  constructor(private readonly output: LinesOutput) {}

  /** Prints the next step. */
  take({ what, pid, printed, before, after }: TracedStep): void {
    const { tracer, output } = this;
    const step = what.step ?? stepOf(what.made, what.result);
    if (step.op === 'note' && printed !== undefined) {
      const head = this.paint(GREY, `${seconds(printed.at)} [${pid}]`);
      output.write(`${head} +++ ${step.text} +++\n`);
      return;
    }
    for (const memory of before) tracer.write(pid, memory);
    const described = tracer.next(step, after, pid);
    if (described === undefined || printed === undefined) return;
    const { tid, at, took } = printed;
    const isEnded = took !== undefined;
    const { call, failed } = described;
    const who = `[${pid}${tid === pid ? '' : `/${tid}`}]`;
    const head = this.paint(GREY, `${seconds(at)} ${who}`);
    const result = this.paint(failed ? RED : GREEN, isEnded ? described.result : '?');
    let text = `${head} ${call} = ${result}`;
    if (isEnded) {
      text += ` ${this.paint(GREY, `<${seconds(took)}>`)}`;
      for (const note of described.notes) text += `\n    ${note}`;
    }
    output.write(`${text}\n`);
  }

  private paint(code: number, text: string): string {
    return this.output.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** Colours of a terminal. */
const [GREY, RED, GREEN] = [90, 31, 32];

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(6);
