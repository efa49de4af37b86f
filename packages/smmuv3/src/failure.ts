/**
 * The reasons why a transaction fails. Translation returns them as values; `Smmuv3` then records an event, stalls the
 * transaction or aborts it. A {@link Rejection} is always aborted. A {@link TranslationFault} is handled by the fault
 * configuration of its stage: R, S and A (Arm IHI 0070, 5.5).
 */
import type { Access, FaultName, FaultPlace, SmmuEvent } from './events.js';

/** The transaction is aborted, independently of the fault configuration. */
export interface Rejection {
  /** The kind of failure. */
  readonly kind: 'rejection';
  /** The event to record; undefined for none. */
  readonly event: SmmuEvent | undefined;
}

/** The fault configuration of a stage (Arm IHI 0070, 5.5). */
export interface FaultFlags {
  /** R: record an event. Faults that stall are always recorded. */
  readonly record: boolean;
  /** S: stall the transaction. */
  readonly stall: boolean;
  /** A: abort the transaction. If false, reads return zero and writes are ignored. */
  readonly abort: boolean;
}

/** One of the four faults that translation tables cause. */
export interface TranslationFault {
  /** The kind of failure. */
  readonly kind: 'fault';
  /** The name of the fault. */
  readonly name: FaultName;
  /** The transaction that faulted. */
  readonly access: Access;
  /** The stage, and the kind of address that it was translating. */
  readonly place: FaultPlace;
  /** The fault configuration of the stage. */
  readonly flags: FaultFlags;
}

/** The reason why a transaction fails. */
export type Failure = Rejection | TranslationFault;

/** Creates a rejection. @param event the event to record; none if omitted */
export const reject = (event?: SmmuEvent): Rejection => ({ kind: 'rejection', event });

export const fault = (
  name: FaultName,
  access: Access,
  place: FaultPlace,
  flags: FaultFlags,
): TranslationFault => ({ kind: 'fault', name, access, place, flags });
