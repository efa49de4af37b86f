/**
 * `iommufd replay`: replays tapes on the fake kernel, and reports the calls whose results differ. `pnpm conformance` of the
 * repository does the same with the tapes of the repository.
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

/** Time between two updates of the progress line, in milliseconds. */
const PROGRESS_INTERVAL = 100;

/** The command's input and output. Tests replace them. */
export interface ReplayIo extends Pick<Io, 'colour' | 'write'> {
  /** Shows a line that replaces the one before; undefined if the output is not a terminal. */
  readonly progress?: ((line: string) => void) | undefined;
  /** Creates the machine that replays a tape. Default: the fake kernel. */
  readonly boot?: Boot;
  /** Replays files of another format. */
  readonly other?: RunOptions['other'];
}

/** Options of the command. */
export interface ReplayOptions {
  readonly json?: boolean;
  /** Only tapes whose name contains it. */
  readonly filter?: string;
  /** If true, prints all differences instead of the first of each tape. */
  readonly all?: boolean;
}

/** Replays files. @returns true if every tape is identical @throws Failure if a file is not a tape, or no tape is selected */
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
  // Success without any tape would hide a mistake in the arguments.
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

/** Runs `work`. A {@link TapeFileError} becomes a {@link Failure}, because the argument is invalid. */
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

/** Prints a difference. */
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
