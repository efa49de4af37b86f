/**
 * The shared part of the commands that run native programs: parsing of their command lines, loading of `@iommufd/native`, and ending
 * the command as the program ended.
 */

import type * as Native from '@iommufd/native/command';
import type { CommandEnd, CommandIo } from '@iommufd/native/command';
import { type Command, CommanderError } from 'commander';
import { lineOf } from '../failure.js';
import { hasColouredErrors, type Io, printError } from '../io.js';

/** Exit status when the command itself fails, as of `env` and `timeout`. All other statuses are the program's. */
export const OWN_FAILURE = 125;

/** Output of a command. */
export interface NativeIo extends CommandIo {
  write(text: string): void;
}

/** Loads `@iommufd/native`, which may not be installed. @returns undefined, after an error message, if it cannot be used */
export async function loadNative(command: string, io: NativeIo): Promise<typeof Native | undefined> {
  if (process.platform !== 'linux') {
    io.complain(`iommufd: ${command}: this is possible on Linux only, and this is ${process.platform}`);
    return undefined;
  }
  try {
    return await import('@iommufd/native/command');
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    io.complain(`iommufd: ${command} needs the package @iommufd/native: npm install @iommufd/native`);
    return undefined;
  }
}

/**
 * Parses the command line of a command.
 * @param make makes the parser, with the action to run
 * @returns the options, or the exit status if there is nothing to run (help, an error)
 */
export function parsed<Options extends object>(
  argv: readonly string[],
  io: NativeIo,
  make: (action: (options: Options) => void) => Command,
): { readonly options: Options } | { readonly end: CommandEnd } {
  let options: Options | undefined;
  try {
    make((given) => (options = given))
      .exitOverride()
      .configureOutput({ writeOut: (text) => io.write(text), writeErr: () => undefined })
      .parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { end: { status: 0 } };
    io.complain(`iommufd: ${lineOf(error)}`);
    return { end: { status: OWN_FAILURE } };
  }
  return options === undefined ? { end: { status: 0 } } : { options };
}

/** Runs a command and ends this process as the program ended: with the same exit status or signal. */
export function mainOf(
  command: (argv: readonly string[], io: NativeIo) => Promise<CommandEnd>,
): (argv: readonly string[], io: Pick<Io, 'write'>) => Promise<void> {
  return async (argv, { write }) => {
    const { status, signal } = await command(argv, {
      write,
      colour: hasColouredErrors(),
      complain: printError,
    });
    if (signal !== undefined) {
      process.exitCode = status;
      process.kill(process.pid, signal);
      return;
    }
    // Timers of a script would keep this process alive. All output has been written.
    process.exit(status);
  };
}
