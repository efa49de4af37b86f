/**
 * Dirty tracking by an IOMMU: {@link Hwpt.dirtyBitmap} allocates a bitmap for a range, `read()` adds the pages that devices have
 * written since, `take()` and iteration return ranges. The kernel writes directly to the bitmap's memory
 * (IOMMU_HWPT_GET_DIRTY_BITMAP).
 */
import { IOMMU_HWPT_GET_DIRTY_BITMAP, iommufd_hwpt_get_dirty_bitmap_flags } from '@iommufd/uapi';
import { Call, type Owner } from '../calls/arguments/call.js';
import { flag, optional, record } from '../calls/arguments/kinds.js';
import type { Where } from '../calls/arguments/where.js';
import { dirtyCause } from '../calls/causes/hwpt.js';
import type { Context } from '../calls/context.js';
import type { Hwpt } from './hwpt.js';
import {
  bitmapBytes,
  type BitmapMemory,
  type DirtyRange,
  type DirtyRangeOptions,
  lowestBit,
  PageBitmap,
} from './page-bitmap.js';

const { IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR } = iommufd_hwpt_get_dirty_bitmap_flags;

/** Options of {@link DirtyBitmap.read}. */
interface ReadOptions {
  readonly clear?: boolean;
}

const calls = {
  read: new Call('DirtyBitmap.read', { options: optional(record<ReadOptions>({ clear: optional(flag) })) }),
};

const BITS = 32;
/** Number of bits of a word of the kernel's bitmap. */
const WORD_BITS = 64n;

/**
 * The dirty pages of a range that the kernel has reported and the caller has not taken yet. {@link read} adds pages,
 * {@link take} removes them one range at a time, so no page is lost if a loop over them ends early.
 */
export class DirtyBitmap extends PageBitmap implements Owner {
  private constructor(
    private readonly context: Context,
    /** The page table that tracks the pages. */
    readonly hwpt: Hwpt,
    place: BitmapMemory,
  ) {
    super(place);
  }

  /** @internal */
  static alloc(context: Context, hwpt: Hwpt, options: DirtyRangeOptions): DirtyBitmap {
    return PageBitmap.withMemory(
      context,
      'Hwpt.dirtyBitmap',
      options,
      (place) => new DirtyBitmap(context, hwpt, place),
    );
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
    // Linux stops without an error at the first unmapped IOVA, so each mapped part is read separately.
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
}

const lowestBitOf = (value: bigint): bigint => value & -value;
