import { readFileSync } from 'node:fs';
import { RLIMIT_MEMLOCK, RLIMIT_NOFILE } from './constants.js';
import type { Libc } from './libc.js';

/** The names of the limits in `/proc/PID/limits`. */
const NAMES = { [RLIMIT_NOFILE]: 'Max open files', [RLIMIT_MEMLOCK]: 'Max locked memory' } as const;

/** Returns the soft limit of a process; undefined if it has ended. */
export function limitOf(libc: Libc, pid: number, resource: keyof typeof NAMES): number | undefined {
  const limit = Buffer.alloc(16);
  if (libc.prlimit(pid, resource, null, limit) === 0) return Number(limit.readBigUInt64LE(0));
  // prlimit() on another user's process requires CAP_SYS_RESOURCE.
  try {
    const text = readFileSync(`/proc/${pid}/limits`, 'latin1');
    const [, soft] = new RegExp(`^${NAMES[resource]} +(\\S+)`, 'm').exec(text) ?? [];
    return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft ?? 0);
  } catch {
    return undefined;
  }
}
