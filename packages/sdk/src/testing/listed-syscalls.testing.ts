import type { Syscalls } from '@iommufd/uapi';
import { ioctlsByRequest } from '@iommufd/uapi/registry';

/** System calls that are written down by name: `open`, `IOMMU_IOAS_MAP`, `read`. */
export function listedSyscalls(sys: Syscalls, calls: string[]): Syscalls {
  const noted = <T>(name: string, call: () => T): T => {
    calls.push(name);
    return call();
  };
  const nameOf = (request: number): string => ioctlsByRequest(request)[0]?.name ?? String(request);
  return {
    open: (path) => noted('open', () => sys.open(path)),
    close: (fd) => noted('close', () => sys.close(fd)),
    dup: (fd) => noted('dup', () => sys.dup(fd)),
    ioctl: (fd, request, arg) => noted(nameOf(request), () => sys.ioctl(fd, request, arg)),
    read: (fd, address, length) => noted('read', () => sys.read(fd, address, length)),
    write: (fd, address, length) => noted('write', () => sys.write(fd, address, length)),
    poll: (fds) => noted('poll', () => sys.poll(fds)),
    wait: (fds, options) => noted('wait', () => sys.wait(fds, options)),
    mmap: (address, length, prot, flags, fd, offset) =>
      noted('mmap', () => sys.mmap(address, length, prot, flags, fd, offset)),
    munmap: (address, length) => noted('munmap', () => sys.munmap(address, length)),
    memfd: (size) => noted('memfd', () => sys.memfd(size)),
    // No system call: the memory is the program's own.
    memory: (address, length) => sys.memory(address, length),
  };
}
