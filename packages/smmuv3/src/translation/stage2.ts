/**
 * Stage 2 translation (Arm IHI 0070, 3.4; Arm DDI 0487, D8). It translates the IPAs that stage 1 returns, the addresses
 * of stage 1 tables and context descriptors (`structure-reader.ts`), and the transactions of streams with only stage 2.
 */
import { smmuv3_event_class } from '@iommufd/uapi';
import { type Access, type FaultName, type FaultPlace, walkAbort } from '../events.js';
import { type Failure, fault, type FaultFlags, reject } from '../failure.js';
import type { Permissions, TranslationMemory } from '../memory.js';
import { Features } from '../registers/features.js';
import type { Ste } from '../structures.js';
import { type StageMapping, stageMapping } from './dirty-state.js';
import {
  ACCESS_FLAG,
  descriptorBytes,
  DIRTY_BIT_MODIFIER,
  isAccessed,
  isWide,
  type Leaf,
  walkTables,
} from './table-walk.js';

/** True if an IPA is beyond the input range of stage 2. Source: Arm IHI 0070, 3.4. */
export function isBeyondStage2(ipa: bigint, { S2T0SZ }: Ste, { oas }: Features): boolean {
  return !Features.fits(ipa, Math.min(64 - S2T0SZ, oas));
}

/**
 * The start level of stage 2. Up to 16 tables may be concatenated there (Arm IHI 0070, 5.2, S2SL0; Arm DDI 0487, tables
 * D8-19, D8-29 and D8-38).
 * @param granule base 2 logarithm of the page size
 * @returns undefined for a reserved value
 */
export function stage2StartLevel(ste: Ste, granule: number, features: Features): number | undefined {
  const { S2SL0, S2SL0_2 } = ste;
  const wide = isWide(granule, ste.S2DS, features);
  if (granule !== 12) return S2SL0 === 3 && (granule === 16 || !wide) ? undefined : 3 - S2SL0;
  if (wide && S2SL0_2 === 1) return S2SL0 === 0 ? -1 : undefined;
  return S2SL0 === 3 ? 3 : 2 - S2SL0;
}

/** Stage 2 has no A flag: a terminated transaction is always aborted (Arm IHI 0070, 5.5). */
const flagsOf = ({ S2R, S2S }: Ste): FaultFlags => ({ record: S2R === 1, stall: S2S === 1, abort: true });

const { TT } = smmuv3_event_class;

/** The place of a stage 2 fault. */
type IpaPlace = FaultPlace & { readonly ipa: bigint };

/** The access for which stage 2 checks permissions. */
export type Wanted = Pick<Access, 'write' | 'instruction' | 'privileged'>;

/** Tables and context descriptors are read as data. */
const READ: Wanted = { write: false, instruction: false, privileged: false };
/** Flags of descriptors are written as data. */
const WRITE: Wanted = { ...READ, write: true };

/** Stage 2 of a transaction: translates IPAs by the table at STE.S2TTB. */
export class Stage2<P> {
  /**
   * @param ste a legal STE that enables stage 2
   * @param access the transaction, for events
   * @param memory holds the tables
   * @param features those of the SMMU
   */
  constructor(
    private readonly ste: Ste,
    private readonly access: Access,
    private readonly memory: TranslationMemory<P>,
    private readonly features: Features,
  ) {}

  /**
   * Translates an IPA. {@link denies} checks whether the mapping allows an access.
   * @param faultClass a value of `smmuv3_event_class`: the kind of IPA
   */
  translate(ipa: bigint, faultClass: number): StageMapping<P> | Failure {
    const { ste, memory } = this;
    if (!isBeyondStage2(ipa, ste, this.features)) {
      const table = memory.table?.(ste.S2TTB);
      if (table === undefined) return this.walk({ stage2: true, class: faultClass, ipa });
      const mapping = table.lookup(ipa);
      if (mapping !== undefined) return stageMapping(mapping, this.marksDirty);
    }
    return this.fault('F_TRANSLATION', { stage2: true, class: faultClass, ipa });
  }

