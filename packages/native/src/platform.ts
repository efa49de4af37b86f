import { readFileSync } from 'node:fs';
import { bindLibc, type Libc } from './linux/libc.js';
import { type Machine, machines } from './linux/system-calls.js';

/** Thrown if this machine does not support what was asked for. The message names the reason. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}

/** The machine that this process runs on. */
export interface Platform {
  readonly machine: Machine;
  readonly libc: Libc;
  /** The end of user space: one beyond the last address that a program can use. */
  readonly taskSize: number;
}

let known: Platform | undefined;

/** Examines the machine at the first call. @throws UnsupportedError if it cannot run programs on the fake kernel */
export function platform(): Platform {
  return (known ??= find());
}

function find(): Platform {
  if (process.platform !== 'linux')
    throw new UnsupportedError(
      `native programs run on the fake kernel on Linux only, and this is ${process.platform}`,
    );
  const machine = machines[process.arch];
  if (machine === undefined)
    throw new UnsupportedError(
      `native programs run on the fake kernel on x86-64 and arm64 only, and this is ${process.arch}`,
    );
  const libc = bindLibc(machine);
  const pageSize = libc.sysconf(SC_PAGESIZE);
  if (pageSize !== 4096)
    throw new UnsupportedError(
      `native programs run on the fake kernel with pages of 4096 bytes only, and here they have ${pageSize}`,
    );
  return { machine, libc, taskSize: taskSize() };
}

/** `_SC_PAGESIZE` of `unistd.h`, in glibc and musl. */
const SC_PAGESIZE = 30;

/** `TASK_SIZE_MAX`: on x86-64 page tables of five levels make it larger. */
function taskSize(): number {
  if (process.arch === 'arm64') return 2 ** 48;
  const hasFiveLevels = /^flags\s*:.*\bla57\b/m.test(readFileSync('/proc/cpuinfo', 'latin1'));
  return (hasFiveLevels ? 2 ** 56 : 2 ** 47) - 4096;
}
