import { IommufdError } from '../calls/error.js';
import type { Ioas } from './ioas.js';

/** Bits of an address that are within a page, of the largest pages that Linux has. */
const PAGE_BITS = 16;

/** Where memory begins within its page. */
export const pageOffset = (start: bigint): number => Number(BigInt.asUintN(PAGE_BITS, start));

/** Memory that an {@link Ioas} maps; ends with {@link unmap} or the end of a `using` block. */
export class Mapping implements Disposable {
  private mapped = true;
  private doubtful = false;

  /** @internal */
  constructor(
    /** The IO address space that it is in. */
    readonly ioas: Ioas,
    /** Where devices see it. */
    readonly iova: bigint,
    /** Bytes. */
    readonly length: bigint,
    /** Where the memory begins within its page; undefined if that is not known. @internal */
    readonly pageOffset: number | undefined,
    /** Is it memory of a file, as the caller says? @internal */
    readonly isFile: boolean,
  ) {}

  /**
   * Ends it: IOMMU_IOAS_UNMAP. Devices that access it from then on fault. Unmapping twice does nothing, nor does
   * unmapping what went with its IOAS.
   * @throws IommufdError ENOENT if it was unmapped otherwise; EBUSY while a hardware queue lies in it
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

  /** Is it there still? It goes when it is unmapped, by itself or by {@link Ioas.unmap}, and with its IOAS. */
  get isMapped(): boolean {
    return this.mapped && !this.ioas.isClosed;
  }

  /** @internal */
  get isDoubtful(): boolean {
    return this.doubtful;
  }

  /** The IOAS may have unmapped it: it failed to unmap a range that it lies in. @internal */
  doubt(): void {
    this.doubtful = true;
  }

  /** The IOAS has unmapped it. @internal */
  end(): void {
    this.mapped = false;
  }

  /** {@link unmap} */
  [Symbol.dispose](): void {
    this.unmap();
  }
}
