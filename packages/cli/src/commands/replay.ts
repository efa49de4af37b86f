/**
 * `iommufd replay`: replays tapes on the fake kernel, and reports the calls whose answers differ. `pnpm conformance` of the
 * repository is the same with the tapes that are checked in.
 */

import {
  type Boot,
  type DifferentTape,
  type FileReport,
  type Outcome,
  rate,
  type Report,
  runFiles,
  type RunOptions,
  TapeFileError,
} from '@iommufd/tape';
import { Failure } from '../failure.js';
import type { Io } from '../io.js';
import { type Paint, paintFor } from '../paint.js';

/** How often the progress line changes, in milliseconds. */
const PROGRESS_INTERVAL = 100;

/** What the command has to do with the outside: tests give it something else. */
export interface ReplayIo extends Pick<Io, 'colour' | 'write'> {
  /** Shows a line that the next one takes the place of; left out where the output is no terminal. */
  readonly progress?: ((line: string) => void) | undefined;
  /** Makes another machine than the fake kernel. */
  readonly boot?: Boot;
  /** Plays files of another kind. */
  readonly other?: RunOptions['other'];
}

/** Options of the command. */
export interface ReplayOptions {
  readonly json?: boolean;
  /** Only tapes whose name contains it. */
  readonly filter?: string;
  /** Everything that differs, and not the first of each tape alone. */
  readonly all?: boolean;
}

/** Replays files. @returns is all identical? @throws Failure for what is no tape, and if there is none */
export function replayFiles(files: readonly string[], options: ReplayOptions, io: ReplayIo): boolean {
  const { json = false, all, filter } = options;
  const paint = paintFor(io);
  const report = reading(() =>
    runFiles(files, {
      filter,
      all,
      ...(io.boot && { boot: io.boot }),
      other: io.other,
      onTape: progressOf(io),
      onFile: (file) => {
        io.progress?.('');
        if (!json) for (const text of printFile(file, paint)) io.write(text);
      },
    }),
  );
  const tapes = report.files.reduce((sum, { identical, different }) => sum + identical + different, 0);
  // Saying that all of nothing is identical would hide a mistake.
  if (tapes === 0)
    throw new Failure(filter === undefined ? 'no tapes' : `no tape's name contains '${filter}'`);
  io.write(json ? `${JSON.stringify({ files: report.files })}\n` : summary(report, paint));
  return report.files.every(({ different }) => different === 0);
}

function summary(report: Report, paint: Paint): string {
  const { calls, milliseconds } = report;
  const number = (n: number): string => Math.round(n).toLocaleString('en-US');
  const time = `${number(calls)} calls in ${(milliseconds / 1000).toFixed(2)} s`;
  return `${paint.dim(`${time}, ${number(rate(report))} calls a second`)}\n`;
}

/** What cannot be read, or is no tape, is the caller's failure. */
function reading<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TapeFileError) throw new Failure(error.message.replaceAll('\n', ' '));
    throw error;
  }
}

function progressOf({ progress }: ReplayIo): (file: string, done: number, tapes: number) => void {
  let next = Date.now() + PROGRESS_INTERVAL;
  return (file, done, tapes) => {
    if (progress === undefined || Date.now() < next) return;
    next = Date.now() + PROGRESS_INTERVAL;
    progress(`${file}: ${done} of ${tapes} tapes`);
  };
}

function* printFile(
  { file, identical, different, differences, lacks = [] }: FileReport,
  paint: Paint,
): Generator<string> {
  const counts = `identical ${identical} different ${different}`;
  yield `${paint.name(file)}: ${different === 0 ? paint.value(counts) : paint.bad(counts)}\n`;
  for (const lack of lacks) yield `  ${paint.dim(`not in the text: ${lack}`)}\n`;
  for (const difference of differences) yield* differenceLines(difference, paint);
}

/** A difference in words. */
export const printDifference = (difference: DifferentTape, io: Pick<Io, 'colour'>): string =>
  [...differenceLines(difference, paintFor(io))].join('');

function* differenceLines(difference: DifferentTape, paint: Paint): Generator<string> {
  const { tape, reference = 'Linux', step, op, call, linux, ours, fields } = difference;
  yield `\n  ${paint.head(tape)}  ${paint.dim(`step ${step}, ${op}`)}\n`;
  yield `    ${call}\n`;
  yield* printOutcome(reference, linux, paint.value, paint);
  yield* printOutcome('ours', ours, paint.bad, paint);
  const width = (text: (field: (typeof fields)[number]) => string): number =>
    Math.max(0, ...fields.map((field) => text(field).length));
  const [path, value] = [width((field) => field.path), width((field) => field.linux)];
  for (const field of fields) {
    const name = paint.name(field.path.padEnd(path));
    yield `      ${name}  Linux ${paint.value(field.linux.padEnd(value))}  ours ${paint.bad(field.ours)}\n`;
  }
}

function* printOutcome(
  who: string,
  { result, notes }: Outcome,
  colour: (text: string) => string,
  paint: Paint,
): Generator<string> {
  yield `    ${who.padEnd(5)} = ${colour(result)}\n`;
  for (const note of notes) yield `            ${paint.dim(note)}\n`;
}
