/**
 * What a program holds for a file of the fake kernel: a file of the host's kernel that behaves alike where the fake kernel is
 * not asked. Copies of it, forks, close-on-exec, sending it to another process, epoll: all that is the host's own.
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

/** Regions of a device are at multiples of 2^40 (`VFIO_PCI_OFFSET_SHIFT`), and there are nine of them. */
const DEVICE_SIZE = 1n << 44n;

/** The file of the host that stands for one of the fake kernel's. */
export abstract class StandIn {
  constructor(
    protected readonly libc: Libc,
    readonly file: File,
    /** Another opening of what the programs have. */
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

  /** How a program has it open. */
  protected abstract readonly flags: number;

  /** Makes what `poll()` says of it true. */
  abstract refresh(): void;

  /** Does what was written to it by numbers at which writes are not seen; undefined if there can be nothing. */
  drain?(): void;

  /** No program has it any more. */
  close(): void {
    this.libc.close(this.fd);
  }
}

/**
 * A device: memory without contents. It is always ready, and epoll refuses it, as it does a device without `poll`. What the
 * fake kernel shows to mappings of its file is in this memory.
 */
export class DeviceStandIn extends StandIn {
  /** As the program asked for: `ACC_MODE()` the other way round. */
  protected override get flags(): number {
    const { read, write } = this.file.mode;
    return ((read ? 1 : 0) + (write ? 2 : 0) - 1) & O_ACCMODE;
  }

  constructor(libc: Libc, file: File) {
    const fd = must('memfd_create()', libc.memfdCreate('iommufd', MFD_CLOEXEC | MFD_ALLOW_SEALING));
    must('ftruncate()', libc.ftruncate(fd, DEVICE_SIZE));
    // A program that made it shorter would take pages from this process: SIGBUS.
    must('fcntl()', libc.fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW));
    super(libc, file, fd);
    file.mappable = { seesAccesses: false, pages: (offset, count) => this.pages(offset, count) };
  }

  private pages(offset: bigint, count: number): LocalMemory {
    const bytes = viewOf(this.libc, this.fd, offset, count * PAGE_SIZE);
    // Another region may have been there before.
    bytes.fill(0);
    return new HostMemory(bytes);
  }

  override refresh(): void {
    // It is always ready.
  }
}

/** Bytes in a pipe from which on it is emptied before the next: far less than it holds, so that it can always be written. */
const MANY = 4096;

/**
 * A queue of events: a pipe, which can be read while there are events. What the bytes are does not matter: `read()` is answered by
 * the fake kernel. Each event adds one, so that an edge-triggered epoll wakes for each.
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
    // A queue that takes answers can always be written; one that does not never can.
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
 * A file of sysfs that is written to: the end of a pipe. A write by a number that is watched is answered; one by another, as a shell
 * makes it to its standard output, arrives here.
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
    // It can always be written.
  }

  /** Each write is a packet of its own: what two of them say is not one text. */
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

/** A stand-in for a file. */
export function standInFor(libc: Libc, file: File): StandIn {
  if (file instanceof AttributeFile) return new CommandStandIn(libc, file);
  // A file that is read as a stream has something or not; all others are always ready.
  const isQueue = file.canRead && !file.hasPositions;
  return isQueue ? new QueueStandIn(libc, file) : new DeviceStandIn(libc, file);
}
