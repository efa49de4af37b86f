import { IommufdError } from '../calls/error.js';
import type { Ioas } from './ioas.js';

/** PAGE_SHIFT of the largest PAGE_SIZE of Linux. */
const PAGE_BITS = 16;

/** The offset of an address in its page. */
export const pageOffset = (start: bigint): number => Number(BigInt.asUintN(PAGE_BITS, start));

/** A mapping of an {@link Ioas}; ended by {@link unmap} or the end of a `using` block. */
export class Mapping implements Disposable {
  private mapped = true;
  private doubtful = false;

  /** @internal */
  constructor(
    /** Its IOAS. */
    readonly ioas: Ioas,
    /** Its first IOVA. */
    readonly iova: bigint,
    /** Length in bytes. */
    readonly length: bigint,
    /** The offset of the memory in its page; undefined if unknown. @internal */
    readonly pageOffset: number | undefined,
    /** True if it was mapped from a file. @internal */
    readonly isFile: boolean,
  ) {}

  /**
   * Unmaps it: IOMMU_IOAS_UNMAP. Later device accesses fault. Does nothing if it is unmapped already, or its IOAS is closed.
   * @throws IommufdError ENOENT if it was unmapped without this SDK; EBUSY if it contains memory of a hardware queue
   */
  unmap(): void {
    if (!this.isMapped) return;
    const { doubtful } = this;
    try {
      this.ioas.unmap({ iova: this.iova, length: this.length });
    } catch (cause) {
      if (!doubtful || !(cause instanceof IommufdError) || cause.code !== 'ENOENT') throw cause;
      this.end();
    }
  }

  /** True until it is unmapped, by {@link unmap} or {@link Ioas.unmap}, or its IOAS is closed. */
  get isMapped(): boolean {
    return this.mapped && !this.ioas.isClosed;
  }

  /** @internal */
  get isDoubtful(): boolean {
    return this.doubtful;
  }

  /** Marks it as possibly unmapped: an unmap of a range that contains it failed. @internal */
  doubt(): void {
    this.doubtful = true;
  }

  /** Marks it as unmapped. @internal */
  end(): void {
    this.mapped = false;
  }

  /** {@link unmap} */
  [Symbol.dispose](): void {
    this.unmap();
  }
}
