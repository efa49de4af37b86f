/**
 * Translates a transaction to a place in memory: by its STE, its context descriptor and both stages (Arm IHI 0070, 3.3 and
 * chapter 15). It has the caches of STEs, context descriptors and translations, which `commands.ts` invalidates. Failures are
 * returned as values; `Smmuv3` records their events.
 */
import { SMMU_CR0, SMMU_CR2, SMMU_GBPA, smmuv3_event_class, smmuv3_ste_s1dss } from '@iommufd/uapi';
import { type Access, AT_STAGE_1, badSubstreamId, faultEvent, streamDisabled } from './events.js';
import { type Failure, reject } from './failure.js';
import { PAGE, type TranslationMemory } from './memory.js';
import { Features } from './registers/features.js';
import { mask32 } from './registers/fields.js';
import type { Registers } from './registers/registers.js';
import type { PlaceOutcome, StreamTransaction } from './stream-transaction.js';
import { hasStage1, hasStage2, isAbort, isEl2, type Ste } from './structures.js';
import { ContextTable } from './tables/context-table.js';
import { StreamTable } from './tables/stream-table.js';
import type { StageMapping } from './translation/dirty-state.js';
import { ALL_RIGHTS, allows } from './translation/rights.js';
import { Stage1Walk } from './translation/stage1-walk.js';
import { Stage2 } from './translation/stage2.js';
import { StructureReader } from './translation/structure-reader.js';
import { type Regime, Tlb, type TlbEntry, type TlbTag } from './translation/tlb.js';

const SMMUEN = mask32(SMMU_CR0, 'SMMUEN');
/** Width of an offset in a page, in bits. */
const PAGE_BITS = 12;
const PAGE_SHIFT = BigInt(PAGE_BITS);
const E2H = mask32(SMMU_CR2, 'E2H');
const ABORT = mask32(SMMU_GBPA, 'ABORT');
const { IN } = smmuv3_event_class;
const { SUBSTREAM_0, BYPASS } = smmuv3_ste_s1dss;

/** A transaction and the STE of its stream. */
export interface Found {
  /** The STE, which is legal. */
  readonly ste: Ste;
  /** The transaction as events report it. */
  readonly access: Access;
}

/** Translates transactions. It records no events. */
export class Translator<P> {
  /** The stream table and its cache. @hidden */
  readonly streams: StreamTable;
  /** The tables of context descriptors and their cache. @hidden */
  readonly contexts: ContextTable<P>;
  /** The cached translations. @hidden */
  readonly tlb = new Tlb<P>();

  /**
   * @param registers base of the stream table, and control bits
   * @param memory holds the tables, and is the target of transactions
   * @param features those of the SMMU
   */
  constructor(
    private readonly registers: Registers,
    private readonly memory: TranslationMemory<P>,
    private readonly features: Features,
  ) {
    this.streams = new StreamTable(registers, memory, features);
    this.contexts = new ContextTable(registers, features);
  }

  /** Invalidates all caches. */
  reset(): void {
    this.streams.reset();
    this.contexts.reset();
    this.tlb.reset();
  }

  /** A transaction as it arrives, before the overrides of the STE. */
  accessOf({
    streamId,
    substreamId,
    address,
    write,
    instruction = false,
    privileged = false,
  }: StreamTransaction): Access {
    return { streamId, substreamId, address, write, instruction: instruction && !write, privileged };
  }

  /** Looks up the STE. */
  find(transaction: StreamTransaction): Found | Failure {
    const access = this.accessOf(transaction);
    const ste = this.streams.lookup(access);
    return 'kind' in ste ? ste : { ste, access: this.override(access, ste) };
  }

  /** PRIVCFG and INSTCFG (Arm IHI 0070, 5.2). */
  private override(access: Access, { PRIVCFG, INSTCFG }: Ste): Access {
    if (this.features.idr1.ATTR_PERMS_OVR === 0) return access;
    const privileged = PRIVCFG < 2 ? access.privileged : PRIVCFG === 3;
    const instruction = !access.write && (INSTCFG < 2 ? access.instruction : INSTCFG === 3);
    if (privileged === access.privileged && instruction === access.instruction) return access;
    return { ...access, privileged, instruction };
  }

