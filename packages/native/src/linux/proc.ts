/** Reads facts about processes from `/proc`: `proc_pid_stat(5)`, `proc_pid_status(5)`. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The fields of `/proc/PID/stat` from the third on; undefined if the process does not exist. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name of the program in parentheses. It may contain any character.
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** The start time of a process, in clock ticks since boot; undefined if the process does not exist. */
export function startTime(pid: number): string | undefined {
  return statFields(pid)?.[19];
}

/** `PF_EXITING` of `include/linux/sched.h`. It is set before the files of the process are closed. */
const PF_EXITING = 4;

/** True if a process is exiting or is a zombie, or does not exist. */
export function isExiting(pid: number): boolean {
  const flags = statFields(pid)?.[6];
  return flags === undefined || (Number(flags) & PF_EXITING) !== 0;
}

/** The parent of a process; undefined if it has ended. */
export function parentOf(pid: number): number | undefined {
  const parent = statFields(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** The process of a thread; undefined if it has ended. */
export function processOf(tid: number): number | undefined {
  try {
    const [, tgid] = /^Tgid:\s*(\d+)$/m.exec(readFileSync(`/proc/${tid}/status`, 'latin1')) ?? [];
    return tgid === undefined ? undefined : Number(tgid);
  } catch {
    return undefined;
  }
}

/** The state of an eventfd of the machine, as `eventfd_show_fdinfo()` prints it. */
export interface EventfdFacts {
  /** Identifies it among all eventfds that are open now. */
  readonly key: string;
  /** 0 to 2^64-1. */
  readonly count: bigint;
  /** True if it has EFD_SEMAPHORE. False on kernels that do not print this. */
  readonly isSemaphore: boolean;
}

/** Reads the eventfd at a file descriptor of a process; undefined if the descriptor is not an eventfd, and before Linux 5.2. */
export function eventfdOf(pid: number | 'self', fd: number): EventfdFacts | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1');
  } catch {
    return undefined;
  }
  const key = /^eventfd-id:\s*\d+$/m.exec(text)?.[0];
  if (key === undefined) return undefined;
  const count = /^eventfd-count:\s*([\da-f]+)$/m.exec(text)?.[1] ?? '0';
  return { key, count: BigInt(`0x${count}`), isSemaphore: /^eventfd-semaphore:\s*1$/m.test(text) };
}

/** Reads a number from `/proc/PID/status`; undefined if the process has ended. */
function statusNumber(pid: number, pattern: RegExp): number | undefined {
  try {
    const [, number] = pattern.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return number === undefined ? undefined : Number(number);
  } catch {
    return undefined;
  }
}

/** The real user ID of a process; undefined if it has ended. */
export function userOf(pid: number): number | undefined {
  return statusNumber(pid, /^Uid:\s*(\d+)/m);
}

/** What a thread is checked by when it accesses a file. */
export interface FileUser {
  /** The user ID for file systems. */
  readonly fsuid: number;
  /** The effective capabilities, a bit for each. */
  readonly capabilities: bigint;
}

/** What a thread is checked by when it accesses a file; undefined if it has ended. */
export function fileUserOf(tid: number): FileUser | undefined {
  try {
    const text = readFileSync(`/proc/${tid}/status`, 'latin1');
    const [, fsuid] = /^Uid:(?:\s*\d+){3}\s*(\d+)$/m.exec(text) ?? [];
    const [, effective] = /^CapEff:\s*([\da-f]+)$/m.exec(text) ?? [];
    if (fsuid === undefined || effective === undefined) return undefined;
    return { fsuid: Number(fsuid), capabilities: BigInt(`0x${effective}`) };
  } catch {
    return undefined;
  }
}

/** KiB of memory that a process has locked, for example by `mlock()`; undefined if it has ended. */
export function lockedOf(pid: number): number | undefined {
  return statusNumber(pid, /^VmLck:\s*(\d+)/m);
}

/** The path of the program that a process runs; undefined if it has ended, or access is denied. */
export function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/** The open file descriptors of a process or a thread; undefined if it has ended, or access is denied. */
export function descriptorsOf(id: number): readonly number[] | undefined {
  try {
    return readdirSync(`/proc/${id}/fd`).map(Number);
  } catch {
    return undefined;
  }
}

/** The numbers of all processes. */
export const processes = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** The target of the link `/proc/PID/fd/FD`; undefined if the descriptor is not open, or access is denied. */
export function linkOfDescriptor(pid: number, fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return undefined;
  }
}

/** True if a socket holds files that were sent to it and not received yet (`scm_fds`, from Linux 5.7 on). */
export function hasFilesInFlight(pid: number, fd: number): boolean {
  try {
    return /^scm_fds:\s*[1-9]/m.test(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'));
  } catch {
    return false;
  }
}
