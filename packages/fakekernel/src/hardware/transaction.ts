import type { MemoryObject } from '../process/memory-object.js';
import type { DmaFaultReason } from './dma-fault.js';

/** An access to memory as it comes to the IOMMU. It does not cross a page. */
export interface Transaction {
  readonly iova: bigint;
  readonly write: boolean;
  /** Undefined for an access without one, which is not the same as PASID 0 to every IOMMU. */
  readonly pasid: number | undefined;
}

/** Where a transaction goes: a byte of an object, which stands for a physical address. */
export interface Place {
  readonly object: MemoryObject;
  readonly byte: number;
  /** How many bytes from there on are in one piece, and open to the same access. */
  readonly length: number;
  /** Called when the device writes that many bytes from there on: this is where pages become dirty. */
  readonly written?: ((length: number) => void) | undefined;
}

/**
 * How a transaction goes on that an IOMMU has held: it is translated again; it is aborted; it ends without a word, reads
 * give zeros and writes do nothing.
 */
export type Resumption = 'retry' | 'abort' | 'terminate';

/** Why a transaction goes nowhere. */
export interface Refusal {
  readonly reason: DmaFaultReason;
  /** The IOMMU holds it. */
  readonly stalled?: Promise<Resumption> | undefined;
}

/** What an IOMMU makes of a transaction. */
export type Translation = Place | Refusal;

/** The IOMMU holds a transaction; the device waits for it. */
export interface Stall {
  readonly stalled: Promise<Resumption>;
}

/** What becomes of an access that was refused: it ends, or the device asks for the pages and waits, or just waits. */
export type RefusalOutcome = 'abort' | 'page request' | Stall;
