import { readFileSync } from 'node:fs';
import { PAGE_SIZE } from '@iommufd/fakekernel/task';
import { errno as errnos, MAP_ANONYMOUS, MAP_FIXED_NOREPLACE, MAP_PRIVATE } from '@iommufd/uapi';
import { bindLibc, errno, type Libc } from './linux/libc.js';
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
  return { machine, libc, taskSize: taskSize(libc) };
}

/** `_SC_PAGESIZE` of `unistd.h`, in glibc and musl. */
const SC_PAGESIZE = 30;

/** `TASK_SIZE`. It depends on the page tables: on x86-64 they have four or five levels. */
function taskSize(libc: Libc): number {
  if (process.arch === 'arm64')
    return 2 ** (ARM64_ADDRESS_BITS.find((bits) => isUserPage(libc, 2 ** bits - PAGE_SIZE)) ?? 48);
  const hasFiveLevels = /^flags\s*:.*\bla57\b/m.test(readFileSync('/proc/cpuinfo', 'latin1'));
  return (hasFiveLevels ? 2 ** 56 : 2 ** 47) - 4096;
}

/**
 * CONFIG_ARM64_VA_BITS with pages of 4096 bytes. A kernel that is built for 52 bits uses 48 if the processor has no more
 * (`vabits_actual`), and no file of the kernel tells which.
 */
const ARM64_ADDRESS_BITS = [52, 48, 39] as const;

/** True if user space has this page: `__get_unmapped_area()` fails with ENOMEM at an address beyond TASK_SIZE. */
function isUserPage(libc: Libc, address: number): boolean {
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  const place = BigInt(libc.mmap(address, PAGE_SIZE, PROT_NONE, flags, -1, 0n));
  if (place === -1n) return errno() === errnos.EEXIST;
  libc.munmap(place, PAGE_SIZE);
  return place === BigInt(address);
}

const PROT_NONE = 0;
