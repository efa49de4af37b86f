/**
 * A VT-d remapping unit from the devices' side. A request has a source id (bus, device, function) and optionally a PASID; they
 * select the entry that controls its translation: in legacy mode a context entry, in scalable mode an entry of a PASID table.
 * Source: VT-d specification 3.4 to 3.7. Entries, and the page tables that they refer to, are objects here.
 */
import type { KernelTable } from '../physical-memory.js';
import type { Transaction, Translation } from '../transaction.js';
import { capabilitiesOf, extendedCapabilitiesOf, type VtdConfig } from './config.js';

/**
 * Addresses of interrupt requests: a write there requests an interrupt, and is not translated by a page table. Specification
 * 3.14.
 */
export const INTERRUPT_WINDOW = { start: 0xfee0_0000n, last: 0xfeef_ffffn } as const;

/** The translation of a request's address: the PASID granular translation type and its parameters. */
export interface VtdEntry {
  /** The stage that translates. */
  readonly stage: 'first' | 'second';
  readonly table: KernelTable;
  /** Number of address bits that the table translates. A first-stage address is canonical: its upper bits repeat the top bit. */
  readonly width: number;
}

/** The PASID of requests without a PASID: RID_PASID, which Linux leaves at 0. */
const RID_PASID = 0;

/** A remapping unit. */
export class VtdUnit {
  readonly cap: ReturnType<typeof capabilitiesOf>;
  readonly ecap: ReturnType<typeof extendedCapabilitiesOf>;
  /** Entries by source id, then by PASID. */
  private readonly contexts = new Map<number, Map<number, VtdEntry>>();

  constructor(readonly config: VtdConfig) {
    this.cap = capabilitiesOf(config.cap);
    this.ecap = extendedCapabilitiesOf(config.ecap);
  }

  /** Writes an entry, and invalidates what was cached of the old one. @param entry undefined to clear the present bit */
  setEntry(sourceId: number, pasid: number, entry: VtdEntry | undefined): void {
    const entries = this.contexts.get(sourceId) ?? new Map<number, VtdEntry>();
    this.contexts.set(sourceId, entries);
    if (entry === undefined) entries.delete(pasid);
    else entries.set(pasid, entry);
  }

  translate(sourceId: number, { iova, write, pasid }: Transaction): Translation {
    // A write there is an interrupt request, which is remapped, not translated. A read there is a fault.
    const { start, last } = INTERRUPT_WINDOW;
    if (pasid === undefined && iova >= start && iova <= last) return { reason: 'aborted' };
    const entry = this.contexts.get(sourceId)?.get(pasid ?? RID_PASID);
    if (entry === undefined) return { reason: 'blocked' };
    if (!isWithin(entry, iova)) return { reason: 'not mapped' };
    const found = entry.table.lookup(iova);
    if (found === undefined) return { reason: 'not mapped' };
    return (write ? found.write : found.read) ? found.place : { reason: 'not permitted' };
  }
}

function isWithin({ stage, width }: VtdEntry, iova: bigint): boolean {
  if (stage === 'second') return iova >> BigInt(width) === 0n;
  return BigInt.asUintN(64, BigInt.asIntN(width, iova)) === iova;
}
