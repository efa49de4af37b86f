/**
 * The data of a migration as a file: a device's state is read from it, or written to it. What drivers have in common here is
 * that of mlx5's `drivers/vfio/pci/mlx5/main.c`. The stream is parts, each with its length before it; to programs it is opaque.
 */
import { POLLIN, POLLOUT, VFIO_MIG_GET_PRECOPY_INFO, vfio_precopy_info } from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import { fail } from '../errno.js';
import type { Migratable, Precopy } from '../hardware/pci/migration.js';
import { ByteQueue } from '../lib/byte-queue.js';
import { type AccessMode, AnonymousFile } from '../process/file.js';
import type { Task } from '../process/task.js';

/** Bytes of the length before a part. */
const HEADER = 4;
/** POLLRDNORM and POLLRDHUP. */
const READABLE = POLLIN | 0x40;
const HUNG_UP = 0x2000;

/** A session of a transfer, which ends when the device leaves the states that it is for. */
export abstract class MigrationFile extends AnonymousFile {
  override readonly link = 'anon_inode:vfio_mig';
  protected isOver = false;

  /** The session is over: the file stays open, and is of no use. */
  end(): void {
    this.isOver = true;
    this.waiters.wake();
  }

  protected override release(): void {
    // It holds nothing that others need.
  }
}

/** Gives the state of a device away. */
export class SavingFile extends MigrationFile {
  override readonly mode: AccessMode = { read: true, write: false };
  override readonly canRead = true;
  private readonly queue = new ByteQueue();
  /** Bytes of the first part that were not read yet. */
  private initialLeft = 0;
  /** What it goes on giving while it runs; undefined once it is stopped. */
  private precopy: Precopy | undefined;

  /** @param runs does the device run meanwhile: PRE_COPY? */
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

  /** The device is in STOP_COPY now: the rest of its state follows, and then the end. */
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

  /** The end of a stream that may go on is ENOMSG, and the real one 0. */
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

/** Takes the state of another device. */
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

  /** What was written, part by part. @returns undefined if the last part is not whole */
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
