import {
  smmuv3_address_size,
  smmuv3_granule,
  smmuv3_shareability,
  smmuv3_walk_cacheability,
} from '@iommufd/uapi';
import type { KernelMapping, KernelTable } from '../../hardware/physical-memory.js';
import type { Protection } from '../../iommu/domain.js';
import { ShownMemory } from '../../iommu/shown-memory.js';
import type { Extent } from '../../process/memory-object.js';

interface Shown {
  readonly protection: Protection;
}

/** What descriptors say of a table of VMSAv8-64: TCR and VTCR. */
export interface TableFormat {
  /** `2^(64 - tsz)` bytes are translated. */
  readonly tsz: number;
  readonly granule: number;
  /** Of the addresses that come out, as `smmuv3_address_size`. */
  readonly outputSize: number;
  /** Where stage 2 walks begin, as STE.S2SL0 has it. */
  readonly startLevelCode: number;
  readonly walkCacheability: number;
  readonly walkShareability: number;
}

/** Codes of address sizes, by bits. */
const OUTPUT_SIZES = new Map<number, number>([
  [32, smmuv3_address_size.BITS_32],
  [36, smmuv3_address_size.BITS_36],
  [40, smmuv3_address_size.BITS_40],
  [42, smmuv3_address_size.BITS_42],
  [44, smmuv3_address_size.BITS_44],
  [48, smmuv3_address_size.BITS_48],
  [52, smmuv3_address_size.BITS_52],
]);

/** The form that `io-pgtable-arm.c` gives a table. @param pageBits base 2 logarithm of the page size */
export function tableFormat(inputBits: number, outputBits: number, pageBits: number): TableFormat {
  const { GRANULE_4KB, GRANULE_16KB, GRANULE_64KB } = smmuv3_granule;
  const granule = pageBits === 12 ? GRANULE_4KB : pageBits === 14 ? GRANULE_16KB : GRANULE_64KB;
  // Descriptors have 8 bytes; up to 16 tables can stand side by side on stage 2's first level.
  const perLevel = pageBits - 3;
  const levels = Math.max(1, Math.ceil((inputBits - pageBits - 4) / perLevel));
  const startLevel = 4 - levels;
  return {
    tsz: 64 - inputBits,
    granule,
    outputSize: OUTPUT_SIZES.get(outputBits) ?? smmuv3_address_size.BITS_48,
    startLevelCode: granule === GRANULE_4KB ? 2 - startLevel : 3 - startLevel,
    walkCacheability: smmuv3_walk_cacheability.WB_RA_WA,
    walkShareability: smmuv3_shareability.ISH,
  };
}

/** A page table: which addresses show which bytes of memory. */
export class PageTable implements KernelTable {
  private readonly shown = new ShownMemory<Shown>();

  /** @param canWriteOnly stage 2 can; on stage 1 what can be written can be read */
  constructor(private readonly canWriteOnly: boolean) {}

  map(
    iova: bigint,
    length: bigint,
    extents: readonly Extent[],
    offset: number,
    { read, write }: Protection,
  ): void {
    const protection = { read: read || !this.canWriteOnly, write };
    this.shown.map(iova, length, extents, offset, { protection });
  }

  unmap(iova: bigint, length: bigint): void {
    this.shown.unmap(iova, length);
  }

  lookup(address: bigint): KernelMapping | undefined {
    const entry = this.shown.at(address);
    if (entry === undefined) return undefined;
    const { object, byte, protection } = entry.value;
    const place = {
      object,
      byte: byte + Number(address - entry.start),
      length: Number(entry.last - address) + 1,
    };
    return { place, ...protection };
  }
}
