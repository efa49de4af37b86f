import { StructError } from '@iommufd/uapi/struct';
import { Command, CommanderError } from 'commander';
import { decodeCommand, type DecodeCommand, VEVENTQ_TYPES } from './commands/decode.js';
import { encodeCommand, type EncodeCommand } from './commands/encode.js';
import { explainCommand } from './commands/explain.js';
import { layoutCommand } from './commands/layout.js';
import { Failure } from './failure.js';
import type { Io } from './io.js';

/** Exit status of a command that was given something wrong. */
const MISUSE = 2;

function program(io: Io): Command {
  const root = new Command('iommufd')
    .description("Decodes, encodes and explains what crosses Linux's /dev/iommu.")
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.write(text), writeErr: () => undefined });

  root
    .command('decode')
    .description('bytes to fields: an annotated hex dump, or JSON')
    .argument('[hex]', 'hex digits; - or nothing reads standard input')
    .option('--struct <name>', 'a C struct or a hardware record')
    .option('--ioctl <name>', 'the struct of an ioctl, by its name or request number')
    .option('--veventq <type>', `what read() of a vEVENTQ returned: ${Object.keys(VEVENTQ_TYPES).join(', ')}`)
    .option('--after <n>', 'with --veventq: number of the last record that was read before')
    .option('--faults', 'what read() of a page fault queue returned')
    .option('--responses', 'what was written to a page fault queue')
    .option('--file <path>', 'a file of hex digits or of the bytes themselves')
    .option('--json', 'print JSON, 64-bit values as "0x..." strings')
    .option('--lenient', 'accept reserved fields that are not zero')
    .option('--docs', 'say what each field is for')
    .action((hex: string | undefined, options: DecodeCommand) => decodeCommand(io, hex, options));

  root
    .command('encode')
    .description('fields to bytes: JSON in, hex out')
    .argument('[json]', 'an object; - or nothing reads standard input')
    .option('--struct <name>', 'a C struct or a hardware record')
    .option('--ioctl <name>', 'the struct of an ioctl, by its name or request number')
    .option('--file <path>', 'a file of JSON')
    .action((json: string | undefined, options: EncodeCommand) => encodeCommand(io, json, options));

  root
    .command('explain')
    .description('what an ioctl, errno, struct, flag or event is, by name or number')
    .argument('<term>')
    .action((term: string) => explainCommand(io, term));

  root
    .command('layout')
    .description('a struct as a table: offsets, sizes, types, directions')
    .argument('<struct>')
    .option('--json', 'print JSON')
    .action((name: string, options: { json?: boolean }) => layoutCommand(io, name, options));

  return root;
}

/**
 * Runs the program.
 * @param argv the arguments after the program's name
 * @returns the exit status and, if something was wrong, one line that says what
 */
export function run(
  argv: readonly string[],
  io: Io,
): { readonly status: number; readonly complaint?: string } {
  try {
    program(io).parse(argv, { from: 'user' });
    return { status: 0 };
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return { status: 0 };
      const [line = ''] = error.message.replace(/^error: /, '').split('\n');
      const help =
        error.code === 'commander.help' ? 'give a command: decode, encode, explain or layout' : line;
      return { status: MISUSE, complaint: help };
    }
    if (error instanceof Failure || error instanceof StructError) {
      return { status: MISUSE, complaint: error.message.replaceAll('\n', ' ') };
    }
    throw error;
  }
}
