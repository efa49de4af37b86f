/**
 * The features of an SMMU, decoded once from its identification registers (Arm IHI 0070, 6.3.1 to 6.3.8). All feature
 * checks and limits in this package use {@link Features}.
 */
import {
  SMMU_AIDR,
  SMMU_IDR0,
  SMMU_IDR1,
  SMMU_IDR3,
  SMMU_IDR5,
  smmuv3_granule,
  smmuv3_httu,
  smmuv3_table_format,
} from '@iommufd/uapi';
import type { Decoded } from '@iommufd/uapi/struct';
import type { Departures } from './departures.js';
import { fieldsOf } from './fields.js';

/** The identification registers. Source: Arm IHI 0070, sections 6.3.1 to 6.3.8. */
export interface IdRegisters {
  /** SMMU_IDR0 to SMMU_IDR5, 32 bits each. */
  readonly idr: readonly [number, number, number, number, number, number];
  /** SMMU_IIDR, 32 bits: the implementer and product. */
  readonly iidr: number;
  /** SMMU_AIDR, 32 bits: the version of the architecture. */
  readonly aidr: number;
}

/** Width of an address in bits, by the values of `smmuv3_address_size`. */
const ADDRESS_BITS = [32, 36, 40, 42, 44, 48, 52, 56];

/** Width in bits of the address of a table without 56-bit addresses. */
const WIDTH_BEFORE_56 = 52;

/** Base 2 logarithm of the page size, by the values of `smmuv3_granule`. */
const GRANULE_BITS: ReadonlyMap<number, number> = new Map([
  [smmuv3_granule.GRANULE_4KB, 12],
  [smmuv3_granule.GRANULE_16KB, 14],
  [smmuv3_granule.GRANULE_64KB, 16],
]);

/** The same for TTB1, which has another encoding (Arm IHI 0070, 5.4, CD.TG1). */
const GRANULE_BITS_TTB1: ReadonlyMap<number, number> = new Map([
  [1, 14],
  [2, 12],
  [3, 16],
]);

/** The features of an SMMU, and its departures from the architecture. */
export class Features {
  /** SMMU_IDR0, decoded. */
  readonly idr0: Decoded<typeof SMMU_IDR0>;
  /** SMMU_IDR1, decoded. */
  readonly idr1: Decoded<typeof SMMU_IDR1>;
  /** SMMU_IDR3, decoded. */
  readonly idr3: Decoded<typeof SMMU_IDR3>;
  /** SMMU_IDR5, decoded. */
  readonly idr5: Decoded<typeof SMMU_IDR5>;
  /** SMMU_AIDR, decoded. */
  readonly aidr: Decoded<typeof SMMU_AIDR>;
  /** Width in bits of a physical address, and of an IPA, because AArch32 tables are not modelled (Arm IHI 0070, 3.4). */
  readonly oas: number;

  constructor(
    /** The raw registers. */
    readonly ids: IdRegisters,
    /** Departures from the architecture. Default: none. */
    readonly departures: Departures = {},
    /** True if the TLB caches that a page is dirty: `Smmuv3Config.keepsDirtyState`. */
    readonly keepsDirtyState = false,
  ) {
    const { idr, aidr } = ids;
    this.idr0 = fieldsOf(SMMU_IDR0, idr[0]);
    this.idr1 = fieldsOf(SMMU_IDR1, idr[1]);
    this.idr3 = fieldsOf(SMMU_IDR3, idr[3]);
    this.idr5 = fieldsOf(SMMU_IDR5, idr[5]);
    this.aidr = fieldsOf(SMMU_AIDR, aidr);
    this.oas = ADDRESS_BITS[this.idr5.OAS] ?? 32;
  }

  /** True if stage 1 is supported. */
  get stage1(): boolean {
    return this.idr0.S1P === 1;
  }

  /** True if stage 2 is supported. */
  get stage2(): boolean {
    return this.idr0.S2P === 1;
  }

  /** True if VMSAv8-64 tables are supported. No other format is modelled. */
  get aarch64(): boolean {
    return (this.idr0.TTF & smmuv3_table_format.AARCH64) !== 0;
  }

  /** True if hardware can set the access flag of descriptors. */
  get setsAccessFlag(): boolean {
    return this.idr0.HTTU >= smmuv3_httu.ACCESS;
  }

  /** True if hardware can mark pages dirty. */
  get marksDirty(): boolean {
    return this.idr0.HTTU >= smmuv3_httu.ACCESS_DIRTY;
  }

  /**
   * The effective output address size in bits, at most OAS.
   * @param size a value of `smmuv3_address_size`
   */
  effectiveBits(size: number): number {
    return Math.min(ADDRESS_BITS[size] ?? this.oas, this.oas);
  }

  /**
   * The address in CD.TTB0 or TTB1. Bits 55 to 52 are part of it only with 56-bit addresses; otherwise they are RES0, which the SMMU
   * ignores (Arm IHI 0070, 5.4).
   */
  tableAddress(field: bigint): bigint {
    return this.oas > WIDTH_BEFORE_56 ? field : BigInt.asUintN(WIDTH_BEFORE_56, field);
  }

  /**
   * Base 2 logarithm of the page size of TTB0 or stage 2.
   * @param tg a value of `smmuv3_granule`
   * @returns undefined if the size is unsupported
   */
  granule(tg: number): number | undefined {
    return this.supported(GRANULE_BITS.get(tg));
  }

  /** {@link granule} for TTB1, by the values of `smmuv3_granule_tg1`. */
  granuleTtb1(tg: number): number | undefined {
    return this.supported(GRANULE_BITS_TTB1.get(tg));
  }

  private supported(bits: number | undefined): number | undefined {
    const { GRAN4K, GRAN16K, GRAN64K } = this.idr5;
    if (bits === 12) return GRAN4K === 1 ? bits : undefined;
    if (bits === 14) return GRAN16K === 1 ? bits : undefined;
    return GRAN64K === 1 ? bits : undefined;
  }

  /** True if an address is below 2 to the power of `bits`. */
  static fits(address: bigint, bits: number): boolean {
    return address >= 0n && address < (LIMITS[bits] ?? 1n << BigInt(bits));
  }
}

/** The first address that does not fit, by number of bits. Computed once. */
const LIMITS = Array.from({ length: 65 }, (_, bits) => 1n << BigInt(bits));
