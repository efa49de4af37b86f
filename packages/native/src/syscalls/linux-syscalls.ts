/**
 * The system calls of Linux for programs that use {@link Syscalls}. With the SDK, `Iommufd.open(new LinuxSyscalls())` opens the
 * machine's own `/dev/iommu`. Each call is one call of libc and returns the kernel's result, including EINTR.
 */

import type { PollFd, PollOptions, Syscalls } from '@iommufd/uapi';
import { MFD_CLOEXEC, O_CLOEXEC, O_RDWR } from '../linux/constants.js';
import { UnsupportedError } from '../platform.js';
import { returned, type SyscallFunctions, syscallFunctions } from './bind.js';
import { MappedMemory } from './mapped-memory.js';
import { Waits } from './waits.js';

/** Layout of `struct pollfd`. */
const POLLFD = { size: 8, fd: 0, events: 4, revents: 6 } as const;
/** The number of files for which `poll()` needs no larger buffer. */
const USUAL_FILES = 16;

/**
 * The system calls of the machine that this process runs on: `Iommufd.open(new LinuxSyscalls())` opens its `/dev/iommu`.
 * {@link Syscalls} describes the calls. A call that fails returns a negative errno.
 */
export class LinuxSyscalls implements Syscalls {
  private readonly libc: SyscallFunctions;
  private readonly mappings: MappedMemory;
  private readonly waits: Waits;
  private polled = Buffer.alloc(USUAL_FILES * POLLFD.size);

  /** @throws UnsupportedError if this is not Linux on x64 or arm64 */
  constructor() {
    if (process.platform !== 'linux')
      throw new UnsupportedError(`LinuxSyscalls requires Linux, and this is ${process.platform}`);
    if (process.arch !== 'x64' && process.arch !== 'arm64')
      throw new UnsupportedError(`LinuxSyscalls requires x64 or arm64, and this is ${process.arch}`);
    this.libc = syscallFunctions();
    this.mappings = new MappedMemory(this.libc);
    this.waits = new Waits(this.libc, (fds) => this.poll(fds));
  }

  open(path: string): number {
    return returned(this.libc.open(path, O_RDWR | O_CLOEXEC));
  }

  close(fd: number): number {
    const tell = this.waits.closing(fd);
    const result = returned(this.libc.close(fd));
    tell();
    return result;
  }

  dup(fd: number): number {
    return returned(this.libc.dup(fd));
  }

  ioctl(fd: number, request: number, argument: bigint): number {
    return returned(this.libc.ioctl(fd, request, BigInt.asUintN(64, argument)));
  }

  read(fd: number, address: bigint, length: number): number {
    return returned(this.libc.read(fd, BigInt.asUintN(64, address), length));
  }

  write(fd: number, address: bigint, length: number): number {
    return returned(this.libc.write(fd, BigInt.asUintN(64, address), length));
  }

  pread(fd: number, address: bigint, length: number, position: bigint): number {
    return returned(this.libc.pread(fd, BigInt.asUintN(64, address), length, BigInt.asIntN(64, position)));
  }

  pwrite(fd: number, address: bigint, length: number, position: bigint): number {
    return returned(this.libc.pwrite(fd, BigInt.asUintN(64, address), length, BigInt.asIntN(64, position)));
  }

  poll(fds: readonly PollFd[]): number {
    const size = fds.length * POLLFD.size;
    if (this.polled.length < size) this.polled = Buffer.alloc(size);
    const { polled } = this;
    for (const [i, { fd, events }] of fds.entries()) {
      polled.writeInt32LE(fd, i * POLLFD.size + POLLFD.fd);
      polled.writeUInt16LE(events & 0xffff, i * POLLFD.size + POLLFD.events);
      polled.writeUInt16LE(0, i * POLLFD.size + POLLFD.revents);
    }
    const ready = returned(this.libc.poll(polled, fds.length, 0));
    for (const [i, entry] of fds.entries())
      entry.revents = polled.readUInt16LE(i * POLLFD.size + POLLFD.revents);
    return ready;
  }

  /**
   * As {@link Syscalls.wait}. It waits in the event loop and blocks nothing else. Files that `epoll` does not support are either
   * ready at once, or never.
   */
  wait(fds: readonly PollFd[], options?: PollOptions): Promise<number> {
    return this.waits.wait(fds, options);
  }

  mmap(address: bigint, length: number, prot: number, flags: number, fd: number, offset: bigint): bigint {
    const result = this.libc.mmap(
      BigInt.asUintN(64, address),
      length,
      prot,
      flags,
      fd,
      BigInt.asIntN(64, offset),
    );
    if (Number(result) === -1) return BigInt(returned(result));
    const start = BigInt(result);
    this.mappings.mapped(start, length);
    return start;
  }

  munmap(address: bigint, length: number): number {
    return this.mappings.unmap(address, length);
  }

  eventfd(init: number, flags: number): number {
    return returned(this.libc.eventfd(init, flags));
  }

  memfd(size: number): number {
    const fd = returned(this.libc.memfdCreate('iommufd', MFD_CLOEXEC));
    if (fd < 0) return fd;
    const result = returned(this.libc.ftruncate(fd, size));
    if (result === 0) return fd;
    this.libc.close(fd);
    return result;
  }

  /**
   * As {@link Syscalls.memory}. If the memory is unmapped, its views read zeros from then on, and Linux does not reuse the addresses
   * until the views have been garbage collected.
   * @throws RangeError if the range is not part of one mapping of {@link mmap}, or is longer than 4 GiB
   */
  memory(address: bigint, length: number): Uint8Array {
    return this.mappings.view(address, length);
  }
}
