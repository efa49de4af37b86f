import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { completionScript } from './commands/completion.js';
import type { DecodeCommand } from './commands/decode-options.js';
import type { EncodeCommand } from './commands/encode.js';
import { isFailure, lineOf } from './failure.js';
import type { Io } from './io.js';
import { QUEUE_NAMES } from './queue-names.js';
import { version } from './version.js';

/** Exit status of a command that found a difference, and of one with invalid arguments or input. */
const DIFFERENT = 1;
const MISUSE = 2;

// Each command loads its modules when it runs.
const codec = () => import('./codec.js');
const logs = () => import('./logs.js');
const names = () => import('./names.js');
const tapes = () => import('./tapes.js');
const viewer = () => import('./viewer.js');

const TYPES = QUEUE_NAMES.join(', ');

/** Parses the value of an option that must not be repeated. @throws InvalidArgumentError if it is */
function once(value: string, previous: unknown): string {
  if (previous === undefined) return value;
  throw new InvalidArgumentError(`It was given before, as ${JSON.stringify(previous)}.`);
}

/** Adds a command to the program. */
type Adds = (root: Command, io: Io, ends: (status: number) => void) => void;

/** The commands, in the order of the help. */
const COMMANDS: Readonly<Record<string, Adds>> = {
  decode: (root, io) => {
    root
      .command('decode')
      .description('bytes to fields: an annotated hex dump, or JSON; a kernel log to the events in it')
      .argument('[input...]', 'digits, words, a dump, a log; - or nothing reads standard input')
      .option('--struct <name>', 'a C struct or a hardware record; several records are an array')
      .option('--ioctl <name>', 'the struct of an ioctl, by its name or request number')
      .option('--veventq <type>', `what read() of a vEVENTQ returned: ${TYPES}`)
      .option('--after <n>', 'with --veventq: number of the last record that was read before')
      .option('--faults', 'what read() of a page fault queue returned')
      .option('--responses', 'what was written to a page fault queue')
      .option('--log', 'a kernel log: what arm-smmu-v3, tegra241-cmdqv, AMD-Vi and DMAR print; or a tape')
      .addOption(
        new Option('--words <bits>', 'digits are words of this width, as a debugger prints them').choices([
          '32',
          '64',
        ]),
      )
      .option('--file <path>', 'a file of any such input, or of the bytes themselves')
      .option('--json', 'print JSON, 64-bit values as "0x..." strings')
      .option('--lenient', 'accept reserved fields that are not zero, and numbers that are not specified')
      .option('--docs', 'print the documentation of each field')
      .option('--kernel <version>', 'use the structs of this release of Linux: 6.12 to 7.3')
      .action(async (words: string[], options: DecodeCommand) => {
        const input = words.length === 0 ? undefined : words.join(' ');
        const { struct, ioctl, veventq, faults, responses } = options;
        const isBytes = [struct, ioctl, veventq, faults, responses].some((kind) => kind !== undefined);
        return isBytes
          ? (await codec()).decodeCommand(io, input, options)
          : (await logs()).decodeLog(io, input, options);
      });
  },
  encode: (root, io) => {
    root
      .command('encode')
      .description('fields to bytes: JSON in, hex out; it takes what decode --json prints')
      .argument('[json]', 'an object, or an array of them; - or nothing reads standard input')
      .option('--struct <name>', 'a C struct or a hardware record')
      .option('--ioctl <name>', 'the struct of an ioctl, by its name or request number')
      .option('--veventq <type>', `records of a vEVENTQ: ${TYPES}`)
      .option('--faults', 'page faults')
      .option('--responses', 'responses to page faults')
      .option('--file <path>', 'a file of JSON')
      .action(async (json: string | undefined, options: EncodeCommand) =>
        (await codec()).encodeCommand(io, json, options),
      );
  },
  explain: (root, io) => {
    root
      .command('explain')
      .description(
        'the meaning of a name or a number: an ioctl, errno, struct, flag, event, field; a line of strace',
      )
      .argument('<term...>')
      .option('--json', 'print JSON')
      .action(async (term: string[], options: { json?: boolean }) =>
        (await names()).explainCommand(io, term, options),
      );
  },
  layout: (root, io) => {
    root
      .command('layout')
      .description('a struct as a table: offsets, sizes, types, directions')
      .argument('<struct>')
      .option('--kernel <version>', 'use the struct of this release of Linux: 6.12 to 7.3')
      .option('--json', 'print JSON')
      .action(async (name: string, options: { json?: boolean; kernel?: string }) =>
        (await codec()).layoutCommand(io, name, options),
      );
  },
  list: (root, io) => {
    root
      .command('list')
      .description('known names: structs, records, ioctls, queues, events, flags, errnos')
      .argument('[kind]')
      .option('--names', 'print the names alone')
      .option('--json', 'print JSON')
      .action(async (kind: string | undefined, options: { json?: boolean; names?: boolean }) =>
        (await names()).listCommand(io, kind, options),
      );
  },
  replay: (root, io, ends) => {
    root
      .command('replay')
      .description('replays tapes on the fake kernel, and reports the calls whose answers differ')
      .argument('<file...>', 'tapes, as `iommufd run --record` writes them')
      .option('--filter <text>', 'only tapes whose name contains the text')
      .option('--all', 'print every difference, not only the first of each tape')
      .option('--json', 'print JSON')
      .action(async (files: readonly string[], options: { json?: true; all?: true; filter?: string }) => {
        if (!(await tapes()).replayFiles(files, options, io)) ends(DIFFERENT);
      });
  },
  view: (root, io) => {
    root
      .command('view')
      .description('shows tapes, traces, kernel logs and bytes in a browser: calls, objects, maps, queues')
      .argument('[file...]', 'without a file the page is empty; drop files on it')
      .option('--out <file>', 'write the page, with the files in it, instead of serving it')
      .option('--no-open', 'print the address, and open no browser')
      .action(async (files: readonly string[], options: { out?: string; open: boolean }) => {
        await (await viewer()).view(io, files, options);
      });
  },
  completion: (root, io) => {
    root
      .command('completion')
      .description('a script that completes the command in a shell: bash, zsh, fish')
      .argument('<shell>')
      .action(async (shell: string) => {
        const { runParser } = await import('./commands/run.js');
        const { recordParser, traceParser } = await import('./commands/trace.js');
        const { doctorParser } = await import('./commands/doctor.js');
        const nothing = (): void => undefined;
        const native = {
          run: runParser(nothing),
          doctor: doctorParser(nothing),
          record: recordParser(nothing),
          trace: traceParser(nothing),
        };
        io.write(completionScript(root, native, shell));
      });
  },
  run: (root) => {
    // Only for the list of commands. `main.ts` runs it, because it parses its own command line.
    root.command('run').description('run a native program on a fake /dev/iommu: iommufd run --help');
  },
  doctor: (root) => {
    root
      .command('doctor')
      .description('what this machine has for iommufd, and what is missing: iommufd doctor --help');
  },
  record: (root) => {
    root
      .command('record')
      .description('record the calls of a program on the real /dev/iommu as a tape: iommufd record --help');
  },
  trace: (root) => {
    root
      .command('trace')
      .description('trace the calls of a program on the real /dev/iommu, like strace: iommufd trace --help');
  },
};

