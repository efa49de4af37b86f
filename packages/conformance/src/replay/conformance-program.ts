import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFailure, printDifference, replayFiles, type ReplayIo, type ReplayOptions } from '@iommufd/cli';
import { Command, CommanderError } from 'commander';
import { playGuestFile } from '../guest/guest-file.js';
import { GUEST_TAPES } from '../guest/guest-files.js';
import { playNative } from '../native/native-files.js';
import { TAPES, VERSION_TAPES } from '../tapes/checked-in.js';

/** Exit status if tapes differ, and for an invalid command line. */
const DIFFERENT = 1;
const MISUSE = 2;

/**
 * Runs the program.
 * @param argv the arguments after the program's name
 * @returns the exit status and, for an invalid command line, a one-line message
 */
export async function runConformance(
  argv: readonly string[],
  io: ReplayIo,
): Promise<{ readonly status: number; readonly complaint?: string }> {
  let status = 0;
  const program = new Command('conformance')
    .description("Replays tapes of a real kernel on the fake one and says where the answers aren't Linux's.")
    .argument('[file...]', 'tapes, .jsonl or .jsonl.gz; without one those that are checked in')
    .option('--json', 'print JSON')
    .option('--all', 'print every difference, not only the first of each tape')
    .option('--filter <text>', 'only tapes whose name contains the text')
    .option('--native', 'play them on native programs, whose calls the fake kernel answers')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.write(text), writeErr: () => undefined })
    .action(async (given: readonly string[], options: ReplayOptions & { readonly native?: true }) => {
      const files = given.length > 0 ? given : checkedIn(options.native === true);
      const isSame = options.native
        ? await replayNative(files, options, io)
        : replayFiles(files, options, { other: playGuestFile, ...io });
      status = isSame ? 0 : DIFFERENT;
    });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return { status };
  } catch (error) {
    if (isFailure(error)) return { status: MISUSE, complaint: error.message };
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { status: 0 };
    const [complaint = ''] = error.message.replace(/^error: /, '').split('\n');
    return { status: MISUSE, complaint };
  }
}

/** The checked-in files. @param ofKernels true for only tapes of kernels, without those of guests */
function checkedIn(ofKernels: boolean): string[] {
  const guests = ofKernels ? [] : Object.values(GUEST_TAPES).flat();
  return [...Object.values(TAPES), ...VERSION_TAPES, ...guests].map((url) =>
    relative('', fileURLToPath(url)),
  );
}

/** Replays files by native programs. @returns true if every tape that can be replayed is identical */
async function replayNative(
  files: readonly string[],
  { filter, json }: ReplayOptions,
  io: ReplayIo,
): Promise<boolean> {
  let isSame = true;
  for (const file of files) {
    const report = await playNative(file, filter, (done, tapes) =>
      io.progress?.(`${file}: ${done} of ${tapes} tapes`),
    );
    const { identical, differences, impossible } = report;
    io.progress?.('');
    isSame &&= differences.length === 0;
    if (json) io.write(`${JSON.stringify(report)}\n`);
    else {
      const counts = `identical ${identical} different ${differences.length} not possible ${impossible.length}`;
      io.write(`${file}: ${counts}\n`);
      for (const { tape, why } of impossible) io.write(`  ${tape}: ${why}\n`);
      for (const difference of differences) io.write(printDifference(difference, io));
    }
  }
  return isSame;
}
