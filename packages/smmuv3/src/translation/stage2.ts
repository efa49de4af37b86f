/**
 * Stage 2 translation (Arm IHI 0070, 3.4; Arm DDI 0487, D8). Used for the IPAs that stage 1 returns, for the addresses of
 * stage 1 tables and context descriptors (`structure-reader.ts`), and for transactions of streams with stage 2 alone.
 */
import { type Access, type FaultName, type FaultPlace, walkAbort } from '../events.js';
import { type Failure, fault, type FaultFlags, reject } from '../failure.js';
import type { Mapping, Permissions, TranslationMemory } from '../memory.js';
import { Features } from '../registers/features.js';
import type { Ste } from '../structures.js';
import { isAccessed, type Leaf, walkTables } from './table-walk.js';

/** Is an IPA beyond the input range of stage 2? Source: Arm IHI 0070, 3.4. */
export function isBeyondStage2(ipa: bigint, { S2T0SZ }: Ste, { oas }: Features): boolean {
  return !Features.fits(ipa, Math.min(64 - S2T0SZ, oas));
}

/**
 * The start level of stage 2, where up to 16 tables may be concatenated (Arm IHI 0070, 5.2, S2SL0).
 * @param granule base 2 logarithm of the page size
 */
export function stage2StartLevel({ S2SL0 }: Ste, granule: number): number {
  if (granule === 12) return S2SL0 === 3 ? 3 : 2 - S2SL0;
  return 3 - S2SL0;
}

/** Stage 2 has no A flag: a terminated transaction is always aborted (Arm IHI 0070, 5.5). */
const flagsOf = ({ S2R, S2S }: Ste): FaultFlags => ({ record: S2R === 1, stall: S2S === 1, abort: true });

/** The place of a stage 2 fault. */
type IpaPlace = FaultPlace & { readonly ipa: bigint };

/** The access that stage 2 checks. */
export type Wanted = Pick<Access, 'write' | 'instruction' | 'privileged'>;

/** Tables and context descriptors are read as data. */
const READ: Wanted = { write: false, instruction: false, privileged: false };

/** Stage 2 of a transaction: translates IPAs through the table at STE.S2TTB. */
export class Stage2<P> {
  /**
   * @param ste a legal STE that enables stage 2
   * @param access the transaction that events report
   * @param memory holds the tables
   * @param features of the SMMU
   */
  constructor(
    private readonly ste: Ste,
    private readonly access: Access,
    private readonly memory: TranslationMemory<P>,
    private readonly features: Features,
  ) {}

  /**
   * Translates an IPA. {@link denies} checks whether the mapping allows an access.
   * @param faultClass of `smmuv3_event_class`: what the IPA addresses
   */
  translate(ipa: bigint, faultClass: number): Mapping<P> | Failure {
    const { ste, memory } = this;
    if (!isBeyondStage2(ipa, ste, this.features)) {
      const table = memory.table?.(ste.S2TTB);
      if (table === undefined) return this.walk({ stage2: true, class: faultClass, ipa });
      const mapping = table.lookup(ipa);
      if (mapping !== undefined) return mapping;
    }
    return this.fault('F_TRANSLATION', { stage2: true, class: faultClass, ipa });
  }

  /** Returns F_PERMISSION if a mapping does not allow an access. */
  denies(permissions: Permissions, access: Wanted, ipa: bigint, faultClass: number): Failure | undefined {
    if (isAllowed(permissions, access)) return undefined;
    return this.fault('F_PERMISSION', { stage2: true, class: faultClass, ipa });
  }

  /** Translates the IPA of a structure and checks that it is readable. */
  translateForRead(ipa: bigint, faultClass: number): Mapping<P> | Failure {
    const mapping = this.translate(ipa, faultClass);
    return 'kind' in mapping ? mapping : (this.denies(mapping, READ, ipa, faultClass) ?? mapping);
  }

  /** Walks tables in memory. Not modelled: memory attributes, and S2PTW, which depends on them. */
  private walk(place: IpaPlace): Mapping<P> | Failure {
    const { ste, access, memory, features } = this;
    const granule = features.granule(ste.S2TG);
    if (granule === undefined) return this.fault('F_TRANSLATION', place);
    const tables = {
      base: ste.S2TTB,
      bits: 64 - ste.S2T0SZ,
      granule,
      start: stage2StartLevel(ste, granule),
      outputBits: features.effectiveBits(ste.S2PS),
      bigEndian: ste.S2ENDI === 1,
    };
    const leaf = walkTables(
      tables,
      place.ipa,
      (address, length) => memory.read(address, length) ?? reject(walkAbort(access, place, address)),
    );
    if (typeof leaf === 'string') return this.fault(leaf, place);
    if ('kind' in leaf) return leaf;
    if (!isAccessed(leaf) && ste.S2AFFD === 0) return this.fault('F_ACCESS', place);
    const found = memory.place(leaf.address);
    return found === undefined ? reject() : { place: found, ...permissionsOf(leaf, features) };
  }

  private fault(name: FaultName, place: FaultPlace): Failure {
    return fault(name, this.access, place, flagsOf(this.ste));
  }
}

function isAllowed({ read, write, execute = 'all' }: Permissions, access: Wanted): boolean {
  if (access.write) return write;
  if (!access.instruction) return read;
  return read && (execute === 'all' || execute === (access.privileged ? 'privileged' : 'unprivileged'));
}

/** S2AP[0] and S2AP[1]. */
const READABLE = 1n << 6n;
const WRITABLE = 1n << 7n;

/** By XN[1:0]. Source: Arm DDI 0487, D8.4. */
const EXECUTE = ['all', 'unprivileged', 'none', 'privileged'] as const;

/** The permissions of a stage 2 descriptor. Without SMMU_IDR3.XNX the lower bit of XN is ignored. */
function permissionsOf({ descriptor }: Leaf, { idr3 }: Features): Permissions {
  const never = Number((descriptor >> 53n) & 3n);
  return {
    read: (descriptor & READABLE) !== 0n,
    write: (descriptor & WRITABLE) !== 0n,
    execute: EXECUTE[idr3.XNX === 1 ? never : never & 2],
  };
}
