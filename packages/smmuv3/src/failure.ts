import type { Access, FaultName, FaultPlace, SmmuEvent } from './events.js';

/** The transaction is aborted, whatever the fault configuration says. */
export interface Rejection {
  /** Which of the failures this is. */
  readonly kind: 'rejection';
  /** Undefined where nothing is recorded. */
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
  /** Whose fault it is. */
  readonly access: Access;
  /** What was being translated. */
  readonly place: FaultPlace;
  /** What the stage does about it. */
  readonly flags: FaultFlags;
}

/** Why a transaction goes nowhere. */
export type Failure = Rejection | TranslationFault;

/** @param event nothing is recorded if it is left out */
export const reject = (event?: SmmuEvent): Rejection => ({ kind: 'rejection', event });

export const fault = (
  name: FaultName,
  access: Access,
  place: FaultPlace,
  flags: FaultFlags,
): TranslationFault => ({ kind: 'fault', name, access, place, flags });
