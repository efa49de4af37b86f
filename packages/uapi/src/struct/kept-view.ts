/**
 * A cached `DataView` of a buffer that a program uses again and again, such as the one buffer of a loop of ioctls. Creating a
 * view costs several times as much as decoding a small struct. `type.ts` has one cache for reading and one for writing.
 */

/** The longest buffer that is cached, in bytes. It bounds the memory that the cache keeps from garbage collection. */
const MOST_BYTES = 65_536;

/** The number of misses after which a buffer replaces the cached one. Buffers that are used once so rarely cost a view. */
const MISSES = 64;

/** A cache of one view. It approximates the most used buffer without keeping a list of the others. */
export class KeptView {
  private bytes: Uint8Array | undefined = undefined;
  private length = 0;
  private view: DataView | undefined = undefined;
  private misses = 0;

  /**
   * The cached view of exactly these bytes; undefined if another buffer, or none, is cached.
   * @param bytes a `Uint8Array`
   */
  of(bytes: Uint8Array): DataView | undefined {
    // A buffer that was transferred or resized has another length now.
    return bytes === this.bytes && bytes.length === this.length ? this.view : this.missed(bytes);
  }

  private missed(bytes: Uint8Array): undefined {
    if (++this.misses < MISSES) return;
    this.misses = 0;
    const { buffer, byteOffset, byteLength, length } = bytes;
    // A subclass may report any length.
    if (length === 0 || length !== byteLength || buffer.byteLength > MOST_BYTES) return;
    this.bytes = bytes;
    this.length = length;
    this.view = new DataView(buffer, byteOffset, length);
  }
}
