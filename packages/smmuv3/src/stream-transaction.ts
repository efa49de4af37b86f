/**
 * The interface between devices and an SMMU: transactions, ATS translation requests, page requests, and the port that
 * carries PRI responses and ATS invalidations to a device. Types only; `Smmuv3` implements the SMMU's side.
 */

/** A transaction of a device as it arrives at the SMMU (Arm IHI 0070, 3.2). It does not cross a page. */
export interface StreamTransaction {
  /** Its StreamID, of 32 bits. */
  readonly streamId: number;
  /** Its SubstreamID; undefined for a transaction without one, which differs from substream 0. */
  readonly substreamId: number | undefined;
  /** The input address. */
  readonly address: bigint;
  /** True for a write, false for a read. */
  readonly write: boolean;
  /** True for an instruction fetch; ignored for writes. Default: false. */
  readonly instruction?: boolean | undefined;
  /** True for a privileged access. Default: false. */
  readonly privileged?: boolean | undefined;
}

/**
 * How a stalled transaction continues: it is translated again, it is aborted, or it is terminated without an error, as
 * RAZ/WI.
 */
export type Resumption = 'retry' | 'abort' | 'terminate';

/** The transaction is translated to a place in memory. */
export interface PlaceOutcome<P> {
  /** The kind of outcome. */
  readonly kind: 'place';
  /** The place. */
  readonly place: P;
}

/** The transaction is terminated. An event was recorded if the architecture requires one. */
export interface AbortOutcome {
  /** The kind of outcome. */
  readonly kind: 'abort';
  /** True if it is terminated as RAZ/WI, without an error for the device, because CD.A is 0. Only if IDR0.TERM_MODEL is 0. */
  readonly silent?: true | undefined;
}

/** The transaction waits for CMD_RESUME. Its event is recorded now, or when the queue has space (Arm IHI 0070, 4.7.1). */
export interface StallOutcome {
  /** The kind of outcome. */
  readonly kind: 'stall';
  /** How the transaction continues. Never rejects. */
  readonly resumed: Promise<Resumption>;
  /** Calls a function when the transaction continues, within the command that ends the stall; at once if it has continued. */
  readonly whenResumed: (then: (how: Resumption) => void) => void;
}

/** The outcome of a transaction. */
export type SmmuOutcome<P> = PlaceOutcome<P> | AbortOutcome | StallOutcome;

/**
 * The completion of an ATS translation request (Arm IHI 0070, 3.9.1): a translation; a translation without permissions, after
 * which the device may send a page request; Unsupported Request; or Completer Abort.
 */
export type AtsOutcome<P> =
  | PlaceOutcome<P>
  | {
      /** The kind of completion. */
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
  /** True for the last request of its group. */
  readonly last: boolean;
  /** The index of the page request group, 9 bits. */
  readonly prgIndex: number;
}

/** A PRG response message, the response to a page request group. */
export interface PriResponse {
  /** The StreamID of the device, of 32 bits. */
  readonly streamId: number;
  /** The PASID of the response; undefined for none. */
  readonly substreamId: number | undefined;
  /** The index of the page request group, 9 bits. */
  readonly prgIndex: number;
  /** A value of `smmuv3_pri_response`. */
  readonly response: number;
}

/** An ATS invalidation request (Arm IHI 0070, 4.5.1). */
export interface AtcInvalidation {
  /** The StreamID of the device, of 32 bits. */
  readonly streamId: number;
  /** The PASID; undefined for translations with any PASID and those without one. */
  readonly substreamId: number | undefined;
  /** True for all PASIDs. */
  readonly global: boolean;
  /** Start of the range. */
  readonly address: bigint;
  /** Base 2 logarithm of the range in pages of 4 KB; 52 for all addresses. */
  readonly size: number;
}

/** The connection from the SMMU to a PCIe device. */
export interface StreamPort {
  /** Delivers the response to a page request group, from CMD_PRI_RESP or automatic. */
  priResponse(response: PriResponse): void;
  /** Invalidates the device's ATC. @returns false on a timeout: the next CMD_SYNC fails with CERROR_ATC_INV_SYNC */
  atcInvalidate(invalidation: AtcInvalidation): boolean;
}