  /** Translates a transaction whose STE was found. */
  translate({ ste, access }: Found): PlaceOutcome<P> | Failure {
    if (isAbort(ste)) return reject();
    const index = this.contextIndex(ste, access);
    if (typeof index === 'object') return index;
    const stage2 = hasStage2(ste) ? new Stage2(ste, access, this.memory, this.features) : undefined;
    if (index !== undefined) return this.translateStage1(index, ste, access, stage2);
    // This fault is always recorded, because no CD with an R flag applies (Arm IHI 0070, 3.4).
    if (!Features.fits(access.address, this.features.oas)) {
      const isSilent = stage2 !== undefined && this.features.departures.silentLargeBypass === true;
      return reject(isSilent ? undefined : faultEvent('F_ADDR_SIZE', access, AT_STAGE_1, undefined));
    }
    return stage2 === undefined ? this.physical(access.address) : this.translateStage2(ste, access, stage2);
  }

  /**
   * The index of the CD; undefined if stage 1 is bypassed or disabled.
   * Source: Arm IHI 0070, 5.2 (S1CDMax and S1DSS), 7.3.7 and 7.3.9.
   */
  private contextIndex(ste: Ste, access: Access): number | undefined | Failure {
    const { substreamId } = access;
    const substreams = this.features.idr1.SSIDSIZE > 0 && hasStage1(ste) ? ste.S1CDMax : 0;
    if (substreamId === undefined) {
      if (!hasStage1(ste)) return undefined;
      if (substreams === 0 || ste.S1DSS === SUBSTREAM_0) return 0;
      return ste.S1DSS === BYPASS ? undefined : reject(streamDisabled(access));
    }
    if (substreams === 0 || substreamId >= 2 ** substreams) return reject(badSubstreamId(access));
    return substreamId === 0 && ste.S1DSS === SUBSTREAM_0 ? reject(streamDisabled(access)) : substreamId;
  }

  private translateStage1(
    index: number,
    ste: Ste,
    access: Access,
    stage2: Stage2<P> | undefined,
  ): PlaceOutcome<P> | Failure {
    const reader = new StructureReader(this.memory, stage2);
    const context = this.contexts.lookup(index, ste, access, reader);
    if ('kind' in context) return context;
    const regime = this.regimeOf(ste);
    const el2 = regime === 'EL2';
    const walk = new Stage1Walk(context, el2, access, reader, this.features);
    const tag: TlbTag = { regime, vmid: this.vmidOf(ste, regime), asid: el2 ? 0 : context.cd.ASID };
    const page = pageNumber(walk.address);
    const cached = this.cached(tag, page, access);
    if (cached !== undefined) {
      if (!allows(cached.rights, access, el2)) return walk.fault('F_PERMISSION');
      return this.finish(cached, access, stage2);
    }
    const result = walk.walk();
    if ('kind' in result) return result;
    if (!allows(result.rights, access, el2)) return walk.fault('F_PERMISSION');
    const tooLarge = walk.checkOutput(result);
    if (tooLarge !== undefined) return tooLarge;
    const update = walk.prepareUpdate(result);
    if (typeof update === 'object') return update;
    const ipa = result.address & -PAGE;
    const target = result.mapping ?? this.targetOf(ipa, stage2);
    if ('kind' in target) return target;
    const pages = 2 ** (result.bits - 12);
    const { rights, global, level, granule, clean } = result;
    const block = { first: page - (page % pages), pages, level, granule };
    const marksDirty = walk.marksDirty || stage2?.marksDirty === true;
    const writesWalk = this.writesWalk(access, marksDirty, clean || target.mark !== undefined);
    const entry = { ...entryOf(target, ipa), rights, global, writesWalk, ...block };
    return this.finish(entry, access, stage2, () => {
      const mark = stage2 !== undefined && access.write ? target.mark : undefined;
      const failed = update?.() ?? mark?.();
      if (failed === undefined) this.tlb.insert(tag, page, entry);
      return failed;
    });
  }

