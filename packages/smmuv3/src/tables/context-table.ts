import { SMMU_CR2, smmuv3_cd, smmuv3_event_class, smmuv3_l1cd, smmuv3_ste_s1fmt } from '@iommufd/uapi';
import { decode } from '@iommufd/uapi/struct';
import { type Access, badCd, badSubstreamId, cdFetch } from '../events.js';
import { type Failure, reject } from '../failure.js';
import { Features } from '../registers/features.js';
import { mask32 } from '../registers/fields.js';
import type { Registers } from '../registers/registers.js';
import { type Cd, hasStage2, readCd, type Ste } from '../structures.js';
import { lookUpFirstTables } from '../translation/first-tables.js';
import { type Context, contextOf } from '../translation/stage1-walk.js';
import { isBeyondStage2 } from '../translation/stage2.js';
import type { StructureReader } from '../translation/structure-reader.js';
import { isCdLegal } from './cd-validity.js';

const CD_BYTES = smmuv3_cd.byteLength;
const L1CD_BYTES = smmuv3_l1cd.byteLength;
const E2H = mask32(SMMU_CR2, 'E2H');

interface CachedContext<P> extends Context<P> {
  readonly legal: boolean;
}

/** The cache of one stream. */
interface CachedTable<P> {
  readonly entries: Map<number, CachedContext<P>>;
  /** L2Ptr of valid first-level descriptors. */
  readonly firstLevel: Map<number, bigint>;
}

/**
 * The tables of context descriptors, with a cache by StreamID and index (Arm IHI 0070, 3.3.2, 5.3 and 5.4). CDs are
 * cached until CMD_CFGI_CD, even if illegal, as the architecture allows. First-level descriptors are cached only if
 * valid.
 */
export class ContextTable<P> {
  private readonly streams = new Map<number, CachedTable<P>>();

  /**
   * @param registers SMMU_CR2.E2H, which gives EL2 streams both TTBs
   * @param features those of the SMMU
   */
  constructor(
    private readonly registers: Registers,
    private readonly features: Features,
  ) {}

  /** Looks up the CD at an index. @returns C_BAD_CD if it is illegal */
  lookup(index: number, ste: Ste, access: Access, reader: StructureReader<P>): Context<P> | Failure {
    const table = this.tableOf(access.streamId);
    let cached = table.entries.get(index);
    if (cached === undefined) {
      const fetched = this.fetchContext(index, ste, access, reader, table);
      if ('kind' in fetched) return fetched;
      cached = fetched;
      if (cached.legal || this.features.departures.cachesLegalStructuresOnly !== true)
        table.entries.set(index, cached);
    }
    return cached.legal ? cached : reject(badCd(access));
  }

  private fetchContext(
    index: number,
    ste: Ste,
    access: Access,
    reader: StructureReader<P>,
    table: CachedTable<P>,
  ): CachedContext<P> | Failure {
    const cd = this.fetch(index, ste, access, reader, table);
    if ('kind' in cd) return cd;
    const legal = isCdLegal(cd, ste, this.features, (this.registers.SMMU_CR2 & E2H) !== 0);
    const { stage2 } = reader;
    if (!legal || stage2 === undefined || this.features.departures.keepsFirstTable !== true) {
      return { ...contextOf<P>(cd, undefined, this.features), legal };
    }
    const tables = lookUpFirstTables(cd, stage2, reader.memory);
    return 'kind' in tables ? tables : { ...contextOf(cd, tables, this.features), legal };
  }

  private tableOf(streamId: number): CachedTable<P> {
    let table = this.streams.get(streamId);
    if (table === undefined) {
      table = { entries: new Map(), firstLevel: new Map() };
      this.streams.set(streamId, table);
    }
    return table;
  }

  private fetch(
    index: number,
    ste: Ste,
    access: Access,
    reader: StructureReader<P>,
    table: CachedTable<P>,
  ): Cd | Failure {
    const address = this.locate(index, ste, access, reader, table);
    if (typeof address !== 'bigint') return address;
    const bytes = this.read(address, CD_BYTES, ste, access, reader);
    return bytes instanceof Uint8Array ? readCd(bytes, this.features) : bytes;
  }

  private locate(
    index: number,
    ste: Ste,
    access: Access,
    reader: StructureReader<P>,
    { firstLevel }: CachedTable<P>,
  ): bigint | Failure {
    const split = this.leafBits(ste);
    if (split === undefined) return ste.S1ContextPtr + BigInt(index * CD_BYTES);
    const first = index >> split;
    let leaf = firstLevel.get(first);
    if (leaf === undefined) {
      const address = ste.S1ContextPtr + BigInt(first * L1CD_BYTES);
      const bytes = this.read(address, L1CD_BYTES, ste, access, reader);
      if (!(bytes instanceof Uint8Array)) return bytes;
      const { V, L2Ptr } = decode(smmuv3_l1cd, bytes, { lenient: true });
      const beyond = !hasStage2(ste) && !Features.fits(L2Ptr, this.features.oas);
      if (V === 0 || beyond) return reject(badSubstreamId(access));
      leaf = L2Ptr;
      firstLevel.set(first, leaf);
    }
    return leaf + BigInt((index % 2 ** split) * CD_BYTES);
  }

  /** Base 2 logarithm of the number of CDs in a second-level table; undefined for a linear table. */
  private leafBits({ S1CDMax, S1Fmt }: Ste): number | undefined {
    if (S1CDMax === 0 || this.features.idr1.SSIDSIZE === 0 || this.features.idr0.CD2L === 0) return undefined;
    if (S1Fmt === smmuv3_ste_s1fmt.TWO_LEVEL_4KB) return 6;
    return S1Fmt === smmuv3_ste_s1fmt.TWO_LEVEL_64KB ? 10 : undefined;
  }

  private read(
    address: bigint,
    length: number,
    ste: Ste,
    access: Access,
    reader: StructureReader<P>,
  ): Uint8Array | Failure {
    const silent = this.features.departures.silentLargeStage2Input === true;
    if (silent && hasStage2(ste) && isBeyondStage2(address, ste, this.features)) return reject();
    return reader.read(address, length, smmuv3_event_class.CD) ?? reject(cdFetch(access, address));
  }

  /** Invalidates all cached entries. */
  reset(): void {
    this.streams.clear();
  }

  /** Invalidates one cached CD. @param leaf true to keep first-level descriptors */
  invalidate(streamId: number, index: number, leaf: boolean): void {
    const table = this.streams.get(streamId);
    table?.entries.delete(index);
    if (!leaf) table?.firstLevel.clear();
  }

  /** Invalidates the cached entries of `count` streams, starting at `first`. */
  invalidateStreams(first: number, count: number): void {
    for (const streamId of this.streams.keys()) {
      if (streamId >= first && streamId < first + count) this.streams.delete(streamId);
    }
  }
}
