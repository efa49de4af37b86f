import {
  smmuv3_address_size,
  smmuv3_granule,
  smmuv3_shareability,
  smmuv3_walk_cacheability,
} from '@iommufd/uapi';

/** The format of a VMSAv8-64 table, as encoded in CDs and STEs: `arm_lpae_s1_cfg.tcr` and `arm_lpae_s2_cfg.vtcr`. */
export interface TableFormat {
  /** The input range has `2^(64 - tsz)` bytes. */
  readonly tsz: number;
  readonly granule: number;
  /** Output address size, of `smmuv3_address_size`. */
  readonly outputSize: number;
  /** The start level of stage 2, as encoded in STE.S2SL0. */
  readonly startLevelCode: number;
  readonly walkCacheability: number;
  readonly walkShareability: number;
}

/** Encodings of address sizes, by number of bits. */
const OUTPUT_SIZES = new Map<number, number>([
  [32, smmuv3_address_size.BITS_32],
  [36, smmuv3_address_size.BITS_36],
  [40, smmuv3_address_size.BITS_40],
  [42, smmuv3_address_size.BITS_42],
  [44, smmuv3_address_size.BITS_44],
  [48, smmuv3_address_size.BITS_48],
  [52, smmuv3_address_size.BITS_52],
]);

/**
 * The address size after `arm_lpae_restrict_pgsizes()`: at most 48 bits, or 52 with 64 KB pages.
 * @param bits input or output bits that the SMMU supports
 * @param pageBits base 2 logarithm of the page size
 */
export const restrictBits = (bits: number, pageBits: number): number =>
  Math.min(bits, pageBits === 16 ? 52 : 48);

/**
 * The start level of stage 2. Tables are concatenated if the architecture requires it: `arm_lpae_concat_mandatory()`. Before 6.14
 * they were concatenated if level 0 would have at most 16 entries. Programs cannot see the difference.
 */
function stage2Start(inputBits: number, outputBits: number, pageBits: number): number {
  const start = 4 - Math.ceil((inputBits - pageBits) / (pageBits - 3));
  const is = (granule: number, level: number): boolean => pageBits === granule && start === level;
  const concatenates =
    (is(14, 0) && (outputBits === 48 || inputBits === 48)) ||
    (is(12, 0) && (outputBits === 40 || outputBits === 42)) ||
    (is(14, 1) && outputBits === 40);
  return concatenates ? start + 1 : start;
}

/** The format that `io-pgtable-arm.c` chooses. @param pageBits base 2 logarithm of the page size */
export function tableFormat(inputBits: number, outputBits: number, pageBits: number): TableFormat {
  const { GRANULE_4KB, GRANULE_16KB, GRANULE_64KB } = smmuv3_granule;
  const granule = pageBits === 12 ? GRANULE_4KB : pageBits === 14 ? GRANULE_16KB : GRANULE_64KB;
  const startLevel = stage2Start(inputBits, outputBits, pageBits);
  return {
    tsz: 64 - inputBits,
    granule,
    outputSize: OUTPUT_SIZES.get(outputBits) ?? smmuv3_address_size.BITS_48,
    startLevelCode: granule === GRANULE_4KB ? 2 - startLevel : 3 - startLevel,
    walkCacheability: smmuv3_walk_cacheability.WB_RA_WA,
    walkShareability: smmuv3_shareability.ISH,
  };
}
