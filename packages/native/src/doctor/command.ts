/** `iommufd doctor`: what the command does. */

import { platform, UnsupportedError } from '../platform.js';
import { makeKernel } from '@iommufd/tape';
import { machines } from '../linux/system-calls.js';
import { bindLibc } from '../linux/libc.js';
import { missingOf } from './advice.js';
import { examine } from './examine.js';
import { type FakeReport, reportLines } from './print.js';

/** What the command line says. */
export interface DoctorOptions {
  readonly json?: boolean | undefined;
  readonly askDevices?: boolean | undefined;
  /** Where `/dev`, `/sys` and `/proc` are: another directory in tests. */
  readonly root?: string | undefined;
}

/** Exit status if something is missing without which iommufd cannot be used. */
const MISSING = 1;
const OWN_FAILURE = 125;

/** What `iommufd run` gives here. */
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

/** Looks at the machine. @returns the exit status */
export function doctorCommand(
  { json = false, askDevices = false, root = '/' }: DoctorOptions,
  io: { write(text: string): void; complain(line: string): void },
): { readonly status: number } {
  const machine = machines[process.arch];
  if (machine === undefined) {
    io.complain(`iommufd: doctor: this is for x86-64 and arm64, and here is ${process.arch}`);
    return { status: OWN_FAILURE };
  }
  const report = examine(bindLibc(machine), { root, askDevices });
  const missing = missingOf(report);
  const fake = fakeOf();
  if (json) io.write(`${JSON.stringify({ ...report, missing, run: fake })}\n`);
  else for (const line of reportLines(report, missing, fake, askDevices)) io.write(`${line}\n`);
  return { status: missing.some((each) => each.for === 'iommufd') ? MISSING : 0 };
}
