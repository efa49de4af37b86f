import { type Difference, explain } from './difference.js';
import { boot as bootFakeKernel, type Boot } from '../tapes/machine.js';
import { prepare, type PreparedTape } from './prepare.js';
import { type AllPlayed, playAll } from './replay.js';
import { readTapes } from '../text/tape-file.js';

/** A difference of a tape. */
export interface DifferentTape extends Difference {
  readonly tape: string;
  /** The system that it was recorded on; Linux by default. */
  readonly reference?: string;
}

/** The results of the tapes of a file. */
export interface FileReport {
  readonly file: string;
  readonly identical: number;
  readonly different: number;
  /** The first difference of each tape, or all of them with {@link RunOptions.all}. */
  readonly differences: readonly DifferentTape[];
  /** Assumptions about information that is missing in a text. @see Tape.lacks */
  readonly lacks?: readonly string[];
}

/** The results of all files. */
export interface Report {
  readonly files: readonly FileReport[];
  /** Number of system calls that were made. */
  readonly calls: number;
  /** Their duration, including the creation and the end of machines, without reading and parsing. */
  readonly milliseconds: number;
}

/** The result of a file of another format. */
export interface OtherFile {
  readonly report: FileReport;
  /** Number of results that were compared. Counts as calls. */
  readonly calls: number;
}

export interface RunOptions {
  /** Only tapes whose name contains this. */
  readonly filter?: string | undefined;
  /** If true, reports all differences instead of the first of each tape. */
  readonly all?: boolean | undefined;
  /** Creates the machine that replays a tape. Default: the fake kernel. */
  readonly boot?: Boot;
  /** Replays a file of another format; returns undefined for tapes. @throws Error if it cannot read the file */
  readonly other?: ((file: string, filter: string) => OtherFile | undefined) | undefined;
  /** Called after each tape of a file. */
  readonly onTape?: (file: string, done: number, tapes: number) => void;
  /** Called after each file. */
  readonly onFile?: (file: FileReport) => void;
}

/** A file cannot be read, or is not a tape. */
export class TapeFileError extends Error {
  override readonly name = 'TapeFileError';
}

/**
 * Replays the tapes of files.
 * @throws TapeFileError if a file cannot be read, is not a tape, or needs an unknown machine or version of Linux
 */
export function runFiles(paths: readonly string[], options: RunOptions = {}): Report {
  const { filter = '', all = false, boot = bootFakeKernel, other, onTape, onFile } = options;
  const files: FileReport[] = [];
  let calls = 0;
  let milliseconds = 0;
  for (const file of paths) {
    const begun = performance.now();
    const played = other && readable(file, () => other(file, filter));
    if (played !== undefined) {
      milliseconds += performance.now() - begun;
      calls += played.calls;
      files.push(played.report);
      onFile?.(played.report);
      continue;
    }
    const tapes = load(file, filter);
    const differences: DifferentTape[] = [];
    let different = 0;
    for (const [i, prepared] of tapes.entries()) {
      const start = performance.now();
      const { calls: made, findings } = playOf(file, prepared, boot, all);
      milliseconds += performance.now() - start;
      calls += made;
      if (findings.length > 0) different++;
      const { tape } = prepared;
      for (const finding of findings) differences.push({ tape: tape.name, ...explain(tape, finding) });
      onTape?.(file, i + 1, tapes.length);
    }
    const lacks = tapes.flatMap(({ tape }) => tape.lacks ?? []);
    const report: FileReport = {
      file,
      identical: tapes.length - different,
      different,
      differences,
      ...(lacks.length > 0 && { lacks }),
    };
    files.push(report);
    onFile?.(report);
  }
  return { files, calls, milliseconds };
}

/** Replays a tape. @throws TapeFileError if its machine or its version of Linux is unknown */
function playOf(file: string, prepared: PreparedTape, boot: Boot, all: boolean): AllPlayed {
  try {
    return playAll(prepared, boot, all ? Infinity : 1);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TapeFileError(`${file}: ${prepared.tape.name}: ${error.message}`);
  }
}

function load(file: string, filter: string): PreparedTape[] {
  return readable(file, () =>
    readTapes(file)
      .filter(({ name }) => name.includes(filter))
      .map(prepare),
  );
}

/** Runs `read`. @throws TapeFileError with the message of any error that it throws */
function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    // Any error here is due to the file: it is missing, or its contents are invalid in one of many ways.
    throw new TapeFileError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Calls per second. */
export function rate({ calls, milliseconds }: Pick<Report, 'calls' | 'milliseconds'>): number {
  return milliseconds > 0 ? (calls * 1000) / milliseconds : 0;
}
