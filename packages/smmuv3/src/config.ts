/**
 * The configuration of an SMMU: its identification registers, either from {@link smmuv3Config} or as raw values, and the
 * departures of an emulator. These values determine the behaviour of the model (`registers/features.ts`).
 */
import {
  SMMU_AIDR,
  SMMU_IDR0,
  SMMU_IDR1,
  SMMU_IDR3,
  SMMU_IDR5,
  SMMU_IIDR,
  smmuv3_address_size,
  smmuv3_httu,
  smmuv3_stall_model,
  smmuv3_stream_table_level,
  smmuv3_table_endianness,
  smmuv3_table_format,
  smmuv3_virtual_address_size,
} from '@iommufd/uapi';
import type { Departures } from './registers/departures.js';
import type { IdRegisters } from './registers/features.js';
import { register32 } from './registers/fields.js';

/** The configuration of an SMMU. */
export interface Smmuv3Config extends IdRegisters {
  /** Departures from the architecture. Default: none. */
  readonly departures?: Departures | undefined;
  /**
   * True if the TLB caches that a page is dirty, on hardware that marks pages dirty. Then a write to a page that software has
   * marked clean does not mark it again until the translation is invalidated, as the architecture permits (Arm DDI
   * 0487, D8.5). Default: false; each write checks the descriptor.
   */
  readonly keepsDirtyState?: boolean | undefined;
}

/** SMMU_IDR5.STALL_MAX: maximum number of transactions that are stalled at once. */
const STALLS = 64;

/** Options of {@link smmuv3Config}. */
export interface Smmuv3Options {
  /** Base 2 logarithm of the maximum size of the command queue, SMMU_IDR1.CMDQS: 0 to 19. Default: 8. */
  readonly commandQueueLog2?: number | undefined;
  /** The same for the event queue, SMMU_IDR1.EVENTQS. Default: 7. */
  readonly eventQueueLog2?: number | undefined;
  /** The same for the PRI queue, SMMU_IDR1.PRIQS. Default: 7. */
  readonly priQueueLog2?: number | undefined;
  /** Width of a StreamID in bits, SMMU_IDR1.SIDSIZE: 0 to 32. Default: 16. */
  readonly sidBits?: number | undefined;
  /** Width of a SubstreamID in bits, SMMU_IDR1.SSIDSIZE: 0 (no substreams) to 20. Default: 20. */
  readonly ssidBits?: number | undefined;
  /** True if faulting transactions can stall. Default: true. */
  readonly stall?: boolean | undefined;
  /** True if ATS is supported. Default: true. */
  readonly ats?: boolean | undefined;
  /** True if a PRI queue is supported. Requires `ats`. Default: the value of `ats`. */
  readonly pri?: boolean | undefined;
  /** True if TLB invalidations support ranges (SMMU_IDR3.RIL). Default: true. */
  readonly rangeInvalidation?: boolean | undefined;
  /** True if ASIDs have 16 bits, false if they have 8. Default: true. */
  readonly asid16?: boolean | undefined;
  /**
   * Flags in translation tables that the hardware updates, SMMU_IDR0.HTTU: none, the access flag, or also the dirty state of
   * pages. Default: none.
   */
  readonly tableUpdates?: 'none' | 'access' | 'dirty' | undefined;
  /** True if the TLB caches that a page is dirty ({@link Smmuv3Config.keepsDirtyState}). Default: false. */
  readonly keepsDirtyState?: boolean | undefined;
  /** Width of a physical address in bits, SMMU_IDR5.OAS. Default: 44. */
  readonly addressBits?: 32 | 36 | 40 | 42 | 44 | 48 | 52 | undefined;
  /** Page sizes of translation tables, SMMU_IDR5.GRAN*. Default: `['4KB']`. */
  readonly granules?: readonly ('4KB' | '16KB' | '64KB')[] | undefined;
  /**
   * True if virtual addresses, and addresses in tables of 4 KB and 16 KB pages, can have 52 bits (SMMU_IDR5.VAX and DS).
   * Default: false.
   */
  readonly largeAddresses?: boolean | undefined;
  /** True if stage 1 is supported. Default: true. */
  readonly stage1?: boolean | undefined;
  /** True if stage 2 is supported. Default: true. */
  readonly stage2?: boolean | undefined;
  /** Departures from the architecture. Default: none. */
  readonly departures?: Departures | undefined;
}

function checkRange(bits: Readonly<Record<string, number>>, most: number): void {
  for (const [name, value] of Object.entries(bits)) {
    if (!Number.isInteger(value) || value < 0 || value > most)
      throw new RangeError(`${name}: expected a number of bits from 0 to ${most}, found ${value}`);
  }
}

