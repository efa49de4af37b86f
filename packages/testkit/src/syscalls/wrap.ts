import type { Syscalls } from '@iommufd/uapi';

/** A system call. `memory`, `load` and `store` are not system calls: they access the program's own memory. */
export type SyscallName = Exclude<keyof Syscalls, 'memory' | 'load' | 'store'>;

/**
 * Called before each system call, with its arguments.
 * @returns a positive errno to fail the call without making it; undefined to make it
 */
export type Before = (name: SyscallName, args: readonly unknown[]) => number | undefined;

/**
 * Wraps system calls as plain functions. `before` can observe each call, or make it fail. Single calls can be replaced:
 * `{ ...wrapSyscalls(sys), read: ... }`.
 */
export function wrapSyscalls(sys: Syscalls, before: Before = () => undefined): Syscalls {
  const wrapped =
    <A extends readonly unknown[], T>(
      name: SyscallName,
      call: (...args: A) => T,
      failed: (ret: number) => T,
    ) =>
    (...args: A): T => {
      const errno = before(name, args);
      return errno === undefined ? call(...args) : failed(-errno);
    };
  const same = (ret: number): number => ret;
  return {
    open: wrapped('open', (...args) => sys.open(...args), same),
    close: wrapped('close', (...args) => sys.close(...args), same),
    dup: wrapped('dup', (...args) => sys.dup(...args), same),
    ioctl: wrapped('ioctl', (...args) => sys.ioctl(...args), same),
    read: wrapped('read', (...args) => sys.read(...args), same),
    write: wrapped('write', (...args) => sys.write(...args), same),
    pread: wrapped('pread', (...args) => sys.pread(...args), same),
    pwrite: wrapped('pwrite', (...args) => sys.pwrite(...args), same),
    poll: wrapped('poll', (...args) => sys.poll(...args), same),
    wait: wrapped(
      'wait',
      (...args) => sys.wait(...args),
      (ret) => Promise.resolve(ret),
    ),
    mmap: wrapped('mmap', (...args) => sys.mmap(...args), BigInt),
    munmap: wrapped('munmap', (...args) => sys.munmap(...args), same),
    memfd: wrapped('memfd', (...args) => sys.memfd(...args), same),
    eventfd: wrapped('eventfd', (...args) => sys.eventfd(...args), same),
    memory: (address, length) => sys.memory(address, length),
    // Only if the backend has them.
    ...(sys.load && { load: sys.load.bind(sys) }),
    ...(sys.store && { store: sys.store.bind(sys) }),
  };
}
