/**
 * A file of sysfs that a program has open for writing. The fake kernel executes the writes. A write that waits, for example to unbind
 * the driver of an open device, throws {@link WriteWaits}, and the supervisor makes the call again when the write is done.
 */

import type { Segment } from '../calls/segments.js';
import { Errno, fail, File, type FileAttribute, type Task, type Writing } from '@iommufd/fakekernel/task';

/** The most bytes of a write: `kernfs_fop_write_iter()`. */
const MOST = 4096;

/** Thrown by a write that is not done yet. */
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
  /** Writes that wait, by their text: several processes may share the file. */
  private readonly waiting = new Map<string, Writing>();

  /** @param complain called with a failure that no call can return */
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

  /** The position is ignored: an attribute takes each write as a whole. */
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

  /** Executes a write through a descriptor that is not watched. Its call has already returned. */
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
