import type { Place, Resumption } from '../transaction.js';

/** A transaction of a device as it comes to the SMMU (Arm IHI 0070, 3.2). It does not cross a page. */
export interface StreamTransaction {
  readonly streamId: number;
  /** Undefined for a transaction without one, which is not the same as substream 0. */
  readonly substreamId: number | undefined;
  readonly address: bigint;
  readonly write: boolean;
  /** An instruction fetch; data if it is left out. Writes are data. */
  readonly instruction?: boolean | undefined;
  /** Privileged; unprivileged if it is left out. */
  readonly privileged?: boolean | undefined;
}

export type { Resumption } from '../transaction.js';

/** It goes to a place in memory. */
export interface PlaceOutcome {
  readonly kind: 'place';
  readonly place: Place;
}

/** It does not. An event was recorded where the architecture says so. */
export interface AbortOutcome {
  readonly kind: 'abort';
  /** CD.A is 0: the device is not told; reads give zeros and writes do nothing. Only where IDR0.TERM_MODEL is 0. */
  readonly silent?: true | undefined;
}

/** It waits for CMD_RESUME, and an event tells of it, now or when there is room for it (Arm IHI 0070, 4.7.1). */
export interface StallOutcome {
  readonly kind: 'stall';
  readonly resumed: Promise<Resumption>;
}

/** What the SMMU makes of a transaction. */
export type SmmuOutcome = PlaceOutcome | AbortOutcome | StallOutcome;

/**
 * What it answers to an ATS translation request (Arm IHI 0070, 3.9.1): a translation; one that permits nothing, so that the
 * device may send a page request; Unsupported Request; Completer Abort.
 */
export type AtsOutcome =
  | PlaceOutcome
  | { readonly kind: 'no access' }
  | { readonly kind: 'unsupported request' }
  | { readonly kind: 'completer abort' };

/** A page request message of a PCIe device (Arm IHI 0070, chapter 8). */
export interface PriRequest {
  readonly streamId: number;
  readonly substreamId: number | undefined;
  /** The page: its lower 12 bits do not count. */
  readonly address: bigint;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute?: boolean | undefined;
  readonly privileged?: boolean | undefined;
  /** Is this the last request of its group? */
  readonly last: boolean;
  /** 9 bits: the page request group. */
  readonly prgIndex: number;
}

/** How a page request group was answered: a PRG response message. */
export interface PriResponse {
  readonly streamId: number;
  readonly substreamId: number | undefined;
  readonly prgIndex: number;
  /** Of `smmuv3_pri_response`. */
  readonly response: number;
}

/** An ATS invalidation request (Arm IHI 0070, 4.5.1). */
export interface AtcInvalidation {
  /** Whose cache it is. */
  readonly streamId: number;
  /** Undefined for all PASIDs, and translations without one. */
  readonly substreamId: number | undefined;
  /** For all PASIDs. */
  readonly global: boolean;
  /** Where the range begins. */
  readonly address: bigint;
  /** The range has 2^size pages; 52 for all addresses. */
  readonly size: number;
}

/** The way from the SMMU to a PCIe device. */
export interface StreamPort {
  /** A page request group was answered, by CMD_PRI_RESP or automatically. */
  priResponse(response: PriResponse): void;
  /** @returns false if the device does not answer: then the next CMD_SYNC fails with CERROR_ATC_INV_SYNC */
  atcInvalidate(invalidation: AtcInvalidation): boolean;
}