const OAS = {
  32: smmuv3_address_size.BITS_32,
  36: smmuv3_address_size.BITS_36,
  40: smmuv3_address_size.BITS_40,
  42: smmuv3_address_size.BITS_42,
  44: smmuv3_address_size.BITS_44,
  48: smmuv3_address_size.BITS_48,
  52: smmuv3_address_size.BITS_52,
} as const;

const GRANULES = { '4KB': 'GRAN4K', '16KB': 'GRAN16K', '64KB': 'GRAN64K' } as const;

const HTTU = {
  none: smmuv3_httu.NONE,
  access: smmuv3_httu.ACCESS,
  dirty: smmuv3_httu.ACCESS_DIRTY,
} as const;

const yes = (feature: boolean): number => (feature ? 1 : 0);

/**
 * Creates a configuration: {@link defaultSmmuv3Config}, modified by options.
 * @throws RangeError if a value is out of the architecture's range, `pri` is set without `ats`, or `granules` is empty
 */
export function smmuv3Config({
  commandQueueLog2 = 8,
  eventQueueLog2 = 7,
  priQueueLog2 = 7,
  sidBits = 16,
  ssidBits = 20,
  stall = true,
  ats = true,
  pri = ats,
  rangeInvalidation = true,
  asid16 = true,
  tableUpdates = 'none',
  addressBits = 44,
  granules = ['4KB'],
  largeAddresses = false,
  keepsDirtyState,
  stage1 = true,
  stage2 = true,
  departures,
}: Smmuv3Options = {}): Smmuv3Config {
  checkRange({ commandQueueLog2, eventQueueLog2, priQueueLog2 }, 19);
  checkRange({ sidBits }, 32);
  checkRange({ ssidBits }, 20);
  if (pri && !ats) throw new RangeError('pri: requires ats');
  if (granules.length === 0) throw new RangeError('granules: expected at least one page size');
  const gran = Object.fromEntries(granules.map((size) => [GRANULES[size], 1]));
  const idr0 = register32(SMMU_IDR0, {
    S2P: yes(stage2),
    S1P: yes(stage1),
    TTF: smmuv3_table_format.AARCH64,
    COHACC: 1,
    HTTU: HTTU[tableUpdates],
    ATS: yes(ats),
    NS1ATS: yes(ats),
    ASID16: yes(asid16),
    PRI: yes(pri),
    VMID16: 1,
    CD2L: yes(ssidBits > 0),
    TTENDIAN: smmuv3_table_endianness.LITTLE,
    STALL_MODEL: stall ? smmuv3_stall_model.STALL : smmuv3_stall_model.TERMINATE,
    TERM_MODEL: 1,
    ST_LEVEL: smmuv3_stream_table_level.TWO_LEVEL,
  });
  const idr1 = register32(SMMU_IDR1, {
    SIDSIZE: sidBits,
    SSIDSIZE: ssidBits,
    PRIQS: pri ? priQueueLog2 : 0,
    EVENTQS: eventQueueLog2,
    CMDQS: commandQueueLog2,
    ATTR_PERMS_OVR: 1,
    ATTR_TYPES_OVR: 1,
  });
  // BBML is 2: invalidations work on addresses, so the size of a mapping may change without break-before-make.
  const idr3 = register32(SMMU_IDR3, { HAD: 1, FWB: yes(stage2), RIL: yes(rangeInvalidation), BBML: 2 });
  const idr5 = register32(SMMU_IDR5, {
    OAS: OAS[addressBits],
    ...gran,
    DS: yes(largeAddresses),
    VAX: largeAddresses ? smmuv3_virtual_address_size.BITS_52 : smmuv3_virtual_address_size.BITS_48,
    STALL_MAX: stall ? STALLS : 0,
  });
  return {
    idr: [idr0, idr1, 0, idr3, 0, idr5],
    iidr: register32(SMMU_IIDR, {}),
    // SMMUv3.2, the first version with ranges and BBML.
    aidr: register32(SMMU_AIDR, { ArchMinorRev: 2 }),
    departures,
    keepsDirtyState,
  };
}

/**
 * The default configuration: both stages, stalls, ATS, PRI, range invalidation, ASIDs and VMIDs of 16 bits,
 * SubstreamIDs of 20 bits, two-level stream tables and context descriptor tables, addresses of 44 bits.
 */
export const defaultSmmuv3Config: Smmuv3Config = smmuv3Config();
