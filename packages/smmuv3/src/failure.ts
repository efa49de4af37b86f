/**
 * Why a transaction does not reach memory. Translation returns these as values; `Smmuv3` then records an event, stalls the
 * transaction or aborts it. A {@link Rejection} is always aborted; a {@link TranslationFault} follows the fault configuration
 * of its stage: R, S and A (Arm IHI 0070, 5.5).
 */
import type { Access, FaultName, FaultPlace, SmmuEvent } from './events.js';

/** The transaction is aborted, whatever the fault configuration says. */
export interface Rejection {
  /** Which of the failures this is. */
  readonly kind: 'rejection';
  /** The event to record; undefined for none. */
  readonly event: SmmuEvent | undefined;
}

/** What a stage does about faults (Arm IHI 0070, 5.5). */
export interface FaultFlags {
  /** R. Faults that stall are always recorded. */
  readonly record: boolean;
  /** S. */
  readonly stall: boolean;
  /** A; else reads give zeros and writes do nothing. */
  readonly abort: boolean;
}

/** One of the four faults that translation tables cause. */
export interface TranslationFault {
  /** Which of the failures this is. */
  readonly kind: 'fault';
  /** Which fault it is. */
  readonly name: FaultName;
  /** The transaction that faulted. */
  readonly access: Access;
  /** What was being translated. */
  readonly place: FaultPlace;
  /** What the stage does about it. */
  readonly flags: FaultFlags;
}

/** Why a transaction does not reach memory. */
export type Failure = Rejection | TranslationFault;

/** @param event the event to record; none if omitted */
export const reject = (event?: SmmuEvent): Rejection => ({ kind: 'rejection', event });

export const fault = (
  name: FaultName,
  access: Access,
  place: FaultPlace,
  flags: FaultFlags,
): TranslationFault => ({ kind: 'fault', name, access, place, flags });
