/** `iommufd decode` of a tape, or of the output of `iommufd trace`: prints each call. */

import { gunzipSync } from 'node:zlib';
import {
  isCallLine,
  isTraceText,
  parseRecordings,
  parseTraceLines,
  type ProcessLine,
  type Tape,
  trace,
  type TracedCall,
  tracedLine,
} from '@iommufd/tape';
import { Failure } from '../failure.js';
import type { Io } from '../io.js';
import { type Paint, paintFor } from '../paint.js';

/** A line to print. */
type Shown = TracedCall | ProcessLine;

const isCall = (shown: Shown): shown is TracedCall => 'call' in shown;

/** Prints the calls of tapes. @param input a text, or a gzipped text @throws Failure if it is not a tape */
export function printTapes(io: Io, input: string | Uint8Array, json: boolean): void {
  const text = typeof input === 'string' ? input : gunzipSync(input).toString('utf8');
  const tapes = reading(() => parseRecordings(text));
  // A trace is printed from its text, because its tape also has steps for the memory that a replay needs.
  const shownOf: (tape: Tape) => Shown[] = isTraceText(text)
    ? () => parseTraceLines(text).map((line) => (isCallLine(line) ? tracedLine(line) : line))
    : (tape) => [...trace(tape)];
  if (json) {
    io.write(
      `${JSON.stringify(tapes.map((tape) => ({ ...headOf(tape), calls: shownOf(tape).map(shownJson) })))}\n`,
    );
    return;
  }
  const paint = paintFor(io);
  tapes.forEach((tape, i) => {
    if (i > 0) io.write('\n');
    const { name, kernel, arch, lacks = [] } = tape;
    io.write(`${paint.head(name)}  ${paint.dim(`Linux ${kernel}, ${arch}`)}\n`);
    for (const shown of shownOf(tape))
      io.write(isCall(shown) ? callText(shown, paint) : processLine(shown, paint));
    for (const step of tape.steps) if (step.op === 'note') io.write(`${paint.bad('note:')} ${step.text}\n`);
    for (const lack of lacks) io.write(`${paint.bad('not in the text:')} ${lack}\n`);
  });
}

function reading(work: () => Tape[]): Tape[] {
  try {
    return work();
  } catch (error) {
    throw new Failure(`not a tape: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const headOf = ({ name, kernel, arch, note, lacks }: Tape): Omit<Tape, 'calls' | 'steps'> => ({
  name,
  kernel,
  arch,
  ...(note !== undefined && { note }),
  ...(lacks !== undefined && { lacks }),
});

const shownJson = (shown: Shown): object =>
  isCall(shown) ? callJson(shown) : { pid: shown.pid, event: shown.text };

const callJson = ({ call, result, failed, notes, pid, took, ioctl }: TracedCall): object => ({
  ...(pid !== undefined && { pid }),
  ...(ioctl !== undefined && { ioctl: ioctl.name }),
  call,
  result,
  failed,
  ...(notes.length > 0 && { notes }),
  ...(took !== undefined && { microseconds: took }),
});

const who = (pid: number | undefined, paint: Paint): string =>
  pid === undefined ? '' : `${paint.dim(`[${pid}]`)} `;

const processLine = ({ pid, text }: ProcessLine, paint: Paint): string => `${who(pid, paint)}${text}\n`;

function callText({ call, result, failed, notes, pid, took }: TracedCall, paint: Paint): string {
  const time = took === undefined ? '' : ` ${paint.dim(`<${(took / 1e6).toFixed(6)}>`)}`;
  const outcome = failed ? paint.bad(result) : paint.value(result);
  return [
    `${who(pid, paint)}${call} = ${outcome}${time}`,
    ...notes.map((note) => `    ${paint.dim(note)}`),
    '',
  ].join('\n');
}
