/**
 * The implementation of the commands of `iommufd` that run or trace native programs. Their command lines with the help are in
 * `@iommufd/cli`, which loads this file when a command needs it, if this package is installed. Each command is loaded when it is
 * called: the fake kernel, which `iommufd trace` does not need, takes as long to load as everything else.
 */
import type { Hardware } from '@iommufd/tape';
import type { CommandEnd, CommandIo } from './command-io.js';
import type { DoctorIo, DoctorOptions } from './doctor/command.js';
import type { CommandOptions, Script } from './run-command.js';
import type { RecordCommandOptions, TraceOptions } from './trace/command.js';

export type { CommandEnd, CommandIo, CommandOptions, DoctorIo, DoctorOptions, Hardware, Script };
export type { RecordCommandOptions, TraceOptions };

/** `iommufd run`: runs a program on a fake kernel. */
export const runCommand = async (options: CommandOptions, io: CommandIo): Promise<CommandEnd> =>
  (await import('./run-command.js')).runCommand(options, io);

/** `iommufd trace`: prints the calls of a program. */
export const traceCommand = async (options: TraceOptions, io: CommandIo): Promise<CommandEnd> =>
  (await import('./trace/command.js')).traceCommand(options, io);

/** `iommufd record`: writes a tape of the calls of a program. */
export const recordCommand = async (
  options: RecordCommandOptions,
  io: Pick<CommandIo, 'complain'>,
): Promise<CommandEnd> => (await import('./trace/command.js')).recordCommand(options, io);

/** `iommufd doctor`: prints what a machine has. */
export const doctorCommand = async (options: DoctorOptions, io: DoctorIo): Promise<CommandEnd> =>
  (await import('./doctor/command.js')).doctorCommand(options, io);
