import type { Syscalls } from '@iommufd/uapi';

/**
 * System calls with a hook on `read()`. The SDK makes all system calls through this interface, so they can be traced,
 * counted or made to fail without changing the program.
 */
export function watchReads(sys: Syscalls, watch: (bytes: Uint8Array) => void): Syscalls {
  return {
    open: (path) => sys.open(path),
    close: (fd) => sys.close(fd),
    dup: (fd) => sys.dup(fd),
    ioctl: (fd, request, arg) => sys.ioctl(fd, request, arg),
    read: (fd, address, length) => {
      const count = sys.read(fd, address, length);
      if (count > 0) watch(sys.memory(address, count));
      return count;
    },
    write: (fd, address, length) => sys.write(fd, address, length),
    pread: (fd, address, length, position) => sys.pread(fd, address, length, position),
    pwrite: (fd, address, length, position) => sys.pwrite(fd, address, length, position),
    poll: (fds) => sys.poll(fds),
    wait: (fds, options) => sys.wait(fds, options),
    mmap: (address, length, prot, flags, fd, offset) => sys.mmap(address, length, prot, flags, fd, offset),
    munmap: (address, length) => sys.munmap(address, length),
    memfd: (size) => sys.memfd(size),
    eventfd: (init, flags) => sys.eventfd(init, flags),
    memory: (address, length) => sys.memory(address, length),
  };
}
