/**
 * A file of sysfs that a program has open for writing. A write is the fake kernel's to do; one that waits, as unbinding a driver from a
 * device that is open does, throws {@link WriteWaits}, and is made again when it is done.
 */

import type { Segment } from '../calls/segments.js';
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
  /** Writes that wait, by what they say: several processes may share the file. */
  private readonly waiting = new Map<string, Writing>();

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
    return this.writeAll(task, [{ address, length }]);
  }

  /** `kernfs_fop_write_iter()`: all segments are one write, and an empty one does nothing. */
  writeAll({ memorySpace }: Task, segments: readonly Segment[]): number {
    let room = MOST;
    const parts = segments.map(({ address, length }) => {
      const count = Math.min(room, length);
      room -= count;
      return memorySpace.read(address, count);
    });
    const bytes = Buffer.concat(parts);
    if (bytes.length === 0) return 0;
    const text = bytes.toString('latin1');
    const writing = this.waiting.get(text) ?? this.store(bytes);
    if (writing.status === undefined) {
      this.waiting.set(text, writing);
      throw new WriteWaits(writing);
    }
    this.waiting.delete(text);
    return bytes.length;
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
