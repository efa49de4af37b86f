import {
  SMMU_CR2,
  SMMU_STRTAB_BASE,
  SMMU_STRTAB_BASE_CFG,
  smmuv3_l1std,
  smmuv3_ste,
  smmuv3_strtab_format,
  smmuv3_strtab_split,
} from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import { type Access, badSte, badStreamId, steFetch } from '../events.js';
import { type Failure, reject } from '../failure.js';
import type { SystemMemory } from '../memory.js';
import type { Departures } from '../registers/departures.js';
import type { Features } from '../registers/features.js';
import { field32, mask32, mask64 } from '../registers/fields.js';
import type { Registers } from '../registers/registers.js';
import type { Ste } from '../structures.js';
import { isSteLegal } from './ste-validity.js';

const L1STD_BYTES = smmuv3_l1std.byteLength;
const STE_BYTES = smmuv3_ste.byteLength;
const ADDR = mask64(SMMU_STRTAB_BASE, 'ADDR');
const LOG2SIZE = field32(SMMU_STRTAB_BASE_CFG, 'LOG2SIZE');
const SPLIT = field32(SMMU_STRTAB_BASE_CFG, 'SPLIT');
const FMT = field32(SMMU_STRTAB_BASE_CFG, 'FMT');
const RECINVSID = mask32(SMMU_CR2, 'RECINVSID');
/** The maximum valid Span. */
const MOST_SPAN = 11;

/** The second-level table of a first-level descriptor. */
export interface SecondLevel {
  /** Number of STEs. */
  readonly size: number;
  /** Physical address of the first STE. */
  readonly address: bigint;
}

/** The reason why a stream has no STE. */
export type SteAbsence =
  | {
      /** The table does not cover it: C_BAD_STREAMID. */
      readonly kind: 'bad StreamID';
    }
  | {
      /** The first-level descriptor is not in memory: F_STE_FETCH. */
      readonly kind: 'fetch';
      /** Its physical address. */
      readonly address: bigint;
    };

const BAD_STREAM_ID: SteAbsence = { kind: 'bad StreamID' };

/** Number of StreamID bits that index the second level. Reserved values act as 4 KB leaves (Arm IHI 0070, 6.3.25). */
export function streamTableSplit({ SMMU_STRTAB_BASE_CFG }: Pick<Registers, 'SMMU_STRTAB_BASE_CFG'>): number {
  const split = SPLIT.get(SMMU_STRTAB_BASE_CFG);
  const { LEAF_4KB, LEAF_16KB, LEAF_64KB } = smmuv3_strtab_split;
  return split === LEAF_16KB || split === LEAF_64KB ? split : LEAF_4KB;
}

/**
 * Finds the address of a stream's STE. Source: Arm IHI 0070, sections 3.3.1, 5.1, 6.3.24 and 6.3.25.
 * @param memory holds the table
 * @param registers base and configuration of the table
 * @param features the maximum StreamID, and whether two levels are supported
 * @param streamId the stream
 * @param cache known first-level descriptors; this adds valid ones
 */
export function locateSte(
  memory: SystemMemory,
  registers: Pick<Registers, 'SMMU_STRTAB_BASE' | 'SMMU_STRTAB_BASE_CFG'>,
  { idr0, idr1, departures }: Pick<Features, 'idr0' | 'idr1' | 'departures'>,
  streamId: number,
  cache: Map<number, SecondLevel> = new Map<number, SecondLevel>(),
): bigint | SteAbsence {
  const { SMMU_STRTAB_BASE, SMMU_STRTAB_BASE_CFG: config } = registers;
  // SIDSIZE limits the StreamIDs, but not the alignment of the table (6.3.24).
  const literal = LOG2SIZE.get(config);
  const log2size = Math.min(literal, idr1.SIDSIZE);
  if (streamId >= 2 ** log2size) return BAD_STREAM_ID;
  if (FMT.get(config) !== smmuv3_strtab_format.TWO_LEVEL || idr0.ST_LEVEL === 0) {
    return aligned(SMMU_STRTAB_BASE & ADDR, STE_BYTES * 2 ** literal) + BigInt(streamId * STE_BYTES);
  }
  const split = streamTableSplit(registers);
  const descriptors = 2 ** Math.max(literal - split, 0);
  const base = aligned(SMMU_STRTAB_BASE & ADDR, L1STD_BYTES * descriptors);
  const first = Math.floor(streamId / 2 ** split);
  const leaf = cache.get(first) ?? secondLevel(memory, base + BigInt(first * L1STD_BYTES), split, departures);
  if ('kind' in leaf) return leaf;
  cache.set(first, leaf);
  const index = streamId % 2 ** split;
  return index < leaf.size ? leaf.address + BigInt(index * STE_BYTES) : BAD_STREAM_ID;
}

