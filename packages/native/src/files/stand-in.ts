/**
 * Stand-ins: the files of the host's kernel that a program holds in place of files of the fake kernel. The host's kernel implements
 * everything that is not answered by the fake kernel: duplicates, fork, close-on-exec, messages to other processes, epoll.
 */

import { type File, HostMemory, type LocalMemory, PAGE_SIZE } from '@iommufd/fakekernel/task';
import { POLLIN } from '@iommufd/uapi';
import {
  F_ADD_SEALS,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SETFL,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
  O_ACCMODE,
  O_CLOEXEC,
  O_DIRECT,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
} from '../linux/constants.js';
import { type Libc, must, viewOf } from '../linux/libc.js';
import { watch, type Watch } from '../linux/watch.js';
import { AttributeFile } from './attribute-file.js';

/** Size of a device's file in bytes. A device has nine regions, at multiples of 2^40 (`VFIO_PCI_OFFSET_SHIFT`). */
const DEVICE_SIZE = 1n << 44n;

/** The file of the host's kernel for a file of the fake kernel. */
export abstract class StandIn {
  constructor(
    protected readonly libc: Libc,
    readonly file: File,
    /** This process's own descriptor of it. */
    readonly fd: number,
  ) {}

  /**
   * Opens it for a program.
   * @param status flags that F_GETFL and F_SETFL know: `O_NONBLOCK`
   * @returns a descriptor of this process, for the caller to close
   */
  open(status: number): number {
    const flags = this.flags | status | O_CLOEXEC;
    return must('opening a stand-in', this.libc.open(`/proc/self/fd/${this.fd}`, flags, 0));
  }

  /** The access mode with which a program has it open. */
  protected abstract readonly flags: number;

  /** Updates the readiness that `poll()` returns. */
  abstract refresh(): void;

  /** Executes writes through descriptors that are not watched; undefined if such writes are not possible. */
  drain?(): void;

  /** Called when no program has it open any more. */
  close(): void {
    this.libc.close(this.fd);
  }
}

/**
 * The stand-in of a device: an empty memory file. It is always ready, and epoll fails with EPERM, as for a device without `poll`. The
 * pages of the fake kernel that programs can map are in this file.
 */
export class DeviceStandIn extends StandIn {
  /** The access mode of the program's open(): the inverse of `ACC_MODE()`. */
  protected override get flags(): number {
    const { read, write } = this.file.mode;
    return ((read ? 1 : 0) + (write ? 2 : 0) - 1) & O_ACCMODE;
  }

  constructor(libc: Libc, file: File) {
    const fd = must('memfd_create()', libc.memfdCreate('iommufd', MFD_CLOEXEC | MFD_ALLOW_SEALING));
    must('ftruncate()', libc.ftruncate(fd, DEVICE_SIZE));
    // Without the seals, a program could shorten it, and this process would get SIGBUS.
    must('fcntl()', libc.fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW));
    super(libc, file, fd);
    file.mappable = { seesAccesses: false, pages: (offset, count) => this.pages(offset, count) };
  }

  private pages(offset: bigint, count: number): LocalMemory {
    const bytes = viewOf(this.libc, this.fd, offset, count * PAGE_SIZE);
    // The pages may contain an earlier region.
    bytes.fill(0);
    return new HostMemory(bytes);
  }

  override refresh(): void {
    // It is always ready.
  }
}

/** The bytes at which a pipe is emptied before the next write. It is far less than the pipe's size, so that a write never blocks. */
const MANY = 4096;

/**
 * The stand-in of a queue: a pipe, which is readable while the queue has events. The bytes have no meaning, because the fake kernel
 * answers `read()`. Each event adds one byte, so that an edge-triggered epoll wakes for each.
 */
export class QueueStandIn extends StandIn {
  protected override readonly flags: number;
  private readonly writeEnd: number;
  private readonly buffer = Buffer.alloc(MANY + 1);
  private count = 0;
  private readonly leave: () => void;

  constructor(libc: Libc, file: File) {
    const ends = Buffer.alloc(8);
    must('pipe2()', libc.pipe2(ends, O_CLOEXEC | O_NONBLOCK));
    super(libc, file, ends.readInt32LE(0));
    this.writeEnd = ends.readInt32LE(4);
    // A queue that takes responses is always writable, others never.
    this.flags = file.canWrite ? O_RDWR : O_RDONLY;
    this.leave = file.waiters.add(() => this.woken());
    this.refresh();
  }

  private get isReadable(): boolean {
    return (this.file.poll() & POLLIN) !== 0;
  }

  private woken(): void {
    if (!this.isReadable) this.empty();
    else {
      if (this.count === MANY) this.empty();
      this.libc.write(this.writeEnd, this.buffer, 1);
      this.count++;
    }
  }

  override refresh(): void {
    if (this.isReadable !== this.count > 0) this.woken();
  }

  private empty(): void {
    if (this.count > 0) this.libc.read(this.fd, this.buffer, this.buffer.length);
    this.count = 0;
  }

  override close(): void {
    this.leave();
    this.libc.close(this.writeEnd);
    super.close();
  }
}

/**
 * The stand-in of a file of sysfs that is open for writing: the write end of a pipe. Writes through watched descriptors are answered.
 * Writes through others, such as a shell's to its standard output, arrive here.
 */
class CommandStandIn extends StandIn {
  protected override readonly flags: number;
  private readonly readEnd: number;
  private readonly buffer = Buffer.alloc(MANY);
  private readonly handle: Watch;

  constructor(
    libc: Libc,
    private readonly attribute: AttributeFile,
  ) {
    const ends = Buffer.alloc(8);
    must('pipe2()', libc.pipe2(ends, O_CLOEXEC | O_NONBLOCK));
    super(libc, attribute, ends.readInt32LE(4));
    this.flags = attribute.canRead ? O_RDWR : O_WRONLY;
    this.readEnd = ends.readInt32LE(0);
    this.handle = watch(this.readEnd, { readable: true }, () => this.drain());
    this.handle.unref();
  }

  override refresh(): void {
    // It is always writable.
  }

  /** With O_DIRECT each write is a packet, so that two writes are not joined to one text. */
  override open(status: number): number {
    const fd = super.open(status);
    must('fcntl()', this.libc.fcntl(fd, F_SETFL, status | O_DIRECT));
    return fd;
  }

  override drain(): void {
    for (;;) {
      const length = this.libc.read(this.readEnd, this.buffer, MANY);
      if (length <= 0) return;
      this.attribute.written(this.buffer.subarray(0, length));
    }
  }

  override close(): void {
    this.drain();
    this.handle.close();
    this.libc.close(this.readEnd);
    super.close();
  }
}

/** Creates the stand-in for a file. */
export function standInFor(libc: Libc, file: File): StandIn {
  if (file instanceof AttributeFile) return new CommandStandIn(libc, file);
  // A file that is read as a stream is readable or not. All others are always ready.
  const isQueue = file.canRead && !file.hasPositions;
  return isQueue ? new QueueStandIn(libc, file) : new DeviceStandIn(libc, file);
}
