import type { Features } from '../registers/features.js';
import type { TlbScope } from './tlb.js';

/** The fields of TLB invalidations by address (Arm IHI 0070, 4.4.1.1). */
export interface RangeFields {
  readonly NUM: number;
  readonly SCALE: number;
  readonly TTL: number;
  readonly TG: number;
  readonly Address: bigint;
}

/** Base 2 logarithm of the page size, by the values of `smmuv3_tlbi_granule`. */
const GRANULE_BITS = [undefined, 12, 14, 16];

/** The level hint. 16 KB tables have level 1 leaves only with 52-bit addresses; without these, TTL = 1 acts as no hint. */
function levelOf({ TG, TTL }: RangeFields, { idr5 }: Features): number {
  return TG === 2 && TTL === 1 && idr5.DS === 0 ? 0 : TTL;
}

/** True if the range fields are legal. A page size with NUM, SCALE and TTL all 0 is reserved. */
export function isRangeLegal(fields: RangeFields, features: Features): boolean {
  const { NUM, SCALE, TG } = fields;
  if (features.idr3.RIL === 0 || TG === 0) return true;
  return NUM !== 0 || scaleOf(SCALE, features) !== 0 || levelOf(fields, features) !== 0;
}

/**
 * The effective SCALE. It has five bits; the sixth is reserved and ignored like all reserved bits (4.1.5). With 52-bit
 * addresses it has six bits, and values above 39 act as 39.
 */
function scaleOf(scale: number, { idr5 }: Features): number {
  return idr5.DS === 0 ? scale % 32 : Math.min(scale, 39);
}

/** The scope of an invalidation by address. The range fields are ignored unless SMMU_IDR3.RIL is 1. */
export function rangeScope(
  fields: RangeFields,
  features: Features,
): Pick<TlbScope, 'range' | 'level' | 'granule'> {
  const first = Number(fields.Address >> 12n);
  const granule = features.idr3.RIL === 1 ? GRANULE_BITS[fields.TG] : undefined;
  if (granule === undefined) return { range: { first, pages: 1 }, level: undefined, granule };
  const level = levelOf(fields, features);
  const pages = (fields.NUM + 1) * 2 ** (scaleOf(fields.SCALE, features) + granule - 12);
  const range = { first, pages };
  if (features.departures.ignoresInvalidationHints === true)
    return { range, level: undefined, granule: undefined };
  return { range, level: level === 0 ? undefined : level, granule };
}
