/**
 * The configuration of an SMMU: its identification registers, chosen through {@link smmuv3Config} or given as they are, and
 * the departures of an emulator. Everything that the model does follows from these values (`registers/features.ts`).
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
  /** Departures from the architecture; none by default. */
  readonly departures?: Departures | undefined;
  /**
   * Does the TLB keep that a page is dirty, where hardware marks pages dirty? Then writes to a page that software has marked
   * clean go unseen until the translation is invalidated, as the architecture permits (Arm DDI 0487, D8.5). False by default:
   * each write looks.
   */
  readonly keepsDirtyState?: boolean | undefined;
}

/** SMMU_IDR5.STALL_MAX: transactions that can be stalled at once. */
const STALLS = 64;

/** Options of {@link smmuv3Config}. */
export interface Smmuv3Options {
  /** Base 2 logarithm of the largest command queue, SMMU_IDR1.CMDQS: 0 to 19, 8 by default. */
  readonly commandQueueLog2?: number | undefined;
  /** The same for the event queue, SMMU_IDR1.EVENTQS: 7 by default. */
  readonly eventQueueLog2?: number | undefined;
  /** The same for the PRI queue, SMMU_IDR1.PRIQS: 7 by default. */
  readonly priQueueLog2?: number | undefined;
  /** Bits of a StreamID, SMMU_IDR1.SIDSIZE: 0 to 32, 16 by default. */
  readonly sidBits?: number | undefined;
  /** Bits of a SubstreamID, SMMU_IDR1.SSIDSIZE: 0 (no substreams) to 20, 20 by default. */
  readonly ssidBits?: number | undefined;
  /** Can faulting transactions stall? True by default. */
  readonly stall?: boolean | undefined;
  /** Does it answer ATS translation requests? True by default. */
  readonly ats?: boolean | undefined;
  /** Is there a PRI queue? Requires `ats`, whose value is the default. */
  readonly pri?: boolean | undefined;
  /** Can TLB invalidations name ranges (SMMU_IDR3.RIL)? True by default. */
  readonly rangeInvalidation?: boolean | undefined;
  /** Do ASIDs have 16 bits instead of 8? True by default. */
  readonly asid16?: boolean | undefined;
  /**
   * What hardware updates in translation tables, SMMU_IDR0.HTTU: nothing, which is the default, the access flag, or the dirty
   * state of pages as well.
   */
  readonly tableUpdates?: 'none' | 'access' | 'dirty' | undefined;
  /** Does the TLB keep that a page is dirty ({@link Smmuv3Config.keepsDirtyState})? False by default. */
  readonly keepsDirtyState?: boolean | undefined;
  /** Bits of a physical address, SMMU_IDR5.OAS: 44 by default. */
  readonly addressBits?: 32 | 36 | 40 | 42 | 44 | 48 | 52 | undefined;
  /** Page sizes of translation tables, SMMU_IDR5.GRAN*: `['4KB']` by default. */
  readonly granules?: readonly ('4KB' | '16KB' | '64KB')[] | undefined;
  /**
   * Can virtual addresses, and those in tables of 4 KB and 16 KB pages, have 52 bits (SMMU_IDR5.VAX and DS)? False by default.
   */
  readonly largeAddresses?: boolean | undefined;
  /** Is stage 1 supported? True by default. */
  readonly stage1?: boolean | undefined;
  /** Is stage 2 supported? True by default. */
  readonly stage2?: boolean | undefined;
  /** Departures from the architecture; none by default. */
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
 * Makes a configuration: {@link defaultSmmuv3Config} with some options changed.
 * @throws RangeError if a value is out of the architecture's range, `pri` is set without `ats`, or there is no page size
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
  if (pri && !ats) throw new RangeError('pri: needs ats');
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
  // Cached translations may be of any size at any time: all invalidations here are by address.
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
 * Both stages, stalls, ATS, PRI, invalidation of ranges, ASIDs and VMIDs of 16 bits, SubstreamIDs of 20, two-level
 * tables of everything, addresses of 44 bits.
 */
export const defaultSmmuv3Config: Smmuv3Config = smmuv3Config();
