/**
 * `iommufd run`: the command line. What it does is in `@iommufd/native`, which is native code and installed apart; it is loaded
 * when the command runs.
 */

import type * as Native from '@iommufd/native/command';
import type { CommandEnd, CommandIo, CommandOptions } from '@iommufd/native/command';
import { Command, CommanderError, Option } from 'commander';
import type { Io } from '../io.js';

/** Exit status when the command itself fails, as of `env` and `timeout`: all others are the program's. */
const OWN_FAILURE = 125;

const EXAMPLES = `
Examples:
  iommufd run --mock -- ./my-test
      runs it with the mock driver of Linux's selftests: IOMMU_TEST_CMD works
  iommufd run --device mock --left-over=fail -- cargo test
      /dev/vfio/devices/vfio0 is a mock device; exits with 1 if the tests leave anything open or mapped
  iommufd run --device edu@00:05.0 --device nvme@01:00.0 -- ./my-vmm --device 0000:01:00.0
      PCI functions behind an Intel VT-d unit, with interrupts and DMA, in /sys and /dev/vfio; 01:00.0 is behind a port
  iommufd run --smmuv3 --device pci@01:00.0 --trace -- ./my-vmm --disk disk.img
      a PCI function behind an Arm SMMUv3; each call is printed with its fields
  iommufd run --mock --record my-test.jsonl -- ./my-test
      writes a tape, which iommufd replay my-test.jsonl plays without the program
  iommufd run --smmuv3 --device pci --script faults.mjs -- ./my-vmm
      faults.mjs plays the hardware: export default (kernel, { devices, smmu }) => { ... }

The exit status is the program's. 125: the command itself failed; 126: the program cannot be executed; 127: it was not found.`;

interface Parsed {
  readonly kernel?: string;
  readonly mock?: true;
  readonly smmuv3?: true;
  readonly device?: readonly string[];
  readonly script?: string;
  readonly exactFds?: true;
  readonly onlyFake?: true;
  readonly trace?: true | string;
  readonly record?: string;
  readonly leftOver?: 'fail';
}

/** What the command has to do with the outside. */
export interface RunIo extends CommandIo {
  write(text: string): void;
}

function parser(io: RunIo, action: (options: CommandOptions) => void): Command {
  return new Command('iommufd run')
    .description(
      'Runs an unmodified native program on a fake kernel: /dev/iommu without root, module or hardware.',
    )
    .usage('[options] -- PROGRAM ARGUMENTS...')
    .argument('<program>', 'a path, or a name to be found in PATH')
    .argument('[arguments...]')
    .option('--kernel <version>', 'the version of Linux that answers, as 6.12: the newest by default')
    .option('--mock', 'load the mock driver: IOMMU_TEST_CMD')
    .option('--smmuv3', 'put the devices behind an Arm SMMUv3')
    .option(
      '--device <kind>',
      'a device, or KIND@BDF, several times for several: edu, nvme, nic, pci-testdev, pci, mock',
      (kind: string, all: readonly string[] = []) => [...all, kind],
    )
    .option('--script <file>', 'a module that plays the hardware')
    .option('--exact-fds', 'files get the lowest number that is free; read() and write() are slower')
    .option('--only-fake', "hide the machine's own devices in /sys and /dev/vfio")
    .option('--trace [file]', 'print each call that the fake kernel answers; to a file as --trace=FILE')
    .option('--record <file>', 'write a tape of what the program asks: iommufd replay plays it')
    .addOption(new Option('--left-over <what>', 'exit with 1 if anything is left over').choices(['fail']))
    .addHelpText('after', EXAMPLES)
    .passThroughOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.write(text), writeErr: () => undefined })
    .action((program: string, args: string[], parsed: Parsed) => {
      const { device: devices, ...others } = parsed;
      action({ program, args, ...(devices !== undefined && { devices }), ...others });
    });
}

/** Loads the package, which need not be there. */
async function load(): Promise<typeof Native | undefined> {
  try {
    return await import('@iommufd/native/command');
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Runs a program.
 * @param argv the arguments after `run`
 */
export async function runNative(argv: readonly string[], io: RunIo): Promise<CommandEnd> {
  let options: CommandOptions | undefined;
  try {
    parser(io, (parsed) => (options = parsed)).parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { status: 0 };
    io.complain(`iommufd: ${error.message.replace(/^error: /, '').split('\n')[0] ?? ''}`);
    return { status: OWN_FAILURE };
  }
  if (options === undefined) return { status: 0 };
  if (process.platform !== 'linux') {
    io.complain(
      `iommufd: run: native programs run on the fake kernel on Linux only, and this is ${process.platform}`,
    );
    return { status: OWN_FAILURE };
  }
  const native = await load();
  if (native === undefined) {
    io.complain('iommufd: run needs the package @iommufd/native: npm install @iommufd/native');
    return { status: OWN_FAILURE };
  }
  return native.runCommand(options, io);
}

/** Runs the command in a shell: what becomes of the program, becomes of this process. */
export async function main(argv: readonly string[], { write }: Pick<Io, 'write'>): Promise<void> {
  const complain = (line: string): void => void process.stderr.write(`${line}\n`);
  const { status, signal } = await runNative(argv, { write, colour: process.stderr.isTTY, complain });
  process.exitCode = status;
  if (signal !== undefined) process.kill(process.pid, signal);
}
