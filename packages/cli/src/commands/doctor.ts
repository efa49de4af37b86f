/** `iommufd doctor`: the command line. What it does is in `@iommufd/native`. */

import type { CommandEnd, DoctorOptions } from '@iommufd/native/command';
import { Command } from 'commander';
import { loadNative, mainOf, type NativeIo, OWN_FAILURE, parsed } from './native.js';

const EXAMPLES = `
It looks, and changes nothing: kernel, /dev/iommu, which ioctls this kernel knows, IOMMUs, devices of VFIO, limits, and what is missing.
The exit status is 1 if something is missing without which iommufd cannot be used.`;

/** The command line. @param action is given what it says */
export function doctorParser(action: (options: DoctorOptions) => void): Command {
  return new Command('iommufd doctor')
    .description(
      'What this machine has for iommufd, what is missing for nested translation, and how to get it.',
    )
    .option('--ask-devices', 'ask IOMMU_GET_HW_INFO: opens devices that no program uses, which resets them')
    .option('--json', 'print JSON')
    .option('--root <directory>', 'where /dev, /sys and /proc are, as of a container')
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
