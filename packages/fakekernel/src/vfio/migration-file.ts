/**
 * The data of a migration as a file: the state of a device is read from it or written to it. Where drivers differ, this follows
 * mlx5's `drivers/vfio/pci/mlx5/main.c`. The stream consists of parts, each after its length; its contents are opaque to
 * programs.
 */
import { POLLIN, POLLOUT, VFIO_MIG_GET_PRECOPY_INFO, vfio_precopy_info } from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import type { Migratable, Precopy } from '../hardware/pci/migration.js';
import { ByteQueue } from '../lib/byte-queue.js';
import { type AccessMode, AnonymousFile } from '../process/file.js';
import type { Task } from '../process/task.js';

/** Size of the length before a part, in bytes. */
const HEADER = 4;
/** POLLRDNORM and POLLRDHUP. */
const READABLE = POLLIN | 0x40;
const HUNG_UP = 0x2000;

/** A session of a transfer. It ends when the device leaves the states of the transfer. */
export abstract class MigrationFile extends AnonymousFile {
  override readonly link = 'anon_inode:vfio_mig';
  protected isOver = false;

  /** Ends the session. The file stays open, but all operations fail. */
  end(): void {
    this.isOver = true;
    this.waiters.wake();
  }

  protected override release(): void {
    // It holds no other resources.
  }
}

/** The file from which the state of a device is read. */
export class SavingFile extends MigrationFile {
  override readonly mode: AccessMode = { read: true, write: false };
  override readonly canRead = true;
  private readonly queue = new ByteQueue();
  /** Number of bytes of the first part that have not been read. */
  private initialLeft = 0;
  /** The source of more data while the device runs; undefined once it is stopped. */
  private precopy: Precopy | undefined;

  /** @param runs true if the device runs during the transfer: PRE_COPY */
  constructor(
    private readonly device: Migratable,
    runs: boolean,
  ) {
    super();
    if (!runs) this.stopped();
    else if (device.precopy !== undefined) {
      this.precopy = device.precopy;
      this.add(device.precopy.initial());
      this.initialLeft = this.queue.length;
    }
  }

  /** Called when the device enters STOP_COPY: appends the rest of its state, and then the end of the stream. */
  stopped(): void {
    this.addChanges();
    this.precopy = undefined;
    this.add(this.device.save());
    this.waiters.wake();
  }

  private add(part: Uint8Array): void {
    const at = this.queue.write(HEADER + part.length);
    this.queue.view.setUint32(at, part.length, true);
    this.queue.bytes.set(part, at + HEADER);
  }

  private addChanges(): void {
    const changes = this.precopy?.changes();
    if (changes !== undefined && changes.length > 0) this.add(changes);
  }

  /** Reads from the stream. At the end of the data it fails with ENOMSG if more can follow, and returns 0 otherwise. */
  override read({ memorySpace: memory }: Task, address: bigint, length: number): number {
    if (this.isOver) throw fail('ENODEV');
    if (this.queue.length === 0) this.addChanges();
    if (this.queue.length === 0 && this.precopy !== undefined) throw fail('ENOMSG');
    const count = Math.min(length, this.queue.length);
    memory.write(address, this.queue.front(count));
    this.queue.drop(count);
    this.initialLeft = Math.max(0, this.initialLeft - count);
    return count;
  }

  override poll(): number {
    if (this.isOver) return READABLE | HUNG_UP;
    if (this.queue.length === 0) this.addChanges();
    return this.queue.length > 0 || this.precopy === undefined ? READABLE : 0;
  }

  /** VFIO_MIG_GET_PRECOPY_INFO. */
  override ioctl({ memorySpace: memory }: Task, request: number, arg: bigint): number {
    if (request !== VFIO_MIG_GET_PRECOPY_INFO.request) throw fail('ENOTTY');
    const bytes = memory.read(arg, vfio_precopy_info.byteLength);
    const info = view(vfio_precopy_info, bytes);
    if (info.argsz < bytes.length || this.precopy === undefined || this.isOver) throw fail('EINVAL');
    this.addChanges();
    info.flags = 0;
    info.initial_bytes = BigInt(this.initialLeft);
    info.dirty_bytes = BigInt(this.queue.length - this.initialLeft);
    memory.write(arg, bytes);
    return 0;
  }
}

/** The file to which the state of another device is written. */
export class ResumingFile extends MigrationFile {
  override readonly mode: AccessMode = { read: false, write: true };
  override readonly canWrite = true;
  private readonly queue = new ByteQueue();

  override write({ memorySpace: memory }: Task, address: bigint, length: number): number {
    if (this.isOver) throw fail('ENODEV');
    const bytes = memory.read(address, length);
    const at = this.queue.write(length);
    this.queue.bytes.set(bytes, at);
    return length;
  }

  override poll(): number {
    return this.isOver ? READABLE | HUNG_UP : POLLOUT | 0x100;
  }

  /** The written parts. @returns undefined if the last part is incomplete */
  parts(): Uint8Array[] | undefined {
    const bytes = this.queue.front(this.queue.length).slice();
    const lengths = new DataView(bytes.buffer);
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = at + HEADER <= bytes.length ? lengths.getUint32(at, true) : Infinity;
      if (at + HEADER + length > bytes.length) return undefined;
      parts.push(bytes.subarray(at + HEADER, at + HEADER + length));
      at += HEADER + length;
    }
    return parts;
  }
}
