/** `iommufd trace` and `iommufd record`: parses the command lines. `@iommufd/native` implements the commands. */

import type { CommandEnd, RecordCommandOptions, TraceOptions } from '@iommufd/native/command';
import { Command, InvalidArgumentError } from 'commander';
import { CALL_GROUPS } from './native-names.js';
import { loadNative, mainOf, type NativeIo, OWN_FAILURE, parsed } from './native.js';

const groups = Object.entries(CALL_GROUPS)
  .map(([name, what]) => (what === '' ? name : `${name} (${what})`))
  .join(', ');

const TRACE_EXAMPLES = `
Examples:
  iommufd trace -- ./my-vmm --disk disk.img
      prints each call on a file of iommufd or VFIO, with its fields, the memory behind pointers, and the records that were read
  iommufd trace -p 1234 -e queues -e 'IOMMU_HWPT_*'
      attaches to a running process; Ctrl-C detaches
  iommufd trace --summary -o counts.txt -- ./my-test
      prints counts and times by ioctl
  iommufd trace -o my-vmm.jsonl -- ./my-vmm
      writes a tape: iommufd decode --log --file my-vmm.jsonl prints it, iommufd replay my-vmm.jsonl replays it on the fake kernel

GROUP: ${groups}, or the name of an ioctl, which may end with *.
Your own programs can be traced without root. The exit status is the program's; 125, 126 and 127 are those of iommufd run.`;

interface ParsedTrace {
  readonly pid?: number;
  readonly output?: string;
  readonly expression?: readonly string[];
  readonly summary?: true;
}

const RECORD_EXAMPLES = `
Examples:
  iommufd record -o my-vmm.jsonl -- ./my-vmm --disk disk.img
      writes its calls to the real kernel, with the results, to a tape; iommufd replay my-vmm.jsonl replays it on the fake kernel
  iommufd record -o my-vmm.jsonl --no-guest-memory --stop-at 100M -- ./my-vmm
      writes hashes instead of the memory that is mapped for devices, and at most 100 MiB
  iommufd record -o my-vmm.jsonl -p 1234
      records from now on, until Ctrl-C: earlier calls of the process are not in the tape

A tape contains memory of the program: check it before you send it. Calls that cannot be recorded are reported as a note in the tape and as a warning.
The exit status is the program's; 125, 126 and 127 are those of iommufd run.`;

interface ParsedRecord {
  readonly pid?: number;
  readonly output: string;
  readonly guestMemory: boolean;
  readonly stopAt?: number;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1 << 10, M: 1 << 20, G: 1 << 30 };

function sizeOf(text: string): number {
  const [, digits, unit = ''] = /^([1-9]\d*)([KMG]?)$/.exec(text) ?? [];
  const size = Number(digits) * (UNITS[unit] ?? NaN);
  if (Number.isSafeInteger(size)) return size;
  throw new InvalidArgumentError('expected a number of bytes, such as 100000, 64K, 100M or 2G');
}

function pidOf(text: string): number {
  const pid = /^[1-9]\d*$/.test(text) ? Number(text) : 0;
  if (pid > 0 && pid <= 0x7fff_ffff) return pid;
  throw new InvalidArgumentError('expected the PID of a process');
}

const several = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

/** The command line of `trace`. @param action receives the parsed options */
export function traceParser(action: (options: TraceOptions) => void): Command {
  return new Command('iommufd trace')
    .description('Traces a program on the real kernel: its calls on files of iommufd and VFIO.')
    .usage('[options] -- PROGRAM ARGUMENTS...')
    .argument('[program]', 'a path, or a name in PATH')
    .argument('[arguments...]')
    .option('-p, --pid <pid>', 'attach to a running process, with all its threads', pidOf)
    .option('-o, --output <file>', 'write to a file instead of standard error; to FILE.jsonl as a tape')
    .option('-e, --expression <group>', 'print only these calls; may be repeated', several)
    .option('--summary', 'count the calls and their times, and print a table at the end')
    .addHelpText('after', TRACE_EXAMPLES)
    .passThroughOptions()
    .action((program: string | undefined, args: string[], given: ParsedTrace, command: Command) => {
      const { pid, output, expression = [], summary = false } = given;
      const target = targetOf(command, pid, program, args);
      action({ ...target, print: { file: output, summary }, groups: expression });
    });
}

/** The command line of `record`. @param action receives the parsed options */
export function recordParser(action: (options: RecordCommandOptions) => void): Command {
  return new Command('iommufd record')
    .description(
      'Records the calls of a program on the real kernel as a tape, which is replayed without the program.',
    )
    .usage('-o TAPE [options] -- PROGRAM ARGUMENTS...')
    .argument('[program]', 'a path, or a name in PATH')
    .argument('[arguments...]')
    .requiredOption('-o, --output <tape>', 'the file of the tape')
    .option('-p, --pid <pid>', 'attach to a running process, with all its threads', pidOf)
    .option('--no-guest-memory', 'record hashes instead of the memory that is mapped for devices')
    .option('--stop-at <size>', 'end the tape at this number of bytes; the program continues', sizeOf)
    .addHelpText('after', RECORD_EXAMPLES)
    .passThroughOptions()
    .action((program: string | undefined, args: string[], given: ParsedRecord, command: Command) => {
      const { pid, output: file, guestMemory, stopAt: most } = given;
      action({ ...targetOf(command, pid, program, args), record: { file, guestMemory, most } });
    });
}

/** The program or process to trace. Ends the command if neither or both are given. */
function targetOf(
  command: Command,
  pid: number | undefined,
  program: string | undefined,
  args: readonly string[],
): { readonly pid: number } | { readonly command: readonly string[] } {
  if (pid === undefined && program === undefined) command.error('error: a program is missing, or --pid');
  if (pid !== undefined && program !== undefined)
    command.error('error: a program and --pid exclude each other');
  return pid === undefined ? { command: [program ?? '', ...args] } : { pid };
}

/** @param argv the arguments after `trace` */
export async function traceNative(argv: readonly string[], io: NativeIo): Promise<CommandEnd> {
  const command = parsed<TraceOptions>(argv, io, traceParser);
  if ('end' in command) return command.end;
  const native = await loadNative('trace', io);
  return native === undefined ? { status: OWN_FAILURE } : native.traceCommand(command.options, io);
}

/** @param argv the arguments after `record` */
export async function recordNative(argv: readonly string[], io: NativeIo): Promise<CommandEnd> {
  const command = parsed<RecordCommandOptions>(argv, io, recordParser);
  if ('end' in command) return command.end;
  const native = await loadNative('record', io);
  return native === undefined ? { status: OWN_FAILURE } : native.recordCommand(command.options, io);
}

export const recordMain = mainOf(recordNative);
export const traceMain = mainOf(traceNative);
