/** A tape of traced calls: the recorder, and the file that it writes. */

import { basename } from 'node:path';
import { release } from 'node:os';
import { ARCH } from '../record/recording.js';
import { OutputError, TapeFile } from '../record/tape-file.js';
import type { Libc } from '../linux/libc.js';
import type { TracedFiles } from './files.js';
import { TraceRecorder } from './recorder.js';

/** What is recorded, and where. */
export interface TraceRecording {
  /** The tape. */
  readonly file: string;
  /** Whether the bytes that are mapped for devices are in the tape; their hashes otherwise. */
  readonly guestMemory: boolean;
  /** The tape ends when it has so many bytes. */
  readonly most?: number | undefined;
}

/** A tape that is being written. */
export interface OpenRecording {
  readonly recorder: TraceRecorder;
  /** Ends the tape. @throws OutputError if it is not whole, because it could not be written */
  close(): void;
}

/** What a trace or a tape is called. @param command the program, and its arguments */
export const nameOfTraced = ([program = '', ...args]: readonly string[]): string =>
  [basename(program), ...args].join(' ').replaceAll('\n', ' ');

/**
 * Begins a tape.
 * @param command the program, and its arguments
 * @param letGo called when the tape cannot be written: there is nothing to trace for
 * @throws what `openSync()` does
 */
export function recordTrace(
  libc: Libc,
  files: TracedFiles,
  { file, guestMemory, most = Infinity }: TraceRecording,
  command: readonly string[],
  warn: (what: string) => void,
  letGo: () => void,
): OpenRecording {
  let failure: OutputError | undefined;
  const tape = new TapeFile(file, (error) => {
    failure = new OutputError(`-o ${file}`, error);
    letGo();
  });
  // What a distribution has put behind the version: `6.12.107-amd64`.
  const kernel = /^\d+\.\d+(\.\d+)?/.exec(release())?.[0] ?? release();
  const note = `recorded on Linux ${release()}`;
  const head = { name: nameOfTraced(command), kernel, arch: ARCH, note };
  let state: 'waits' | 'writes' | 'full' = 'waits';
  const recorder = new TraceRecorder(libc, files, guestMemory, {
    begin: (more) => {
      state = 'writes';
      tape.begin({ ...head, ...more });
    },
    write: (steps) => {
      if (state === 'full') return;
      tape.write(steps);
      if (tape.size < most) return;
      state = 'full';
      const text = `what came after the tape had reached ${most} bytes`;
      tape.write([{ op: 'note', text }]);
      warn(`not in the tape: ${text}`);
    },
    warn,
  });
  return {
    recorder,
    close: () => {
      recorder.finish();
      if (state === 'waits') tape.begin(head);
      tape.close();
      if (failure !== undefined) throw failure;
    },
  };
}
