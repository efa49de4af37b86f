/**
 * `iommufd run`: its command line. `@iommufd/native` does the work. That package has native code and is installed separately, so it is
 * loaded only when the command runs.
 */

import type { CommandEnd, CommandOptions } from '@iommufd/native/command';
import { Command, Option } from 'commander';
import { CAPABILITIES, DEVICE_KINDS } from './native-names.js';
import { loadNative, mainOf, type NativeIo, OWN_FAILURE, parsed } from './native.js';

const EXAMPLES = `
Examples:
  iommufd run --mock -- ./my-test
      runs it with the mock driver of Linux's selftests: IOMMU_TEST_CMD works
  iommufd run --device mock --left-over=fail -- cargo test
      /dev/vfio/devices/vfio0 is a mock device; exits with 1 if a test program exits with objects that it has not destroyed
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
  readonly capAdd?: readonly string[];
  readonly exactFds?: true;
  readonly onlyFake?: true;
  readonly trace?: true | string;
  readonly record?: string;
  readonly leftOver?: 'fail';
}

/** Parser of the command line. @param action receives the program and the options */
export function runParser(action: (options: CommandOptions) => void): Command {
  return new Command('iommufd run')
    .description(
      'Runs an unmodified native program on a fake kernel: /dev/iommu without root, module or hardware.',
    )
    .usage('[options] -- PROGRAM ARGUMENTS...')
    .argument('<program>', 'a path, or a name to be found in PATH')
    .argument('[arguments...]')
    .option(
      '--kernel <version>',
      'the version of Linux to behave as, for example 6.12; the newest by default',
    )
    .option('--mock', 'load the mock driver: IOMMU_TEST_CMD')
    .option('--smmuv3', 'put the devices behind an Arm SMMUv3')
    .option(
      '--device <kind>',
      `a device, or KIND@BDF, may be repeated: ${DEVICE_KINDS.join(', ')}; after commas its features: mock,pasids, and pci,vfs; with --smmuv3 pci,stall,canwbs,ats,pasids`,
      (kind: string, all: readonly string[] = []) => [...all, kind],
    )
    .option('--script <file>', 'a module that plays the hardware')
    .option(
      '--cap-add <capability>',
      `a capability that processes have in the fake kernel, may be repeated: ${CAPABILITIES.join(', ')}`,
      (name: string, all: readonly string[] = []) => [...all, name],
    )
    .option('--exact-fds', 'files get the lowest free descriptor; read() and write() are slower')
    .option('--only-fake', "hide the machine's own devices in /sys and /dev/vfio")
    .option('--trace [file]', 'print each call that the fake kernel answers; to a file as --trace=FILE')
    .option('--record <file>', 'record the calls of the program as a tape, for iommufd replay')
    .addOption(
      new Option(
        '--left-over <what>',
        'exit with 1 if the program exits without having destroyed its objects, and print them',
      ).choices(['fail']),
    )
    .addHelpText('after', EXAMPLES)
    .passThroughOptions()
    .action((program: string, args: string[], given: Parsed) => {
      const { device: devices, ...others } = given;
      action({ program, args, ...(devices !== undefined && { devices }), ...others });
    });
}

/**
 * Runs a program on a fake kernel.
 * @param argv the arguments after `run`
 */
export async function runNative(argv: readonly string[], io: NativeIo): Promise<CommandEnd> {
  const command = parsed<CommandOptions>(argv, io, runParser);
  if ('end' in command) return command.end;
  const native = await loadNative('run', io);
  if (native === undefined) return { status: OWN_FAILURE };
  return native.runCommand(command.options, io);
}

/** Runs the command and ends this process as the program ended: with the same exit status or signal. */
export const main = mainOf(runNative);
