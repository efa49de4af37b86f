/**
 * A `DataView` of bytes that a program reads or writes again and again, such as the one buffer of a loop of ioctls: to make
 * one costs several times as much as all the rest of a small struct. `codec.ts` has one for reading and one for writing.
 */

/** No buffer that is longer is kept, so that what cannot be collected is bounded. */
const MOST_BYTES = 65_536;

/** After so many other buffers the next one is kept. What is new each time then pays a little for a view it has no use of. */
const MISSES = 64;

/** The view of the buffer that was seen most, as far as that can be told without keeping what was seen once. */
export class KeptView {
  private bytes: Uint8Array | undefined = undefined;
  private length = 0;
  private view: DataView | undefined = undefined;
  private misses = 0;

  /**
   * The view of exactly these bytes, if it is there.
   * @param bytes a `Uint8Array`
   */
  of(bytes: Uint8Array): DataView | undefined {
    // A buffer that was transferred away, or became shorter, has another length now.
    return bytes === this.bytes && bytes.length === this.length ? this.view : this.missed(bytes);
  }

  private missed(bytes: Uint8Array): undefined {
    if (++this.misses < MISSES) return;
    this.misses = 0;
    const { buffer, byteOffset, byteLength, length } = bytes;
    // A class of its own may say any length.
    if (length === 0 || length !== byteLength || buffer.byteLength > MOST_BYTES) return;
    this.bytes = bytes;
    this.length = length;
    this.view = new DataView(buffer, byteOffset, length);
  }
}
