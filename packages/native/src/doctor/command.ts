/** The implementation of `iommufd doctor`. */

import { type CommandEnd, type CommandIo, OWN_FAILURE } from '../command-io.js';
import { platform, UnsupportedError } from '../platform.js';
import { makeKernel } from '@iommufd/tape';
import { machines } from '../linux/system-calls.js';
import { bindLibc } from '../linux/libc.js';
import { missingOf } from './advice.js';
import { examine } from './examine.js';
import { type FakeReport, reportLines } from './print.js';

/** The options of the command line. */
export interface DoctorOptions {
  readonly json?: boolean | undefined;
  readonly askDevices?: boolean | undefined;
  /** The directory that contains `/dev`, `/sys` and `/proc`. Tests replace it. */
  readonly root?: string | undefined;
}

/** The command's output. Tests replace it. */
export interface DoctorIo extends Pick<CommandIo, 'complain'> {
  /** Prints to standard output. */
  write(text: string): void;
}

/** Exit status if iommufd cannot be used. */
const MISSING = 1;

/** Examines whether `iommufd run` works here. */
function fakeOf(): FakeReport {
  const version = makeKernel({}).version.name;
  try {
    platform();
    return { version };
  } catch (error) {
    if (error instanceof UnsupportedError) return { version, refused: error.message };
    throw error;
  }
}

/** Examines the machine and prints a report. @returns the exit status */
export function doctorCommand(
  { json = false, askDevices = false, root = '/' }: DoctorOptions,
  io: DoctorIo,
): CommandEnd {
  const machine = machines[process.arch];
  if (machine === undefined) {
    io.complain(`iommufd: doctor: x86-64 and arm64 are supported, and this is ${process.arch}`);
    return { status: OWN_FAILURE };
  }
  const report = examine(bindLibc(machine), { root, askDevices });
  const missing = missingOf(report);
  const fake = fakeOf();
  if (json) io.write(`${JSON.stringify({ ...report, missing, run: fake })}\n`);
  else for (const line of reportLines(report, missing, fake, askDevices)) io.write(`${line}\n`);
  return { status: missing.some((each) => each.for === 'iommufd') ? MISSING : 0 };
}
