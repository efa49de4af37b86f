import { type Difference, explain } from './difference.js';
import { boot as bootFakeKernel, type Boot } from '../tapes/machine.js';
import { prepare, type PreparedTape } from './prepare.js';
import { type AllPlayed, playAll } from './replay.js';
import { readTapes } from '../text/tape-file.js';

/** A place where a tape did not go as it was recorded. */
export interface DifferentTape extends Difference {
  readonly tape: string;
  /** Where it was recorded; Linux by default. */
  readonly reference?: string;
}

/** How the tapes of a file went. */
export interface FileReport {
  readonly file: string;
  readonly identical: number;
  readonly different: number;
  /** The first of each tape, or all. */
  readonly differences: readonly DifferentTape[];
  /** What is taken to be so because a text does not say it. @see Tape.lacks */
  readonly lacks?: readonly string[];
}

/** How all files went. */
export interface Report {
  readonly files: readonly FileReport[];
  /** Syscalls that were made. */
  readonly calls: number;
  /** What they took, together with making and ending the machines; reading and parsing is not in it. */
  readonly milliseconds: number;
}

/** How a file of another kind went. */
export interface OtherFile {
  readonly report: FileReport;
  /** What was compared: it counts as calls. */
  readonly calls: number;
}

export interface RunOptions {
  /** Only tapes whose name contains this. */
  readonly filter?: string | undefined;
  /** Finds all that differs, and not the first of each tape alone. */
  readonly all?: boolean | undefined;
  /** Makes the machine for a tape. */
  readonly boot?: Boot;
  /** Plays a file of another kind; undefined for tapes. @throws Error for one that it cannot read */
  readonly other?: ((file: string, filter: string) => OtherFile | undefined) | undefined;
  /** Told after each tape of a file. */
  readonly onTape?: (file: string, done: number, tapes: number) => void;
  /** Told after each file. */
  readonly onFile?: (file: FileReport) => void;
}

/** A file that cannot be read, or that holds no tapes. */
export class TapeFileError extends Error {
  override readonly name = 'TapeFileError';
}

/**
 * Replays the tapes of files.
 * @throws TapeFileError
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

/** Plays a tape. @throws TapeFileError if it is of a kernel that the machine cannot be */
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

/** @throws TapeFileError for what `read` throws */
function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    // The reasons are as many as there are ways to be no tape; none of them is this program's fault.
    throw new TapeFileError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Calls a second. */
export function rate({ calls, milliseconds }: Pick<Report, 'calls' | 'milliseconds'>): number {
  return milliseconds > 0 ? (calls * 1000) / milliseconds : 0;
}
