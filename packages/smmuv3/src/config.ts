import {
  SMMU_AIDR,
  SMMU_IDR0,
  SMMU_IDR1,
  SMMU_IDR3,
  SMMU_IDR5,
  SMMU_IIDR,
  smmuv3_address_size,
  smmuv3_stall_model,
  smmuv3_stream_table_level,
  smmuv3_table_endianness,
  smmuv3_table_format,
} from '@iommufd/uapi';
import type { Departures } from './registers/departures.js';
import type { IdRegisters } from './registers/features.js';
import { register32 } from './registers/fields.js';

/** What an SMMU is. */
export interface Smmuv3Config extends IdRegisters {
  /** Where it departs from the architecture; nowhere if it is left out. */
  readonly departures?: Departures | undefined;
}

/** Transactions that can be stalled at once. */
const STALLS = 64;

/** What an SMMU can do, in the terms of one who chooses it. */
export interface Smmuv3Options {
  /** Base 2 logarithm of the most entries of the command queue: 8 if it is left out, at most 19. */
  readonly commandQueueLog2?: number | undefined;
  /** The same for the event queue: 7. */
  readonly eventQueueLog2?: number | undefined;
  /** The same for the PRI queue: 7. */
  readonly priQueueLog2?: number | undefined;
  /** Bits of a StreamID: 16, at most 32. */
  readonly sidBits?: number | undefined;
  /** Bits of a SubstreamID: 20, which is the most; 0 for no substreams. */
  readonly ssidBits?: number | undefined;
  /** Can transactions that fault stall? Yes. */
  readonly stall?: boolean | undefined;
  /** Does it answer ATS translation requests? Yes. */
  readonly ats?: boolean | undefined;
  /** Is there a PRI queue? Yes, which needs ATS. */
  readonly pri?: boolean | undefined;
  /** Can TLB invalidations name ranges? Yes. */
  readonly rangeInvalidation?: boolean | undefined;
  /** Have ASIDs 16 bits, and not 8? Yes. */
  readonly asid16?: boolean | undefined;
  /** Is there stage 1? Yes. */
  readonly stage1?: boolean | undefined;
  /** Is there stage 2? Yes. */
  readonly stage2?: boolean | undefined;
  /** Where it departs from the architecture: nowhere. */
  readonly departures?: Departures | undefined;
}

function checkRange(bits: Readonly<Record<string, number>>, most: number): void {
  for (const [name, value] of Object.entries(bits)) {
    if (!Number.isInteger(value) || value < 0 || value > most)
      throw new RangeError(`${name}: expected a number of bits from 0 to ${most}, found ${value}`);
  }
}

const yes = (feature: boolean): number => (feature ? 1 : 0);

/**
 * An SMMU of one's own choice: like {@link defaultSmmuv3Config} but for the options.
 * @throws RangeError for what the architecture does not have
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
  stage1 = true,
  stage2 = true,
  departures,
}: Smmuv3Options = {}): Smmuv3Config {
  checkRange({ commandQueueLog2, eventQueueLog2, priQueueLog2 }, 19);
  checkRange({ sidBits }, 32);
  checkRange({ ssidBits }, 20);
  if (pri && !ats) throw new RangeError('pri: needs ats');
  const idr0 = register32(SMMU_IDR0, {
    S2P: yes(stage2),
    S1P: yes(stage1),
    TTF: smmuv3_table_format.AARCH64,
    COHACC: 1,
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
    OAS: smmuv3_address_size.BITS_44,
    GRAN4K: 1,
    STALL_MAX: stall ? STALLS : 0,
  });
  return {
    idr: [idr0, idr1, 0, idr3, 0, idr5],
    iidr: register32(SMMU_IIDR, {}),
    // SMMUv3.2, the first version with ranges and BBML.
    aidr: register32(SMMU_AIDR, { ArchMinorRev: 2 }),
    departures,
  };
}

/**
 * Both stages, stalls, ATS, PRI, invalidation of ranges, ASIDs and VMIDs of 16 bits, SubstreamIDs of 20, two-level
 * tables of everything, addresses of 44 bits.
 */
export const defaultSmmuv3Config: Smmuv3Config = smmuv3Config();
