// Written by `pnpm compile` from priq.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** A page request of a PCIe device. An entry with SSV and Last, but neither R nor W, is not a request: it is the stop marker of a PASID. */
export interface Smmuv3Pri {
  /** [31:0] Stream of the device; its lower 16 bits are the PCIe requester ID. */
  StreamID: number;
  /** [51:32] Substream (PASID) of the request; not valid if SSV is 0. */
  SubstreamID: number;
  /** [58] 1 if privileged access is requested; 0 if SSV is 0. */
  Priv: number;
  /** [59] 1 if execution is requested; 0 if SSV is 0. */
  X: number;
  /** [60] 1 if read access is requested. */
  R: number;
  /** [61] 1 if write access is requested. */
  W: number;
  /** [62] 1 for the last request of its group. */
  Last: number;
  /** [63] 1 if the request has a PASID. */
  SSV: number;
  /** [72:64] Index of the page request group, for CMD_PRI_RESP. */
  PRGIndex: number;
  /** [127:76] Address of the requested page, aligned to 4 KB. */
  PageAddress: bigint;
}

export const smmuv3_pri: Named<Smmuv3Pri> = undefined;
