/** The implementation of `iommufd trace` and `iommufd record`. */

import { closeSync, openSync } from 'node:fs';
import { type CommandEnd, type CommandIo, OWN_FAILURE } from '../command-io.js';
import { platform, UnsupportedError } from '../platform.js';
import type { TraceRecording } from './recording.js';
import { OutputError } from '../record/tape-file.js';
import { traceProgram } from './tracing.js';
import type { TracerJob } from './worker.js';

/** The options of `iommufd trace`. */
export interface TraceOptions extends Pick<TracerJob, 'command' | 'pid' | 'groups'> {
  readonly print: { readonly file?: string | undefined; readonly summary: boolean };
}

/** The options of `iommufd record`. */
export interface RecordCommandOptions extends Pick<TracerJob, 'command' | 'pid'> {
  readonly record: TraceRecording;
}

/** The extension of tapes. `trace -o` writes a tape, which can be decoded and replayed, to a file with this extension. */
const TAPE = '.jsonl';

/** An error in the user's input. */
class Misuse extends Error {}

/** @throws Misuse if the file cannot be written */
function checkOutput(path: string): void {
  try {
    closeSync(openSync(path, 'w'));
  } catch (error) {
    throw new Misuse(`-o ${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** @throws Misuse if a group is unknown */
async function checkGroups(groups: readonly string[]): Promise<void> {
  if (groups.length === 0) return;
  // Only here, because it loads the declarations of all ioctls, as the tracer's thread does.
  const { filterOf } = await import('./groups.js');
  try {
    filterOf(groups);
  } catch (error) {
    if (error instanceof RangeError) throw new Misuse(error.message);
    throw error;
  }
}

/** Traces a program. */
export function traceCommand({ print, ...options }: TraceOptions, io: CommandIo): Promise<CommandEnd> {
  return ending(io, async () => {
    await checkGroups(options.groups);
    const { file, summary } = print;
    if (file !== undefined) checkOutput(file);
    if (file?.endsWith(TAPE) === true && !summary) {
      if (options.groups.length > 0) throw new Misuse(`-e: a tape (-o ${file}) always contains all calls`);
      return traceProgram({ ...options, record: { file, guestMemory: false } }, io);
    }
    return traceProgram({ ...options, print: { ...print, colour: io.colour } }, io);
  });
}

/** Records a program. */
export function recordCommand(
  options: RecordCommandOptions,
  io: Pick<CommandIo, 'complain'>,
): Promise<CommandEnd> {
  return ending(io, () => {
    checkOutput(options.record.file);
    return traceProgram({ ...options, groups: [] }, io);
  });
}

async function ending(io: Pick<CommandIo, 'complain'>, work: () => Promise<CommandEnd>): Promise<CommandEnd> {
  try {
    platform();
    return await work();
  } catch (error) {
    const isKnown = [UnsupportedError, Misuse, OutputError].some((each) => error instanceof each);
    if (!isKnown || !(error instanceof Error)) throw error;
    io.complain(`iommufd: ${error.message}`);
    return { status: OWN_FAILURE };
  }
}
