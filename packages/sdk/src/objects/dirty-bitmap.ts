/**
 * Dirty tracking as bitmaps: {@link Hwpt.dirtyBitmap} allocates one for a range, `read()` adds what devices have written
 * since, `take()` and iteration give ranges. The kernel writes into the bitmap's memory directly
 * (IOMMU_HWPT_GET_DIRTY_BITMAP).
 */
import { IOMMU_HWPT_GET_DIRTY_BITMAP, iommufd_hwpt_get_dirty_bitmap_flags } from '@iommufd/uapi';
import { Call, type Owner } from '../calls/arguments/call.js';
import { flag, optional, record } from '../calls/arguments/kinds.js';
import type { Where } from '../calls/arguments/where.js';
import { dirtyCause } from '../calls/causes/hwpt.js';
import type { Context } from '../calls/context.js';
import type { Hwpt } from './hwpt.js';
import { Memory } from './memory.js';

const { IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR } = iommufd_hwpt_get_dirty_bitmap_flags;

/** The range of a {@link DirtyBitmap}. */
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
  /** Bytes. */
  readonly length: bigint;
}

/** Options of {@link DirtyBitmap.read}. */
interface ReadOptions {
  readonly clear?: boolean;
}

const calls = {
  read: new Call('DirtyBitmap.read', { options: optional(record<ReadOptions>({ clear: optional(flag) })) }),
};

const DEFAULT_PAGE_SIZE = 4096n;
const BITS = 32;
/** Bits of a word of the kernel's bitmap. */
const WORD_BITS = 64n;

/**
 * The dirty pages of a range that the kernel has reported and the caller has not taken yet. {@link read} adds pages,
 * {@link take} removes them one range at a time, so no page is lost if a loop over them ends early.
 */
export class DirtyBitmap implements Disposable, Owner {
  private readonly bitmap: Uint32Array;

  private constructor(
    private readonly context: Context,
    /** The page table that tracks the pages. */
    readonly hwpt: Hwpt,
    /** The first IOVA of the range. */
    readonly iova: bigint,
    /** Length of the range in bytes. */
    readonly length: bigint,
    /** Bytes per bit. */
    readonly pageSize: bigint,
    private readonly memory: Memory,
  ) {
    const { buffer, byteOffset } = memory.bytes();
    this.bitmap = new Uint32Array(buffer, byteOffset, bitmapBytes(length, pageSize) / 4);
  }

  /** @internal */
  static alloc(context: Context, hwpt: Hwpt, options: DirtyRangeOptions): DirtyBitmap {
    const { iova, length, pageSize = DEFAULT_PAGE_SIZE } = options;
    checkRange(iova, length, pageSize);
    const memory = Memory.alloc(context, bitmapBytes(length, pageSize));
    try {
      return new DirtyBitmap(context, hwpt, iova, length, pageSize, memory);
    } catch (cause) {
      memory.close();
      throw cause;
    }
  }

  /**
   * Adds the pages that devices have written since the last read: IOMMU_HWPT_GET_DIRTY_BITMAP, once for each contiguously
   * mapped part of the range. Nothing is reported while tracking is off. Mappings that were not made through {@link Ioas} are
   * read up to the first gap only.
   * @param options how to read
   * @param options.clear false leaves the pages dirty in hardware: for the last read of a range before it is unmapped, as it
   *   saves a TLB flush (IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR). True by default
   * @throws IommufdError EINVAL if the range does not have the alignment of the IOAS; EOPNOTSUPP if the page table does not
   *   support tracking; EBADF if it is closed
   * @throws RangeError if the bitmap is closed
   */
  read(options: { readonly clear?: boolean } = {}): void {
    calls.read.check(this, options);
    const { clear = true } = options;
    const { iova, length, pageSize } = this;
    this.ask({ iova, length, page_size: pageSize, data: this.memory.use() }, clear);
    // Linux stops without an error at the first unmapped IOVA, so the parts behind it are read separately.
    for (const run of this.hwpt.ioas.mappedWithin(iova, length))
      if (run.iova !== iova) this.readRun(run, clear);
  }

  /** @internal */
  openFor(where: Where): Context {
    this.memory.use(this.context, where);
    return this.hwpt.openFor(where);
  }

  /** Adds the dirty pages of a contiguously mapped part. */
  private readRun(run: DirtyRange, clear: boolean): void {
    const { pageSize } = this;
    const bit = (run.iova - this.iova) / pageSize;
    // The part may begin or end within a page of the bitmap.
    const unit = lowestBitOf(run.iova | run.length | pageSize);
    if (unit === pageSize && bit % WORD_BITS === 0n)
      return this.ask({ ...run, page_size: pageSize, data: this.memory.use() + bit / 8n }, clear);
    this.context.calls.frame((alloc) => {
      const { address, bytes } = alloc(bitmapBytes(run.length, unit));
      this.ask({ ...run, page_size: unit, data: address }, clear);
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
      for (let index = 0; index < words.length; index++) {
        for (let rest = words[index] ?? 0; rest !== 0; rest &= rest - 1) {
          const at = run.iova + BigInt(index * BITS + lowestBit(rest)) * unit - this.iova;
          this.setBit(Number(at / pageSize));
        }
      }
    });
  }

  private ask(
    part: {
      readonly iova: bigint;
      readonly length: bigint;
      readonly page_size: bigint;
      readonly data: bigint;
    },
    clear: boolean,
  ): void {
    const flags = clear ? 0 : IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR;
    const args = { hwpt_id: this.hwpt.use(), flags, ...part };
    this.context.ioctl(IOMMU_HWPT_GET_DIRTY_BITMAP, args, { cause: dirtyCause(this.hwpt, part) });
  }

  private setBit(bit: number): void {
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
function checkRange(iova: bigint, length: bigint, pageSize: bigint): void {
  const fail = (what: string): never => {
    throw new RangeError(`Hwpt.dirtyBitmap: ${what}`);
  };
  if (pageSize === 0n || (pageSize & (pageSize - 1n)) !== 0n)
    fail(`pageSize: expected a power of two, found ${pageSize}`);
  if (iova % pageSize !== 0n) fail(`iova: expected a multiple of ${pageSize}, found 0x${iova.toString(16)}`);
  if (length === 0n || length % pageSize !== 0n)
    fail(`length: expected a multiple of ${pageSize} above 0, found ${length}`);
  if (iova + length > 1n << 64n) fail(`length: 0x${iova.toString(16)} and ${length} bytes go beyond 64 bits`);
}

/** The kernel writes whole 64-bit words. */
const bitmapBytes = (length: bigint, pageSize: bigint): number => Number((length / pageSize + 63n) / 64n) * 8;

const lowestBitOf = (value: bigint): bigint => value & -value;

/** The number of the lowest bit of a word that is 1. */
const lowestBit = (word: number): number => BITS - 1 - Math.clz32(word & -word);

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
