/**
 * A file whose contents are computed when they are read, and which takes each write as a whole: a file of sysfs, debugfs or
 * procfs. {@link SettingFile} is one; the bridge to native programs derives its files of sysfs from it.
 */
import { File } from './file.js';
import type { Task } from './task.js';

/** @see the head of this file. Duplicates of its descriptor share its position. */
export abstract class TextFile extends File {
  protected position = 0n;

  /** Its current contents. */
  protected abstract contents(): Uint8Array;

  protected override release(): void {
    // The file does not own what it shows.
  }

  override read(process: Task, address: bigint, length: number): number {
    const count = this.pread(process, address, length, this.position);
    this.position += BigInt(count);
    return count;
  }

  /** `simple_read_from_buffer()` */
  override pread({ memorySpace }: Task, address: bigint, length: number, position: bigint): number {
    const contents = this.contents();
    if (position >= BigInt(contents.length) || length === 0) return 0;
    const part = contents.subarray(Number(position), Number(position) + length);
    memorySpace.write(address, part);
    return part.length;
  }

  abstract override write(process: Task, address: bigint, length: number): number;
  abstract override pwrite(process: Task, address: bigint, length: number, position: bigint): number;
}
