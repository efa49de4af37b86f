import type { Syscalls } from '@iommufd/uapi';

/** System calls as plain functions, of which some can be replaced: `{ ...boundSyscalls(sys), read: ... }`. */
export function boundSyscalls(sys: Syscalls): Syscalls {
  return {
    open: (path) => sys.open(path),
    close: (fd) => sys.close(fd),
    dup: (fd) => sys.dup(fd),
    ioctl: (fd, request, arg) => sys.ioctl(fd, request, arg),
    read: (fd, address, length) => sys.read(fd, address, length),
    write: (fd, address, length) => sys.write(fd, address, length),
    poll: (fds) => sys.poll(fds),
    wait: (fds, options) => sys.wait(fds, options),
    mmap: (address, length, prot, flags, fd, offset) => sys.mmap(address, length, prot, flags, fd, offset),
    munmap: (address, length) => sys.munmap(address, length),
    memfd: (size) => sys.memfd(size),
    memory: (address, length) => sys.memory(address, length),
  };
}
