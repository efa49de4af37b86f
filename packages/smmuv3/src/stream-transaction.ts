/** A transaction of a device as it comes to the SMMU (Arm IHI 0070, 3.2). It does not cross a page. */
export interface StreamTransaction {
  /** Its StreamID, of 32 bits. */
  readonly streamId: number;
  /** Undefined for a transaction without one, which is not the same as substream 0. */
  readonly substreamId: number | undefined;
  /** The input address. */
  readonly address: bigint;
  /** A write, else a read. */
  readonly write: boolean;
  /** An instruction fetch; data if it is left out. Writes are data. */
  readonly instruction?: boolean | undefined;
  /** Privileged; unprivileged if it is left out. */
  readonly privileged?: boolean | undefined;
}

/**
 * How a transaction goes on that was stalled: it is translated again; it is aborted; it ends and the device sees no error,
 * reads give zeros and writes do nothing.
 */
export type Resumption = 'retry' | 'abort' | 'terminate';

/** It goes to a place in memory. */
export interface PlaceOutcome<P> {
  /** Which of the outcomes this is. */
  readonly kind: 'place';
  /** Where. */
  readonly place: P;
}

/** It does not. An event was recorded where the architecture says so. */
export interface AbortOutcome {
  /** Which of the outcomes this is. */
  readonly kind: 'abort';
  /** CD.A is 0: the device sees no error; reads give zeros and writes do nothing. Only where IDR0.TERM_MODEL is 0. */
  readonly silent?: true | undefined;
}

/** It waits for CMD_RESUME, and an event tells of it, now or when there is room for it (Arm IHI 0070, 4.7.1). */
export interface StallOutcome {
  /** Which of the outcomes this is. */
  readonly kind: 'stall';
  /** How it goes on. Never rejected. */
  readonly resumed: Promise<Resumption>;
}

/** What the SMMU makes of a transaction. */
export type SmmuOutcome<P> = PlaceOutcome<P> | AbortOutcome | StallOutcome;

/**
 * What it answers to an ATS translation request (Arm IHI 0070, 3.9.1): a translation; one that permits nothing, so that the
 * device may send a page request; Unsupported Request; Completer Abort.
 */
export type AtsOutcome<P> =
  | PlaceOutcome<P>
  | {
      /** Which of the answers this is. */
      readonly kind: 'no access' | 'unsupported request' | 'completer abort';
    };

/** A page request message of a PCIe device (Arm IHI 0070, chapter 8). */
export interface PriRequest {
  /** The StreamID of the device, of 32 bits. */
  readonly streamId: number;
  /** Its PASID; undefined for none. */
  readonly substreamId: number | undefined;
  /** The page: its lower 12 bits do not count. */
  readonly address: bigint;
  /** It is to be read. */
  readonly read: boolean;
  /** It is to be written. */
  readonly write: boolean;
  /** It is to be executed, with a PASID: no if it is left out. */
  readonly execute?: boolean | undefined;
  /** It is for privileged accesses, with a PASID: no if it is left out. */
  readonly privileged?: boolean | undefined;
  /** Is this the last request of its group? */
  readonly last: boolean;
  /** 9 bits: the page request group. */
  readonly prgIndex: number;
}

/** How a page request group was answered: a PRG response message. */
export interface PriResponse {
  /** The StreamID of the device, of 32 bits. */
  readonly streamId: number;
  /** The PASID that it is answered with; undefined for none. */
  readonly substreamId: number | undefined;
  /** 9 bits: the page request group. */
  readonly prgIndex: number;
  /** Of `smmuv3_pri_response`. */
  readonly response: number;
}

/** An ATS invalidation request (Arm IHI 0070, 4.5.1). */
export interface AtcInvalidation {
  /** The StreamID of the device whose cache it is, of 32 bits. */
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
