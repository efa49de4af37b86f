import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Io, type Paint, paintFor } from '@iommufd/cli';
import { Command, CommanderError } from 'commander';
import {
  type Boot,
  type DifferentTape,
  type FileReport,
  type Outcome,
  rate,
  type Report,
  runFiles,
  TapeFileError,
} from '@iommufd/tape';
import { TAPES, VERSION_TAPES } from '../tapes/checked-in.js';

/** Exit status when tapes differ, and of a command that was given something wrong. */
const DIFFERENT = 1;
const MISUSE = 2;

/** How often the progress line changes, in milliseconds. */
const PROGRESS_INTERVAL = 100;

/** What the program has to do with the outside: tests give it something else. */
export interface ConformanceIo extends Pick<Io, 'colour' | 'write'> {
  /** Shows a line that the next one takes the place of; left out where the output is no terminal. */
  readonly progress?: ((line: string) => void) | undefined;
  /** Makes another machine than the fake kernel. */
  readonly boot?: Boot;
}

interface Options {
  readonly json?: boolean;
  readonly filter?: string;
}

/**
 * Runs the program.
 * @param argv the arguments after the program's name
 * @returns the exit status and, if something was wrong, one line that says what
 */
export function runConformance(
  argv: readonly string[],
  io: ConformanceIo,
): { readonly status: number; readonly complaint?: string } {
  let status = 0;
  const program = new Command('conformance')
    .description("Replays tapes of a real kernel on the fake one and says where the answers aren't Linux's.")
    .argument('[file...]', 'tapes, .jsonl or .jsonl.gz; without one those that are checked in')
    .option('--json', 'print JSON')
    .option('--filter <text>', 'only tapes whose name contains the text')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.write(text), writeErr: () => undefined })
    .action((files: readonly string[], options: Options) => {
      const report = conformance(files.length > 0 ? files : checkedIn(), options, io, program);
      status = report.files.every(({ different }) => different === 0) ? 0 : DIFFERENT;
    });
  try {
    program.parse(argv, { from: 'user' });
    return { status };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { status: 0 };
    const [complaint = ''] = error.message.replace(/^error: /, '').split('\n');
    return { status: MISUSE, complaint };
  }
}

function checkedIn(): string[] {
  return [...Object.values(TAPES), ...VERSION_TAPES].map((url) => relative('', fileURLToPath(url)));
}

function conformance(
  files: readonly string[],
  { json = false, filter }: Options,
  io: ConformanceIo,
  program: Command,
): Report {
  const paint = paintFor(io);
  const report = reading(program, () =>
    runFiles(files, {
      filter,
      ...(io.boot && { boot: io.boot }),
      onTape: progressOf(io),
      onFile: (file) => {
        io.progress?.('');
        if (!json) for (const text of printFile(file, paint)) io.write(text);
      },
    }),
  );
  const tapes = report.files.reduce((sum, { identical, different }) => sum + identical + different, 0);
  // Saying that all of nothing is identical would hide a mistake.
  if (tapes === 0) misuse(program, filter === undefined ? 'no tapes' : `no tape's name contains '${filter}'`);
  if (json) {
    io.write(`${JSON.stringify({ files: report.files })}\n`);
  } else {
    const { calls, milliseconds } = report;
    const number = (n: number): string => Math.round(n).toLocaleString('en-US');
    const time = `${number(calls)} calls in ${(milliseconds / 1000).toFixed(2)} s`;
    io.write(`${paint.dim(`${time}, ${number(rate(report))} calls a second`)}\n`);
  }
  return report;
}

function misuse(program: Command, message: string): never {
  return program.error(message.replaceAll('\n', ' '), { exitCode: MISUSE });
}

function reading<T>(program: Command, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TapeFileError) return misuse(program, error.message);
    throw error;
  }
}

function progressOf({ progress }: ConformanceIo): (file: string, done: number, tapes: number) => void {
  let next = Date.now() + PROGRESS_INTERVAL;
  return (file, done, tapes) => {
    if (progress === undefined || Date.now() < next) return;
    next = Date.now() + PROGRESS_INTERVAL;
    progress(`${file}: ${done} of ${tapes} tapes`);
  };
}

function* printFile(
  { file, identical, different, differences }: FileReport,
  paint: Paint,
): Generator<string> {
  const counts = `identical ${identical} different ${different}`;
  yield `${paint.name(file)}: ${different === 0 ? paint.value(counts) : paint.bad(counts)}\n`;
  for (const difference of differences) yield* printDifference(difference, paint);
}

function* printDifference(difference: DifferentTape, paint: Paint): Generator<string> {
  const { tape, step, op, call, linux, ours, fields } = difference;
  yield `\n  ${paint.head(tape)}  ${paint.dim(`step ${step}, ${op}`)}\n`;
  yield `    ${call}\n`;
  yield* printOutcome('Linux', linux, paint.value, paint);
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