/** The address of a table, aligned to its size: lower address bits are ignored (6.3.24; for the second level, 5.1). */
const aligned = (address: bigint, bytes: number): bigint => address & -BigInt(bytes);

function secondLevel(
  memory: SystemMemory,
  address: bigint,
  split: number,
  { doublesSpan = false }: Departures,
): SecondLevel | SteAbsence {
  const bytes = memory.read(address, L1STD_BYTES);
  if (bytes === undefined) return { kind: 'fetch', address };
  const { Span, L2Ptr } = decode(smmuv3_l1std, bytes, { lenient: true });
  // A Span that exceeds the split is invalid too.
  if (Span === 0 || Span > MOST_SPAN || Span - 1 > split) return BAD_STREAM_ID;
  const size = 2 ** (doublesSpan ? Span : Span - 1);
  return { size, address: aligned(L2Ptr, size * STE_BYTES) };
}

interface CachedSte {
  readonly ste: Ste;
  readonly legal: boolean;
}

/**
 * The stream table with its cache (Arm IHI 0070, 3.3.1 and 5.1). STEs are cached until CMD_CFGI_STE, even if illegal, as the
 * architecture allows. First-level descriptors are cached only if valid.
 */
export class StreamTable {
  private readonly entries = new Map<number, CachedSte>();
  private readonly firstLevel = new Map<number, SecondLevel>();

  /**
   * @param registers base and configuration of the table
   * @param memory holds the table
   * @param features those of the SMMU
   */
  constructor(
    private readonly registers: Registers,
    private readonly memory: SystemMemory,
    private readonly features: Features,
  ) {}

  /** Looks up the STE of a stream. @returns C_BAD_STE if it is illegal */
  lookup(access: Access): Ste | Failure {
    let cached = this.entries.get(access.streamId);
    if (cached === undefined) {
      const ste = this.fetch(access);
      if ('kind' in ste) return ste;
      cached = { ste, legal: isSteLegal(ste, this.features) };
      if (cached.legal || this.features.departures.cachesLegalStructuresOnly !== true)
        this.entries.set(access.streamId, cached);
    }
    return cached.legal ? cached.ste : reject(badSte(access));
  }

  private fetch(access: Access): Ste | Failure {
    const { memory, registers, features, firstLevel } = this;
    const address = locateSte(memory, registers, features, access.streamId, firstLevel);
    if (typeof address !== 'bigint') {
      if (address.kind === 'fetch') return reject(steFetch(access, address.address));
      return reject((registers.SMMU_CR2 & RECINVSID) !== 0 ? badStreamId(access) : undefined);
    }
    const bytes = memory.read(address, STE_BYTES);
    if (bytes === undefined) return reject(steFetch(access, address));
    return decode(smmuv3_ste, bytes, { lenient: true });
  }

  /** Invalidates all cached entries. */
  reset(): void {
    this.entries.clear();
    this.firstLevel.clear();
  }

  /** Invalidates the STEs of `count` streams, starting at `first`. @param leaf true to keep first-level descriptors */
  invalidate(first: number, count: number, leaf: boolean): void {
    const last = first + count - 1;
    dropRange(this.entries, first, last);
    if (leaf) return;
    const split = streamTableSplit(this.registers);
    dropRange(this.firstLevel, Math.floor(first / 2 ** split), Math.floor(last / 2 ** split));
  }
}

/** Deletes the keys from `first` to `last`. */
function dropRange(map: Map<number, unknown>, first: number, last: number): void {
  if (first === last) {
    map.delete(first);
    return;
  }
  for (const key of map.keys()) if (key >= first && key <= last) map.delete(key);
}
