/**
 * What devices send to an SMMU and get back: transactions, ATS translation requests, page requests, and the port that carries
 * PRI responses and ATS invalidations to them. Types only; `Smmuv3` implements the other end.
 */

/** A transaction of a device as it comes to the SMMU (Arm IHI 0070, 3.2). It does not cross a page. */
export interface StreamTransaction {
  /** Its StreamID, of 32 bits. */
  readonly streamId: number;
  /** Its SubstreamID; undefined for a transaction without one, which differs from substream 0. */
  readonly substreamId: number | undefined;
  /** The input address. */
  readonly address: bigint;
  /** A write, else a read. */
  readonly write: boolean;
  /** An instruction fetch; false by default. Ignored for writes. */
  readonly instruction?: boolean | undefined;
  /** Privileged; false by default. */
  readonly privileged?: boolean | undefined;
}

/**
 * How a stalled transaction continues: it is translated again; it is aborted; or it is terminated without an error, as
 * RAZ/WI.
 */
export type Resumption = 'retry' | 'abort' | 'terminate';

/** The transaction goes to a place in memory. */
export interface PlaceOutcome<P> {
  /** Which of the outcomes this is. */
  readonly kind: 'place';
  /** The place. */
  readonly place: P;
}

/** The transaction is terminated. An event was recorded if the architecture requires one. */
export interface AbortOutcome {
  /** Which of the outcomes this is. */
  readonly kind: 'abort';
  /** Terminated as RAZ/WI, without an error for the device: CD.A is 0. Only if IDR0.TERM_MODEL is 0. */
  readonly silent?: true | undefined;
}

/** The transaction waits for CMD_RESUME. Its event is recorded now or when there is space (Arm IHI 0070, 4.7.1). */
export interface StallOutcome {
  /** Which of the outcomes this is. */
  readonly kind: 'stall';
  /** How the transaction continues. Never rejects. */
  readonly resumed: Promise<Resumption>;
  /** Calls a function when the transaction continues: within the command that ends the stall. At once if it has. */
  readonly whenResumed: (then: (how: Resumption) => void) => void;
}

/** The outcome of a transaction. */
export type SmmuOutcome<P> = PlaceOutcome<P> | AbortOutcome | StallOutcome;

/**
 * The completion of an ATS translation request (Arm IHI 0070, 3.9.1): a translation; one without permissions, after which the
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
  /** Its PASID; undefined if it has none. */
  readonly substreamId: number | undefined;
  /** The page address: bits 11 to 0 are ignored. */
  readonly address: bigint;
  /** Read access is requested. */
  readonly read: boolean;
  /** Write access is requested. */
  readonly write: boolean;
  /** Execute access is requested; only with a PASID. False by default. */
  readonly execute?: boolean | undefined;
  /** Privileged access is requested; only with a PASID. False by default. */
  readonly privileged?: boolean | undefined;
  /** Is this the last request of its group? */
  readonly last: boolean;
  /** 9 bits: the page request group. */
  readonly prgIndex: number;
}

/** A PRG response message, which answers a page request group. */
export interface PriResponse {
  /** The StreamID of the device, of 32 bits. */
  readonly streamId: number;
  /** The PASID of the response; undefined for none. */
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
  /** The PASID; undefined for translations with any PASID and those without one. */
  readonly substreamId: number | undefined;
  /** For all PASIDs. */
  readonly global: boolean;
  /** Where the range begins. */
  readonly address: bigint;
  /** The range has 2^size pages; 52 for all addresses. */
  readonly size: number;
}

/** The connection from the SMMU to a PCIe device. */
export interface StreamPort {
  /** Answers a page request group, for CMD_PRI_RESP or automatically. */
  priResponse(response: PriResponse): void;
  /** Invalidates the device's ATC. @returns false on a timeout: the next CMD_SYNC fails with CERROR_ATC_INV_SYNC */
  atcInvalidate(invalidation: AtcInvalidation): boolean;
}
