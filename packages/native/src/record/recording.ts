/** Creates the recorder of one run, and the tape that it writes to. */

import type { MachineOptions } from '@iommufd/tape';
import type { FdWindow } from '../filter/filter.js';
import type { World } from '../world.js';
import { ARCH, nameOf } from './head.js';
import { Recorder } from './recorder.js';
import { OutputError, TapeFile, type TapeHead } from './tape-file.js';

/** Options of a recording. */
export interface RecordOptions {
  /** The path of the tape. */
  readonly file: string;
  /** The options that the kernel was created with, so that a replay can create the same machine. */
  readonly machine: MachineOptions;
}

/** A tape that is being written. */
export interface Recording {
  readonly recorder: Recorder;
  /** Ends the tape. @returns the error because of which the tape is incomplete, if there was one */
  close(): OutputError | undefined;
}

/** Begins a tape. @param command the program and its arguments @throws what `openSync()` throws */
export function record(
  world: World,
  window: FdWindow,
  { file, machine }: RecordOptions,
  command: readonly string[],
  warn: (what: string) => void,
): Recording {
  let failure: OutputError | undefined;
  const tape = new TapeFile(file, (error) => (failure = new OutputError(`--record ${file}`, error)));
  const head: TapeHead = {
    name: nameOf(command),
    kernel: world.kernel.version.name,
    arch: ARCH,
    machine,
  };
  let hasBegun = false;
  const begin = (more: Partial<TapeHead>): void => {
    hasBegun = true;
    tape.begin({ ...head, ...more });
  };
  const recorder: Recorder = new Recorder(world, window, {
    begin: ({ privileges }) => {
      begin({ privileges });
      if (machine.script !== undefined) recorder.note(`the actions of ${machine.script} as the hardware`);
    },
    write: (steps) => tape.write(steps),
    warn,
  });
  return {
    recorder,
    close: () => {
      recorder.finish();
      if (!hasBegun) begin({});
      tape.close();
      return failure;
    },
  };
}
