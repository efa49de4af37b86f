import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFailure, replayFiles, type ReplayIo, type ReplayOptions } from '@iommufd/cli';
import { Command, CommanderError } from 'commander';
import { playGuestFile } from '../guest/guest-file.js';
import { GUEST_TAPES } from '../guest/guest-tape.js';
import { TAPES, VERSION_TAPES } from '../tapes/checked-in.js';
import { boot } from '../tapes/machine.js';

/** Exit status when tapes differ, and of a command that was given something wrong. */
const DIFFERENT = 1;
const MISUSE = 2;

/**
 * Runs the program.
 * @param argv the arguments after the program's name
 * @returns the exit status and, if something was wrong, one line that says what
 */
export function runConformance(
  argv: readonly string[],
  io: ReplayIo,
): { readonly status: number; readonly complaint?: string } {
  let status = 0;
  const program = new Command('conformance')
    .description("Replays tapes of a real kernel on the fake one and says where the answers aren't Linux's.")
    .argument('[file...]', 'tapes, .jsonl or .jsonl.gz; without one those that are checked in')
    .option('--json', 'print JSON')
    .option('--all', 'print all that differs, and not the first call of each tape alone')
    .option('--filter <text>', 'only tapes whose name contains the text')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.write(text), writeErr: () => undefined })
    .action((files: readonly string[], options: ReplayOptions) => {
      const all = files.length > 0 ? files : checkedIn();
      status = replayFiles(all, options, { boot, other: playGuestFile, ...io }) ? 0 : DIFFERENT;
    });
  try {
    program.parse(argv, { from: 'user' });
    return { status };
  } catch (error) {
    if (isFailure(error)) return { status: MISUSE, complaint: error.message };
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { status: 0 };
    const [complaint = ''] = error.message.replace(/^error: /, '').split('\n');
    return { status: MISUSE, complaint };
  }
}

function checkedIn(): string[] {
  return [...Object.values(TAPES), ...VERSION_TAPES, ...Object.values(GUEST_TAPES).flat()].map((url) =>
    relative('', fileURLToPath(url)),
  );
}
