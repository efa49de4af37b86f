import type { Syscalls } from '@iommufd/uapi';
import type { Kind } from './kinds.js';
import { type Where, wrong } from './where.js';

const NAMES: readonly (keyof Syscalls)[] = [
  'open',
  'close',
  'dup',
  'ioctl',
  'read',
  'write',
  'pread',
  'pwrite',
  'poll',
  'wait',
  'mmap',
  'munmap',
  'memfd',
  'eventfd',
  'memory',
];

const hasMethod = (value: object, name: string): boolean => typeof Reflect.get(value, name) === 'function';

function refused(where: Where, value: unknown): Error {
  const expected = 'the system calls of a process';
  if (typeof value !== 'object' || value === null) {
    const advice =
      typeof value === 'string' ? 'They are the first argument; a path is an option: { path }.' : undefined;
    return wrong(where, { expected, value, advice });
  }
  if (hasMethod(value, 'spawn')) {
    const advice = 'A program runs in a process of a kernel: write Iommufd.open(kernel.spawn()).';
    return wrong(where, { expected, value, advice });
  }
  const missing = NAMES.filter((name) => !hasMethod(value, name)).join(', ');
  return wrong(where, { expected, value, advice: `It has no method ${missing}.` });
}

/** The system calls of a process: all methods of `Syscalls`. */
export const syscalls: Kind<Syscalls> = {
  expected: 'the system calls of a process',
  at: (where) => (value) => {
    const isComplete =
      typeof value === 'object' && value !== null && NAMES.every((name) => hasMethod(value, name));
    if (!isComplete) throw refused(where, value);
  },
};
