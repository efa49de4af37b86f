/** A tape of one run: the recorder, and the file that it writes. */

import { basename } from 'node:path';
import type { MachineOptions } from '@iommufd/tape';
import type { FdWindow } from '../filter/filter.js';
import type { World } from '../world.js';
import { Recorder } from './recorder.js';
import { OutputError, TapeFile, type TapeHead } from './tape-file.js';

/** What is recorded, and where. */
export interface RecordOptions {
  /** The tape. */
  readonly file: string;
  /** How the kernel was made, so that the replay can make another one. */
  readonly machine: MachineOptions;
}

/** How tapes name machines. */
export const ARCH = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** A tape that is being written. */
export interface Recording {
  readonly recorder: Recorder;
  /** Ends the tape. @returns why it is not whole, if it could not be written */
  close(): OutputError | undefined;
}

/** Begins a tape. @param command the program and its arguments @throws what `openSync()` does */
export function record(
  world: World,
  window: FdWindow,
  { file, machine }: RecordOptions,
  command: readonly string[],
  warn: (what: string) => void,
): Recording {
  let failure: OutputError | undefined;
  const tape = new TapeFile(file, (error) => (failure = new OutputError(`--record ${file}`, error)));
  const [program = '', ...args] = command;
  const head: TapeHead = {
    name: [basename(program), ...args].join(' '),
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
      if (machine.script !== undefined) recorder.note(`what ${machine.script} does as the hardware`);
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