  /** True if hardware marks pages dirty. */
  get marksDirty(): boolean {
    return this.ste.S2HA === 1 && this.ste.S2HD === 1;
  }

  /**
   * Returns F_PERMISSION if a mapping does not allow an access.
   * @param base an IPA; `offset` is the offset of the access from it
   */
  denies(
    permissions: Permissions,
    access: Wanted,
    base: bigint,
    offset: number,
    faultClass: number,
    updates = false,
  ): Failure | undefined {
    if (isAllowed(permissions, access)) return undefined;
    const ipa = base + BigInt(offset);
    return this.fault('F_PERMISSION', { stage2: true, class: faultClass, ipa, updates });
  }

  /** Translates the IPA of a structure and checks that it is readable. */
  translateForRead(ipa: bigint, faultClass: number): StageMapping<P> | Failure {
    const mapping = this.translate(ipa, faultClass);
    return 'kind' in mapping ? mapping : (this.denies(mapping, READ, ipa, 0, faultClass) ?? mapping);
  }

  /** Translates the IPA of a stage 1 descriptor and checks that it is writable (Arm IHI 0070, 3.13.5). */
  translateForUpdate(ipa: bigint): StageMapping<P> | Failure {
    const mapping = this.translate(ipa, TT);
    return 'kind' in mapping ? mapping : (this.denies(mapping, WRITE, ipa, 0, TT, true) ?? mapping);
  }

  /** Walks tables in memory. Not modelled: memory attributes, and S2PTW, which depends on them. */
  private walk(place: IpaPlace): StageMapping<P> | Failure {
    const { ste, access, memory, features } = this;
    const granule = features.granule(ste.S2TG);
    const start = granule === undefined ? undefined : stage2StartLevel(ste, granule, features);
    // Unreachable with a legal STE.
    if (granule === undefined || start === undefined) return this.fault('F_TRANSLATION', place);
    const tables = {
      base: ste.S2TTB,
      bits: 64 - ste.S2T0SZ,
      granule,
      wide: isWide(granule, ste.S2DS, features),
      start,
      outputBits: features.effectiveBits(ste.S2PS),
      bigEndian: ste.S2ENDI === 1,
    };
    const leaf = walkTables(tables, place.ipa, {
      descriptorAt: (address, length) =>
        memory.read(address, length) ?? reject(walkAbort(access, place, address)),
    });
    if (typeof leaf === 'string') return this.fault(leaf, place);
    if ('kind' in leaf) return leaf;
    if (!isAccessed(leaf)) {
      if (ste.S2HA === 0 && ste.S2AFFD === 0) return this.fault('F_ACCESS', place);
      const failed = ste.S2HA === 1 ? this.set(leaf, ACCESS_FLAG, place) : undefined;
      if (failed !== undefined) return failed;
    }
    const found = memory.place(leaf.address);
    if (found === undefined) return reject();
    const permissions = permissionsOf(leaf, features);
    if (!this.marksDirty || permissions.write || (leaf.descriptor & DIRTY_BIT_MODIFIER) === 0n)
      return { place: found, ...permissions };
    return {
      ...{ place: found, ...permissions, write: true },
      mark: () => this.set(leaf, ACCESS_FLAG | WRITABLE, place),
    };
  }

  /** Sets flags of a descriptor. @returns F_WALK_EABT on an external abort */
  private set({ descriptor, at }: Leaf, flags: bigint, place: IpaPlace): Failure | undefined {
    const bytes = descriptorBytes(descriptor | flags, this.ste.S2ENDI === 1);
    return this.memory.write(at, bytes) ? undefined : reject(walkAbort(this.access, place, at));
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

/** Execute permission by XN[1:0]. Source: Arm DDI 0487, D8.4. */
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
