/** `iommufd doctor`: parses the command line. `@iommufd/native` implements the command. */

import type { CommandEnd, DoctorOptions } from '@iommufd/native/command';
import { Command } from 'commander';
import { loadNative, mainOf, type NativeIo, OWN_FAILURE, parsed } from './native.js';

const EXAMPLES = `
It checks the kernel, /dev/iommu, the ioctls that the kernel supports, IOMMUs, VFIO devices and limits, and reports what is missing. It
changes nothing. The exit status is 1 if a requirement of iommufd is missing.`;

/** The command line. @param action receives the parsed options */
export function doctorParser(action: (options: DoctorOptions) => void): Command {
  return new Command('iommufd doctor')
    .description(
      'Reports what this machine has for iommufd, what is missing, also for nested translation, and how to get it.',
    )
    .option('--ask-devices', 'query IOMMU_GET_HW_INFO: opens devices that no program uses, which resets them')
    .option('--json', 'print JSON')
    .option('--root <directory>', 'the directory of /dev, /sys and /proc, such as the root of a container')
    .addHelpText('after', EXAMPLES)
    .action((options: DoctorOptions) => action(options));
}

/** @param argv the arguments after `doctor` */
export async function doctor(argv: readonly string[], io: NativeIo): Promise<CommandEnd> {
  const command = parsed<DoctorOptions>(argv, io, doctorParser);
  if ('end' in command) return command.end;
  const native = await loadNative('doctor', io);
  return native === undefined ? { status: OWN_FAILURE } : native.doctorCommand(command.options, io);
}

export const doctorMain = mainOf(doctor);
