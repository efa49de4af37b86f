import { errno, type Syscalls } from '@iommufd/uapi';
import { turn } from '../promises.js';
import { Random } from '../random.js';
import { type SyscallName, wrapSyscalls } from './wrap.js';

/** Calls that a signal can interrupt, or that may have to be made again. */
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
 * System calls that fail with EINTR and EAGAIN in between, and whose `wait()` returns late, when what it saw may be gone. No
 * call is half done, and no read is split that Linux would not split.
 * @param seed of what fails when
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
