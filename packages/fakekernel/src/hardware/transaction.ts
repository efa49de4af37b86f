import type { MemoryObject } from '../process/memory-object.js';
import type { DmaFaultReason } from './dma-fault.js';

/** A memory access as the IOMMU receives it. It does not cross a page. */
export interface Transaction {
  readonly iova: bigint;
  readonly write: boolean;
  /** Undefined for an access without a PASID, which some IOMMUs distinguish from PASID 0. */
  readonly pasid: number | undefined;
}

/** The target of a transaction: a byte of a memory object, which represents a physical address. */
export interface MemoryTarget {
  readonly object: MemoryObject;
  readonly byte: number;
  /** Number of contiguous bytes with the same permissions, from there on. */
  readonly length: number;
  /** Called with the number of bytes when the device writes there, to track dirty pages. */
  readonly written?: ((length: number) => void) | undefined;
}

/**
 * How a stalled transaction continues: `retry` translates it again, `abort` aborts it, `terminate` ends it without an error, as
 * RAZ/WI.
 */
export type Resumption = 'retry' | 'abort' | 'terminate';

/** Registers a callback for the end of a stall. */
export type WhenResumed = (then: (how: Resumption) => void) => void;

/** The reason why a transaction was refused. */
export interface Refusal {
  readonly reason: DmaFaultReason;
  /** Present if the IOMMU stalls the transaction. */
  readonly stalled?: WhenResumed | undefined;
}

/** The result of a translation. */
export type Translation = MemoryTarget | Refusal;

/** A stalled transaction for which the device waits. */
export interface Stall {
  readonly stalled: WhenResumed;
}

/** The outcome of a refused access: it is aborted; or the device requests the pages and waits; or it waits for a stall. */
export type RefusalOutcome = 'abort' | 'page request' | Stall;
