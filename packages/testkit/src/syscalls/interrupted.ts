import { errno, type Syscalls } from '@iommufd/uapi';
import { turn } from '../promises.js';
import { Random } from '../random.js';
import { type SyscallName, wrapSyscalls } from './wrap.js';

/** Calls that may fail with EINTR or EAGAIN. */
const INTERRUPTED: readonly SyscallName[] = [
  'open',
  'ioctl',
  'read',
  'write',
  'pread',
  'pwrite',
  'poll',
  'memfd',
  'eventfd',
];

/**
 * Wraps system calls so that they fail with EINTR and EAGAIN at random, and `wait()` returns late, when the file may no longer be
 * ready. A failed call has no effect, and reads are not split.
 * @param seed the seed of the random failures
 */
export function interruptedSyscalls(sys: Syscalls, seed: number): Syscalls {
  const random = new Random(seed);
  const late = async (): Promise<void> => {
    while (random.fraction() < 0.5) await turn();
  };
  return {
    ...wrapSyscalls(sys, (name) => {
      if (!INTERRUPTED.includes(name)) return undefined;
      const chance = random.fraction();
      if (chance < 0.2) return errno.EINTR;
      return chance < 0.4 ? errno.EAGAIN : undefined;
    }),
    wait: async (fds, options) => {
      await late();
      if (random.fraction() < 0.2) return -errno.EINTR;
      const ready = await sys.wait(fds, options);
      await late();
      return ready;
    },
  };
}
