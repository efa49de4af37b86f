import type { Permissions } from '../memory.js';
import type { Rights } from './rights.js';

/** Whose translations: those of stage 1, with or without stage 2, or of stage 2 alone (Arm IHI 0070, 3.17). */
export type Regime = 'EL1' | 'EL2' | 'EL2-E2H' | 'stage 2';

/** What translations are told apart by. */
export interface TlbTag {
  readonly regime: Regime;
  readonly vmid: number;
  /** 0 where there are none. */
  readonly asid: number;
}

/** A translation of one page of 4 KB, of both stages together. */
export interface TlbEntry<P> {
  /** The page. */
  readonly place: P;
  /** What stage 1 allows. */
  readonly rights: Rights;
  /** What stage 2 allows; everything without one. */
  readonly stage2: Permissions;
  /** What stage 1 gave for the page. */
  readonly ipa: bigint;
  /** For all ASIDs. */
  readonly global: boolean;
  /** The page or block that it came from: the number of its first 4 KB, and how many. */
  readonly first: number;
  readonly pages: number;
  /** Level and page size of the table that it came from, where they are known. */
  readonly level: number | undefined;
  readonly granule: number | undefined;
}

/** What an invalidation drops: all that fits. */
export interface TlbScope {
  readonly regimes: readonly Regime[];
  /** How many lower bits of VMIDs are ignored. */
  readonly vmidWildcard: number;
  /** Any if it is undefined. */
  readonly vmid: number | undefined;
  /** Any if it is undefined. */
  readonly asid: number | undefined;
  /** Do global translations go too, where an ASID is given? */
  readonly andGlobal: boolean;
  /** In units of 4 KB; everything if it is undefined. */
  readonly range: { readonly first: number; readonly pages: number } | undefined;
  readonly level: number | undefined;
  readonly granule: number | undefined;
}

interface Context<P> extends TlbTag {
  readonly global: boolean;
  /** By page number. */
  readonly entries: Map<number, TlbEntry<P>>;
}

/** The most translations of one context; the oldest make room. */
const MOST_ENTRIES = 4096;
/** The most contexts: a guest has 65,536 ASIDs to fill memory with. The oldest makes room. */
const MOST_CONTEXTS = 32;

/** The TLB. It holds valid translations only, until a command drops them (Arm IHI 0070, 4.4). */
export class Tlb<P> {
  private readonly contexts = new Map<string, Context<P>>();

  lookup(tag: TlbTag, page: number): TlbEntry<P> | undefined {
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

  invalidate(scope: TlbScope): void {
    for (const [key, context] of this.contexts) {
      if (!isContextIn(scope, context)) continue;
      for (const [page, entry] of context.entries) if (isEntryIn(scope, entry)) context.entries.delete(page);
      if (context.entries.size === 0) this.contexts.delete(key);
    }
  }
}

/** Global translations are shared by all ASIDs of a VMID. */
function keyOf({ regime, vmid, asid }: TlbTag, global: boolean): string {
  return `${regime} ${vmid} ${global ? 'global' : asid}`;
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
