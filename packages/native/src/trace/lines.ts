/** Traced calls in words, as strace would print them if it knew iommufd: fields by name, what pointers lead to, records that are read. */

import { CallTracer, type Memory, type Step } from '@iommufd/tape';

/** What is printed of a call. */
export interface Printed {
  readonly tid: number;
  /** When it began, in milliseconds from the beginning of the trace. */
  readonly at: number;
  /** In milliseconds; undefined for a call that has not ended. */
  readonly took: number | undefined;
}

/** A step of a traced process. */
export interface TracedStep {
  readonly step: Step & { readonly pid: number };
  /** Undefined for one that nothing is printed of: it says what numbers and ids are. */
  readonly printed: Printed | undefined;
  /** The memory that it is about, as it was before and after. */
  readonly before: readonly Memory[];
  readonly after: readonly Memory[];
}

/** Where lines go. */
export interface LinesOutput {
  write(text: string): void;
  readonly colour: boolean;
}

/** @see the head of this file */
export class Lines {
  private readonly tracer = new CallTracer();

  constructor(private readonly output: LinesOutput) {}

  /** The next step. */
  take({ step, printed, before, after }: TracedStep): void {
    const { tracer, output } = this;
    for (const memory of before) tracer.write(step.pid, memory);
    const described = tracer.next(step, after);
    if (described === undefined || printed === undefined) return;
    const { tid, at, took } = printed;
    const isEnded = took !== undefined;
    const { call, failed } = described;
    const who = `[${step.pid}${tid === step.pid ? '' : `/${tid}`}]`;
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
