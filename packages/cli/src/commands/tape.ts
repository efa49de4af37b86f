/** `iommufd decode` of a tape, or of the output of `iommufd trace`: prints each call. */

import { gunzipSync } from 'node:zlib';
import { isTraceText, parseRecordings, type Tape, trace, type TracedCall, tracedLines } from '@iommufd/tape';
import { Failure } from '../failure.js';
import type { Io } from '../io.js';
import { type Paint, paintFor } from '../paint.js';

/** Prints the calls of tapes. @param input a text, or a gzipped text @throws Failure if it is not a tape */
export function printTapes(io: Io, input: string | Uint8Array, json: boolean): void {
  const text = typeof input === 'string' ? input : gunzipSync(input).toString('utf8');
  const tapes = reading(() => parseRecordings(text));
  // A trace is printed from its text, because its tape also has steps for the memory that a replay needs.
  const callsOf = isTraceText(text) ? () => tracedLines(text) : (tape: Tape) => [...trace(tape)];
  if (json) {
    io.write(
      `${JSON.stringify(tapes.map((tape) => ({ ...headOf(tape), calls: callsOf(tape).map(callJson) })))}\n`,
    );
    return;
  }
  const paint = paintFor(io);
  tapes.forEach((tape, i) => {
    if (i > 0) io.write('\n');
    const { name, kernel, arch, lacks = [] } = tape;
    io.write(`${paint.head(name)}  ${paint.dim(`Linux ${kernel}, ${arch}`)}\n`);
    for (const call of callsOf(tape)) io.write(callText(call, paint));
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

const callJson = ({ call, result, failed, notes, pid, took, ioctl }: TracedCall): object => ({
  ...(pid !== undefined && { pid }),
  ...(ioctl !== undefined && { ioctl: ioctl.name }),
  call,
  result,
  failed,
  ...(notes.length > 0 && { notes }),
  ...(took !== undefined && { microseconds: took }),
});

function callText({ call, result, failed, notes, pid, took }: TracedCall, paint: Paint): string {
  const who = pid === undefined ? '' : `${paint.dim(`[${pid}]`)} `;
  const time = took === undefined ? '' : ` ${paint.dim(`<${(took / 1e6).toFixed(6)}>`)}`;
  const outcome = failed ? paint.bad(result) : paint.value(result);
  return [`${who}${call} = ${outcome}${time}`, ...notes.map((note) => `    ${paint.dim(note)}`), ''].join(
    '\n',
  );
}
