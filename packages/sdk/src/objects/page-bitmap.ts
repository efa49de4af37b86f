/**
 * Bitmaps of pages that devices have written to. The kernel writes the bits; `take()` and iteration return ranges. Subclasses read a
 * bitmap from an IOMMU (`dirty-bitmap.ts`) or from a device's log (`vfio/dma-logging.ts`).
 */
import type { Context } from '../calls/context.js';
import { Memory } from './memory.js';

/** The range of a bitmap. */
export interface DirtyRangeOptions {
  /** The first IOVA; a multiple of `pageSize`. */
  readonly iova: bigint;
  /** Length in bytes; a multiple of `pageSize`. */
  readonly length: bigint;
  /** Bytes per bit, a power of two; 4096 by default. */
  readonly pageSize?: bigint;
}

/** Consecutive pages that devices have written to. */
export interface DirtyRange {
  /** The first IOVA. */
  readonly iova: bigint;
  /** Length in bytes. */
  readonly length: bigint;
}

const DEFAULT_PAGE_SIZE = 4096n;
const BITS = 32;

/** The range of a bitmap, and the memory that the kernel writes its bits to. */
export interface BitmapMemory extends Required<DirtyRangeOptions> {
  readonly memory: Memory;
}

/**
 * The dirty pages of a range that the kernel has reported and the caller has not taken yet. Reading adds pages, {@link take} removes
 * them one range at a time, so no page is lost if a loop over them ends early.
 */
export abstract class PageBitmap implements Disposable {
  private readonly bitmap: Uint32Array;
  /** The first IOVA of the range. */
  readonly iova: bigint;
  /** Length of the range in bytes. */
  readonly length: bigint;
  /** Bytes per bit. */
  readonly pageSize: bigint;
  protected readonly memory: Memory;

  /** @internal */
  protected constructor({ iova, length, pageSize, memory }: BitmapMemory) {
    this.iova = iova;
    this.length = length;
    this.pageSize = pageSize;
    this.memory = memory;
    const { buffer, byteOffset } = memory.bytes();
    this.bitmap = new Uint32Array(buffer, byteOffset, bitmapBytes(length, pageSize) / 4);
  }

  /** Allocates the memory of a bitmap, and frees it if `make` throws. @param call the public method, for errors @internal */
  protected static withMemory<B>(
    context: Context,
    call: string,
    { iova, length, pageSize = DEFAULT_PAGE_SIZE }: DirtyRangeOptions,
    make: (place: BitmapMemory) => B,
  ): B {
    checkRange(call, iova, length, pageSize);
    const memory = Memory.alloc(context, bitmapBytes(length, pageSize));
    try {
      return make({ iova, length, pageSize, memory });
    } catch (cause) {
      memory.close();
      throw cause;
    }
  }

  protected setBit(bit: number): void {
    const { words } = this;
    const index = Math.floor(bit / BITS);
    words[index] = (words[index] ?? 0) | (1 << (bit % BITS));
  }

  /** Number of dirty pages of {@link pageSize} bytes. Makes no system call. */
  get dirtyPages(): number {
    const { words } = this;
    let count = 0;
    for (let index = 0; index < words.length; index++) {
      const word = words[index] ?? 0;
      if (word !== 0) count += bitCount(word);
    }
    return count;
  }

  /** The dirty ranges in order of IOVA; they stay in the bitmap. */
  *[Symbol.iterator](): Generator<DirtyRange> {
    for (let bit = this.next(0, 1); bit < this.bits;) {
      const end = this.next(bit, 0);
      yield this.range(bit, end);
      bit = this.next(end, 1);
    }
  }

  /**
   * The dirty ranges in order of IOVA. Each one is removed when it is yielded: if a loop ends early, the rest stays in the
   * bitmap.
   */
  *take(): Generator<DirtyRange> {
    for (let bit = this.next(0, 1); bit < this.bits;) {
      const end = this.next(bit, 0);
      this.clearBits(bit, end);
      yield this.range(bit, end);
      bit = this.next(end, 1);
    }
  }

  /** Frees the bitmap's memory. The bitmap must not be used afterwards. */
  close(): void {
    this.memory.close();
  }

  /** {@link close} */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The bitmap, one bit per page. @throws RangeError if its memory was freed */
  private get words(): Uint32Array {
    this.memory.use();
    return this.bitmap;
  }

  private get bits(): number {
    return this.bitmap.length * BITS;
  }

  private range(bit: number, end: number): DirtyRange {
    return { iova: this.iova + BigInt(bit) * this.pageSize, length: BigInt(end - bit) * this.pageSize };
  }

  /** The first bit at or after `from` with the value `wanted`; the number of bits if there is no such bit. */
  private next(from: number, wanted: 0 | 1): number {
    const { words } = this;
    const flip = wanted === 1 ? 0 : -1;
    let index = Math.floor(from / BITS);
    if (index >= words.length) return this.bits;
    // Bits below `from` are masked.
    let word = ((words[index] ?? 0) ^ flip) & (-1 << (from % BITS));
    while (word === 0) {
      if (++index === words.length) return this.bits;
      word = (words[index] ?? 0) ^ flip;
    }
    return index * BITS + lowestBit(word);
  }

  private clearBits(from: number, end: number): void {
    const { words } = this;
    for (let bit = from; bit < end;) {
      const index = Math.floor(bit / BITS);
      const last = Math.min(end, (index + 1) * BITS);
      const mask = last - bit === BITS ? -1 : ((1 << (last - bit)) - 1) << (bit % BITS);
      words[index] = (words[index] ?? 0) & ~mask;
      bit = last;
    }
  }
}

/** @throws RangeError if the range is empty, misaligned or wraps, or `pageSize` is not a power of two */
function checkRange(call: string, iova: bigint, length: bigint, pageSize: bigint): void {
  const fail = (what: string): never => {
    throw new RangeError(`${call}: ${what}`);
  };
  if (pageSize === 0n || (pageSize & (pageSize - 1n)) !== 0n)
    fail(`pageSize: expected a power of two, found ${pageSize}`);
  if (iova % pageSize !== 0n) fail(`iova: expected a multiple of ${pageSize}, found 0x${iova.toString(16)}`);
  if (length === 0n || length % pageSize !== 0n)
    fail(`length: expected a multiple of ${pageSize} above 0, found ${length}`);
  if (iova + length > 1n << 64n) fail(`length: 0x${iova.toString(16)} and ${length} bytes exceed 64 bits`);
}

/** The kernel writes whole 64-bit words. */
export const bitmapBytes = (length: bigint, pageSize: bigint): number =>
  Number((length / pageSize + 63n) / 64n) * 8;

/** The index of the lowest bit of a word that is 1. */
export const lowestBit = (word: number): number => BITS - 1 - Math.clz32(word & -word);

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
