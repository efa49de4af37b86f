/** A queue of bytes in one block of memory. The block grows as needed. */
export class ByteQueue {
  /** The block of memory. It must not be kept, because the next write may replace it. */
  bytes: Uint8Array = new Uint8Array(0);
  /** A view of {@link bytes}. */
  view: DataView = new DataView(this.bytes.buffer);
  private start = 0;
  private end = 0;

  /** Number of bytes that were written and not read. */
  get length(): number {
    return this.end - this.start;
  }

  /** Reserves `length` bytes at the end. @returns the index in {@link bytes} to write them to */
  write(length: number): number {
    if (this.end + length > this.bytes.length) this.makeRoom(length);
    const at = this.end;
    this.end += length;
    return at;
  }

  /** Removes the last `length` bytes. */
  unwrite(length: number): void {
    this.end -= length;
  }

  /** The first `length` bytes, without a copy. */
  front(length: number): Uint8Array {
    return this.bytes.subarray(this.start, this.start + length);
  }

  /** Removes the first `length` bytes. */
  drop(length: number): void {
    this.start += length;
    if (this.start === this.end) this.start = this.end = 0;
  }

  private makeRoom(length: number): void {
    const waiting = this.front(this.length);
    const needed = waiting.length + length;
    // Bytes are moved only if they fill at most half of the block then: otherwise every write could move all of them.
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
