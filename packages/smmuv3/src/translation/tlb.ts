/**
 * The TLB. The translator inserts complete translations of both stages, one per 4 KB page; invalidation commands remove the
 * entries in their scope (Arm IHI 0070, 3.17 and 4.4). The size of the TLB is bounded, so that a guest cannot exhaust
 * memory: the oldest entries are evicted first.
 */
import type { Permissions } from '../memory.js';
import type { Rights } from './rights.js';

/** The regime of a translation: stage 1, with or without stage 2, or only stage 2 (Arm IHI 0070, 3.17). */
export type Regime = 'EL1' | 'EL2' | 'EL2-E2H' | 'stage 2';

/** The tag of a translation. */
export interface TlbTag {
  /** Its regime. */
  readonly regime: Regime;
  /** Its VMID; 0 if the regime has none. */
  readonly vmid: number;
  /** Its ASID; 0 if the regime has none. */
  readonly asid: number;
}

/** The translation of one 4 KB page, by both stages together. */
export interface TlbEntry<P> {
  /** The page. */
  readonly place: P;
  /** Stage 1 permissions. */
  readonly rights: Rights;
  /** Stage 2 permissions; all of them without stage 2. */
  readonly stage2: Permissions;
  /** The output of stage 1 for the page. */
  readonly ipa: bigint;
  /** True if a write walks the tables despite the entry, because it may have to mark the page dirty. */
  readonly writesWalk: boolean;
  /** True if it matches all ASIDs. */
  readonly global: boolean;
  /** First page of the page or block of the leaf descriptor, in units of 4 KB. */
  readonly first: number;
  readonly pages: number;
  /** Level and page size of the leaf's table; undefined if unknown. */
  readonly level: number | undefined;
  readonly granule: number | undefined;
}

/** A translation in a TLB. */
export interface CachedTranslation extends TlbTag {
  /** True if it matches all ASIDs. */
  readonly global: boolean;
  /** The page of the input address, in units of 4 KB. */
  readonly page: number;
  /** The output of stage 1 for that page. */
  readonly ipa: bigint;
}

/** The scope of an invalidation: entries that match every member. */
export interface TlbScope {
  readonly regimes: readonly Regime[];
  /** Number of low VMID bits that are ignored (SMMU_CR0.VMW). */
  readonly vmidWildcard: number;
  /** Undefined for any. */
  readonly vmid: number | undefined;
  /** Undefined for any. */
  readonly asid: number | undefined;
  /** With an ASID: true if global translations are invalidated too. */
  readonly andGlobal: boolean;
  /** In units of 4 KB; undefined for all addresses. */
  readonly range: { readonly first: number; readonly pages: number } | undefined;
  readonly level: number | undefined;
  readonly granule: number | undefined;
}

interface Context<P> extends TlbTag {
  readonly global: boolean;
  /** By page number. */
  readonly entries: Map<number, TlbEntry<P>>;
}

/** Maximum number of translations of one context. The oldest are evicted. */
const MOST_ENTRIES = 4096;
/** Maximum number of contexts: a guest could exhaust memory with 65,536 ASIDs. The oldest is evicted. */
const MOST_CONTEXTS = 32;

/** A TLB. It contains only valid translations, until a command invalidates them (Arm IHI 0070, 4.4). */
export class Tlb<P> {
  private readonly contexts = new Map<number, Context<P>>();

  lookup(tag: TlbTag, page: number): TlbEntry<P> | undefined {
    if (this.contexts.size === 0) return undefined;
    return (
      this.contexts.get(keyOf(tag, false))?.entries.get(page) ??
      this.contexts.get(keyOf(tag, true))?.entries.get(page)
    );
  }

  insert(tag: TlbTag, page: number, entry: TlbEntry<P>): void {
    const { global } = entry;
    const key = keyOf(tag, global);
    let context = this.contexts.get(key);
    if (context === undefined) {
      const [oldest] = this.contexts.size >= MOST_CONTEXTS ? this.contexts.keys() : [];
      if (oldest !== undefined) this.contexts.delete(oldest);
      context = { ...tag, global, entries: new Map() };
      this.contexts.set(key, context);
    }
    const { entries } = context;
    const [oldest] = entries.size >= MOST_ENTRIES ? entries.keys() : [];
    if (oldest !== undefined) entries.delete(oldest);
    entries.set(page, entry);
  }

  /** All translations, with the page of each, in units of 4 KB. */
  *translations(): Iterable<CachedTranslation> {
    for (const { regime, vmid, asid, global, entries } of this.contexts.values())
      for (const [page, { ipa }] of entries) yield { regime, vmid, asid, global, page, ipa };
  }

  /** Invalidates all translations. */
  reset(): void {
    this.contexts.clear();
  }

  invalidate(scope: TlbScope): void {
    for (const [key, context] of this.contexts) {
      if (!isContextIn(scope, context)) continue;
      for (const [page, entry] of context.entries) if (isEntryIn(scope, entry)) context.entries.delete(page);
      if (context.entries.size === 0) this.contexts.delete(key);
    }
  }
}

const REGIME_KEYS: Readonly<Record<Regime, number>> = { EL1: 0, EL2: 1, 'EL2-E2H': 2, 'stage 2': 3 };
/** Number of VMIDs, and of ASIDs, which have 16 bits. */
const IDS = 0x1_0000;

/** The key of a context. Global translations, which match all ASIDs of a VMID, have the number after the last ASID. */
function keyOf({ regime, vmid, asid }: TlbTag, global: boolean): number {
  return (REGIME_KEYS[regime] * IDS + vmid) * (IDS + 1) + (global ? IDS : asid);
}

function isContextIn(
  { regimes, vmid, vmidWildcard, asid, andGlobal }: TlbScope,
  context: Omit<Context<unknown>, 'entries'>,
): boolean {
  if (!regimes.includes(context.regime)) return false;
  if (vmid !== undefined && context.vmid >> vmidWildcard !== vmid >> vmidWildcard) return false;
  return asid === undefined || (context.global ? andGlobal : context.asid === asid);
}

function isEntryIn(
  { range, level, granule }: TlbScope,
  entry: Pick<TlbEntry<unknown>, 'first' | 'pages' | 'level' | 'granule'>,
): boolean {
  if (level !== undefined && entry.level !== undefined && entry.level !== level) return false;
  if (granule !== undefined && entry.granule !== undefined && entry.granule !== granule) return false;
  if (range === undefined) return true;
  return entry.first < range.first + range.pages && range.first < entry.first + entry.pages;
}