/**
 * The parser of the command line.
 * @param only the only command to add, if it is known: adding all costs time at every start
 */
function program(io: Io, ends: (status: number) => void, only: string | undefined): Command {
  const root = new Command('iommufd')
    .description(
      "Decodes, encodes and explains what crosses Linux's /dev/iommu, and what IOMMUs report in a log.",
    )
    .version(version(), '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.write(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => io.width ?? 100,
    });

  for (const [name, add] of Object.entries(COMMANDS))
    if (only === undefined || only === name) add(root, io, ends);

  for (const option of root.commands.flatMap(({ options }) => options))
    if (option.required && option.argChoices === undefined) option.argParser(once);
  return root;
}

/** Protects a negative errno from being parsed as an option: `iommufd explain -ENOENT`. */
function withoutOptions(argv: readonly string[]): readonly string[] {
  const isErrno = (word: string): boolean => /^-(E[A-Z0-9]+|\d+)$/i.test(word);
  const [command, ...others] = argv;
  const at = others.findIndex(isErrno);
  if (command !== 'explain' || at === -1 || others.includes('--')) return argv;
  const options = others.filter((word) => word.startsWith('--'));
  return [command, ...options, '--', ...others.filter((word) => !word.startsWith('--'))];
}

/** The command of the arguments; undefined if all commands are needed: for help, for a misspelt name, for completion. */
function theCommand([name = '']: readonly string[]): string | undefined {
  return Object.hasOwn(COMMANDS, name) && name !== 'completion' ? name : undefined;
}

/** The result of a run of the program. */
export interface Outcome {
  readonly status: number;
  /** The error message, one line, if the arguments or the input are invalid. */
  readonly complaint?: string;
}

/**
 * Runs the program.
 * @param argv the arguments after the program's name
 */
export async function run(argv: readonly string[], io: Io): Promise<Outcome> {
  try {
    let status = 0;
    const root = program(io, (other) => (status = other), theCommand(argv));
    await root.parseAsync(argv.length === 0 ? ['--help'] : withoutOptions(argv), { from: 'user' });
    return { status };
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? { status: 0 } : { status: MISUSE, complaint: lineOf(error) };
    }
    if (isFailure(error)) return { status: MISUSE, complaint: error.message.replaceAll('\n', ' ') };
    throw error;
  }
}
