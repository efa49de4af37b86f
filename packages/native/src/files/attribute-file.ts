/**
 * A file of sysfs that a program has open for writing. A write is the fake kernel's to do; one that waits, as unbinding a driver from a
 * device that is open does, throws {@link WriteWaits}, and is made again when it is done.
 */

import { Errno, fail, File, type FileAttribute, type Task, type Writing } from '@iommufd/fakekernel/task';

/** The longest write: `kernfs_fop_write_iter()`. */
const MOST = 4096;

/** A write that is not done yet. */
export class WriteWaits extends Error {
  override readonly name = 'WriteWaits';

  constructor(readonly writing: Writing) {
    super('a write of sysfs waits');
  }
}

/** @see the head of this file */
export class AttributeFile extends File {
  override readonly canRead: boolean;
  override readonly canWrite = true;
  private position = 0;
  private waiting: Writing | undefined;

  /** @param complain called with a failure of which no call can tell */
  constructor(
    readonly path: string,
    private readonly attribute: FileAttribute,
    reads: boolean,
    private readonly complain: (what: string) => void,
  ) {
    super();
    this.canRead = reads;
    this.mode = { read: reads, write: true };
  }

  override pread(task: Task, address: bigint, length: number, position: bigint): number {
    const bytes = this.attribute.read?.() ?? new Uint8Array();
    const from = Number(position);
    const part = bytes.subarray(from, from + length);
    task.memorySpace.write(address, part);
    return part.length;
  }

  override read(task: Task, address: bigint, length: number): number {
    const count = this.pread(task, address, length, BigInt(this.position));
    this.position += count;
    return count;
  }

  /** Where it is written to does not matter: an attribute takes each write as a whole. */
  override pwrite(task: Task, address: bigint, length: number): number {
    return this.write(task, address, length);
  }

  override write(task: Task, address: bigint, length: number): number {
    const count = Math.min(length, MOST);
    const writing = this.waiting ?? this.store(Buffer.from(task.memorySpace.read(address, count)));
    if (writing.status === undefined) {
      this.waiting = writing;
      throw new WriteWaits(writing);
    }
    this.waiting = undefined;
    return count;
  }

  /** What was written by a number at which writes are not seen. It has returned already. */
  written(bytes: Buffer): void {
    try {
      this.store(bytes);
    } catch (cause) {
      if (!(cause instanceof Errno)) throw cause;
      this.complain(`a write to ${this.path} has failed: errno ${-cause.result}`);
    }
  }

  private store(bytes: Buffer): Writing {
    if (this.attribute.write === undefined) throw fail('EACCES');
    return this.attribute.write(bytes.toString('latin1'));
  }

  protected override release(): void {
    // It holds nothing.
  }
}
