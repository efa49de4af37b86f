/** Bytes that are written at one end and read at the other, in one piece of memory that grows as it must. */
export class ByteQueue {
  /** The memory; not to be kept, because the next write may be to another. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The same. */
  view: DataView = new DataView(this.bytes.buffer);
  private start = 0;
  private end = 0;

  /** Bytes that were written and not read. */
  get length(): number {
    return this.end - this.start;
  }

  /** Makes room for `length` bytes behind the last. @returns where in the memory they are to be put */
  write(length: number): number {
    if (this.end + length > this.bytes.length) this.makeRoom(length);
    const at = this.end;
    this.end += length;
    return at;
  }

  /** Takes the last `length` bytes back. */
  unwrite(length: number): void {
    this.end -= length;
  }

  /** The first `length` bytes, in place. */
  front(length: number): Uint8Array {
    return this.bytes.subarray(this.start, this.start + length);
  }

  /** The first `length` bytes were read. */
  drop(length: number): void {
    this.start += length;
    if (this.start === this.end) this.start = this.end = 0;
  }

  private makeRoom(length: number): void {
    const waiting = this.front(this.length);
    const needed = waiting.length + length;
    // Moved only where that makes room for as much again: else every write could move everything.
    if (needed * 2 <= this.bytes.length) this.bytes.copyWithin(0, this.start, this.end);
    else {
      this.bytes = new Uint8Array(Math.max(64, needed * 2));
      this.bytes.set(waiting);
      this.view = new DataView(this.bytes.buffer);
    }
    this.start = 0;
    this.end = waiting.length;
  }
}
