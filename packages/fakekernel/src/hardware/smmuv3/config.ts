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
import { register32 } from './register-fields.js';

/** Transactions that can be stalled at once. */
const STALLS = 64;

/** How an emulator departs from the architecture. Each is off unless it is set; QEMU's SMMUv3 has them all. */
export interface Smmuv3Departures {
  /**
   * A stage 2 fault on the way to a stage 1 table below the first one is reported with S2 = 0, though with CLASS = TT
   * and the IPA in word 3. Architecture: S2 = 1 (Arm IHI 0070, 7.3.13).
   */
  readonly stage2FaultOfWalkSaysStage1?: boolean | undefined;
  /**
   * A context descriptor beyond the input size of stage 2 aborts the transaction without an event. Architecture:
   * F_TRANSLATION with S2 = 1 and CLASS = CD (Arm IHI 0070, 3.4.3).
   */
  readonly silentContextPointerFault?: boolean | undefined;
  /**
   * Pages for privileged accesses only, AP[1] = 0, are open to unprivileged ones. Architecture: F_PERMISSION (Arm DDI
   * 0487, D8.4).
   */
  readonly ignoresPrivilegedOnly?: boolean | undefined;
  /**
   * An STE with S1CDMax other than 0 is not legal where there are no substreams. Architecture: S1CDMax is ignored there
   * (Arm IHI 0070, 5.2).
   */
  readonly checksUnusedS1CDMax?: boolean | undefined;
  /**
   * Where stage 2 has the first tables of stage 1 is looked up when a context descriptor is fetched, and kept with it:
   * what stage 2 says of them later does not count until the descriptor is dropped. Architecture: every walk goes through
   * stage 2, and what is cached of that goes with the invalidation of stage 2 (Arm IHI 0070, 4.4.3).
   */
  readonly keepsFirstTable?: boolean | undefined;
  /**
   * Translations of global pages, nG = 0, are cached for one ASID like all others. Architecture: an invalidation by
   * address drops them whatever ASID it names, and one by ASID leaves them (Arm IHI 0070, 4.4.2).
   */
  readonly ignoresGlobalPages?: boolean | undefined;
}

/** What an SMMU is: its identification registers (Arm IHI 0070, 6.3.1 to 6.3.8), and where it departs from the architecture. */
export interface Smmuv3Config {
  /** SMMU_IDR0 to SMMU_IDR5. */
  readonly idr: readonly [number, number, number, number, number, number];
  /** SMMU_IIDR: who made it. */
  readonly iidr: number;
  /** SMMU_AIDR: the version of the architecture. */
  readonly aidr: number;
  /** Where it departs from the architecture; nowhere if it is left out. */
  readonly departures?: Smmuv3Departures | undefined;
}

/** What an SMMU can do, in the terms of somebody who builds one. */
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
  readonly departures?: Smmuv3Departures | undefined;
}

function checkRange(bits: Readonly<Record<string, number>>, most: number): void {
  for (const [name, value] of Object.entries(bits)) {
    if (!Number.isInteger(value) || value < 0 || value > most)
      throw new RangeError(`${name}: expected a number of bits from 0 to ${most}, found ${value}`);
  }
}

const yes = (feature: boolean): number => (feature ? 1 : 0);

/**
 * An SMMU of one's own choice: like {@link defaultConfig} but for the options.
 * @throws RangeError for what the architecture does not have
 */
export function configWith({
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
export const defaultConfig: Smmuv3Config = configWith();
