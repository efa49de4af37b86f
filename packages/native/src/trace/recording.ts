/** Creates the recorder of a tape of traced calls, and the file that it writes to. */

import { release } from 'node:os';
import { ARCH, nameOf } from '../record/head.js';
import { OutputError, TapeFile } from '../record/tape-file.js';
import type { Libc } from '../linux/libc.js';
import type { TracedFiles } from './files.js';
import { TraceRecorder } from './recorder.js';

/** Options of a tape of traced calls. */
export interface TraceRecording {
  /** The path of the tape. */
  readonly file: string;
  /** True to record the bytes that are mapped for devices; false to record their hashes only. */
  readonly guestMemory: boolean;
  /** The size in bytes after which the tape ends. Default: no limit. */
  readonly most?: number | undefined;
}

/** A tape that is being written. */
export interface OpenRecording {
  readonly recorder: TraceRecorder;
  /** Ends the tape. @returns the error if the tape is incomplete because it could not be written */
  close(): OutputError | undefined;
}

/**
 * Begins a tape.
 * @param command the program and its arguments
 * @param letGo called if the tape cannot be written, to stop tracing
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
  // Without the suffix of a distribution, as in `6.12.107-amd64`.
  const kernel = /^\d+\.\d+(\.\d+)?/.exec(release())?.[0] ?? release();
  const note = `recorded on Linux ${release()}`;
  const head = { name: nameOf(command), kernel, arch: ARCH, note };
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
      const text = `calls after the tape had reached ${most} bytes`;
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
      return failure;
    },
  };
}
