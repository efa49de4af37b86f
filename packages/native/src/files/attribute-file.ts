/**
 * A file of sysfs that a program has open for writing. The fake kernel executes the writes. A write that waits, for example to unbind
 * the driver of an open device, throws {@link WriteWaits}, and the supervisor makes the call again when the write is done.
 */

import { errnoText } from '../linux/errno-text.js';
import type { Segment } from '../calls/segments.js';
import {
  Errno,
  type FileAttribute,
  type Task,
  TextFile,
  writeAttribute,
  type Writing,
} from '@iommufd/fakekernel/task';

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
export class AttributeFile extends TextFile {
  override readonly canRead: boolean;
  override readonly canWrite = true;
  /** Writes that wait, by their text: several processes may share the file. */
  private readonly waiting = new Map<string, ReturnType<typeof writeAttribute>>();

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

  protected override contents(): Uint8Array {
    return this.attribute.read?.() ?? new Uint8Array();
  }

  override write(task: Task, address: bigint, length: number): number {
    return this.writeAll(task, [{ address, length }]);
  }

  override pwrite(task: Task, address: bigint, length: number, position: bigint): number {
    return this.writeAll(task, [{ address, length }], position);
  }

  /** `kernfs_fop_write_iter()`: all segments are one write. @param position undefined for that of the file */
  writeAll({ memorySpace }: Task, segments: readonly Segment[], position?: bigint): number {
    let room = MOST;
    const parts = segments.map(({ address, length }) => {
      const count = Math.min(room, length);
      room -= count;
      return memorySpace.read(address, count);
    });
    const text = Buffer.concat(parts).toString('latin1');
    const started = this.waiting.get(text) ?? writeAttribute(this.attribute, text, position ?? this.position);
    if (started.writing.status === undefined) {
      this.waiting.set(text, started);
      throw new WriteWaits(started.writing);
    }
    this.waiting.delete(text);
    if (position === undefined) this.position += BigInt(started.count);
    return started.count;
  }

  /** Executes a write through a descriptor that is not watched. Its call has already returned. */
  written(bytes: Buffer): void {
    try {
      const { count } = writeAttribute(this.attribute, bytes.toString('latin1'), this.position);
      this.position += BigInt(count);
    } catch (cause) {
      if (!(cause instanceof Errno)) throw cause;
      this.complain(`a write to ${this.path} has failed: ${errnoText(cause.result)}`);
    }
  }
}