  /** Translation with only stage 2: the input address is an IPA. */
  private translateStage2(ste: Ste, access: Access, stage2: Stage2<P>): PlaceOutcome<P> | Failure {
    const tag: TlbTag = { regime: 'stage 2', vmid: ste.S2VMID, asid: 0 };
    const page = pageNumber(access.address);
    const cached = this.cached(tag, page, access);
    if (cached !== undefined) return this.finish(cached, access, stage2);
    const ipa = access.address & -PAGE;
    const target = this.targetOf(ipa, stage2);
    if ('kind' in target) return target;
    const block = { first: page, pages: 1, level: undefined, granule: undefined };
    const writesWalk = this.writesWalk(access, stage2.marksDirty, target.mark !== undefined);
    const entry = { ...entryOf(target, ipa), rights: ALL_RIGHTS, global: false, writesWalk, ...block };
    return this.finish(entry, access, stage2, () => {
      const failed = access.write ? target.mark?.() : undefined;
      if (failed === undefined) this.tlb.insert(tag, page, entry);
      return failed;
    });
  }

  private cached(tag: TlbTag, page: number, { write }: Access): TlbEntry<P> | undefined {
    const entry = this.tlb.lookup(tag, page);
    return write && entry?.writesWalk === true ? undefined : entry;
  }

  /**
   * True if later writes to a page walk the tables. Writes to a clean page do, because they mark it dirty. Writes to a
   * dirty page do if the TLB does not cache that it is dirty (`Smmuv3Config.keepsDirtyState`).
   * @param marksDirty true if hardware marks pages of the tables dirty
   * @param clean true if the page was clean before this access
   */
  private writesWalk({ write }: Access, marksDirty: boolean, clean: boolean): boolean {
    return marksDirty && (!this.features.keepsDirtyState || (clean && !write));
  }

  /** Translates the output page of stage 1, or the input page without stage 1, to a place. */
  private targetOf(page: bigint, stage2: Stage2<P> | undefined): StageMapping<P> | Failure {
    if (stage2 !== undefined) return stage2.translate(page, IN);
    const place = this.memory.place(page);
    return place === undefined ? reject() : { place, read: true, write: true };
  }

  /**
   * The place of an access in a translated page, if stage 2 allows the access.
   * @param keep updates flags of the tables, and caches the translation unless that fails. Called only on success,
   *   because faults are not cached
   */
  private finish(
    entry: TlbEntry<P>,
    access: Access,
    stage2: Stage2<P> | undefined,
    keep?: () => Failure | undefined,
  ): PlaceOutcome<P> | Failure {
    const offset = Number(BigInt.asUintN(PAGE_BITS, access.address));
    const denied = stage2?.denies(entry.stage2, access, entry.ipa, offset, IN);
    if (denied !== undefined) return denied;
    const place = this.memory.within(entry.place, offset);
    if (place === undefined) return reject();
    return keep?.() ?? { kind: 'place', place };
  }

  private physical(address: bigint): PlaceOutcome<P> | Failure {
    const place = this.memory.place(address);
    return place === undefined ? reject() : { kind: 'place', place };
  }

  private regimeOf(ste: Ste): Regime {
    if (!isEl2(ste, this.features)) return 'EL1';
    return (this.registers.SMMU_CR2 & E2H) !== 0 ? 'EL2-E2H' : 'EL2';
  }

  /**
   * The VMID tag. EL1 translations have one if stage 2 is supported, even if it is not enabled (Arm IHI 0070, 5.2,
   * S2VMID).
   */
  private vmidOf({ S2VMID }: Ste, regime: Regime): number {
    return regime === 'EL1' && this.features.stage2 ? S2VMID : 0;
  }

  /** Handles a transaction while SMMUEN is 0 (Arm IHI 0070, 6.3.14). */
  bypass(address: bigint): PlaceOutcome<P> | Failure {
    if ((this.registers.SMMU_GBPA & ABORT) !== 0 || !Features.fits(address, this.features.oas))
      return reject();
    return this.physical(address);
  }

  /** STE.PPAR of a stream; undefined if it has no valid STE. */
  ppar(streamId: number): boolean | undefined {
    if ((this.registers.SMMU_CR0 & SMMUEN) === 0) return undefined;
    const ste = this.streams.lookup(
      this.accessOf({ streamId, substreamId: undefined, address: 0n, write: false }),
    );
    return 'kind' in ste ? undefined : ste.PPAR === 1;
  }
}

/** The page number of an address: at most 52 bits, so a number represents it exactly. */
const pageNumber = (address: bigint): number => Number(address >> PAGE_SHIFT);

const entryOf = <P>(
  { place, read, write, execute }: StageMapping<P>,
  ipa: bigint,
): Pick<TlbEntry<P>, 'place' | 'stage2' | 'ipa'> => ({ place, stage2: { read, write, execute }, ipa });
