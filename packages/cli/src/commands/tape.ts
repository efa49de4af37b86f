/** `iommufd decode` of a tape: each call in words, as `iommufd trace` prints it. */

import { gunzipSync } from 'node:zlib';
import { parseTapes, type Tape, trace, type TracedCall } from '@iommufd/tape';
import { Failure } from '../failure.js';
import type { Io } from '../io.js';
import { type Paint, paintFor } from '../paint.js';

/** Prints the calls of tapes. @param input a text, or what gzip has made of it @throws Failure for what is no tape */
export function printTapes(io: Io, input: string | Uint8Array, json: boolean): void {
  const tapes = reading(() =>
    parseTapes(typeof input === 'string' ? input : gunzipSync(input).toString('utf8')),
  );
  if (json) {
    const printed = tapes.map((tape) => ({ ...headOf(tape), calls: [...trace(tape)].map(callJson) }));
    io.write(`${JSON.stringify(printed)}\n`);
    return;
  }
  const paint = paintFor(io);
  tapes.forEach((tape, i) => {
    if (i > 0) io.write('\n');
    const { name, kernel, arch } = tape;
    io.write(`${paint.head(name)}  ${paint.dim(`Linux ${kernel}, ${arch}`)}\n`);
    for (const call of trace(tape)) io.write(callText(call, paint));
    for (const step of tape.steps) if (step.op === 'note') io.write(`${paint.bad('note:')} ${step.text}\n`);
  });
}

function reading(work: () => Tape[]): Tape[] {
  try {
    return work();
  } catch (error) {
    throw new Failure(`no tape: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const headOf = ({ name, kernel, arch, note }: Tape): Pick<Tape, 'name' | 'kernel' | 'arch' | 'note'> => ({
  name,
  kernel,
  arch,
  ...(note !== undefined && { note }),
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
