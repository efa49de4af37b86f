import { errno, type PollFd, type Syscalls } from '@iommufd/uapi';

/** Numbers from 0 to below 1, always the same ones for a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

declare function setImmediate(callback: () => void): unknown;

/** Lets everything run that waits to. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Does a promise stay open, whatever may run? */
export const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let i = 0; i < 20; i++) await turn();
  return !settled;
};

/**
 * System calls on a bad day: signals come in between, calls ask to be made again, and `poll()` returns late, when what
 * it saw may be gone. No call is half done, and no read is split that Linux would not split.
 */
export function interruptedSyscalls(sys: Syscalls, seed: number): Syscalls {
  const next = random(seed);
  const interrupted = (call: () => number): number => {
    const chance = next();
    if (chance < 0.2) return -errno.EINTR;
    return chance < 0.4 ? -errno.EAGAIN : call();
  };
  const late = async (): Promise<void> => {
    while (next() < 0.5) await turn();
  };
  return {
    open: (path) => interrupted(() => sys.open(path)),
    close: (fd) => sys.close(fd),
    dup: (fd) => sys.dup(fd),
    ioctl: (fd, request, arg) => interrupted(() => sys.ioctl(fd, request, arg)),
    read: (fd, address, length) => interrupted(() => sys.read(fd, address, length)),
    write: (fd, address, length) => interrupted(() => sys.write(fd, address, length)),
    poll: (fds) => interrupted(() => sys.poll(fds)),
    wait: async (fds: readonly PollFd[], options) => {
      await late();
      if (next() < 0.2) return -errno.EINTR;
      const ready = await sys.wait(fds, options);
      await late();
      return ready;
    },
    mmap: (address, length, prot, flags, fd, offset) => sys.mmap(address, length, prot, flags, fd, offset),
    munmap: (address, length) => sys.munmap(address, length),
    memfd: (size) => interrupted(() => sys.memfd(size)),
    memory: (address, length) => sys.memory(address, length),
  };
}
