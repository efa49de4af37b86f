// Written by `pnpm compile` from queue.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';
import type { UnknownVariant } from '../struct/variants.js';

/** A page request of a device, in the page request queue. */
export interface VtdPageRequest {
  /** [7:0] 1 for a page request. */
  Type: number;
  /** [8] 1 if the request has a PASID. */
  PP: number;
  /** [9] 1 if private data follows; reserved since revision 4.0. */
  PDP: number;
  /** [31:16] Requester ID of the device. */
  RID: number;
  /** [51:32] PASID; valid with PP. */
  PASID: number;
  /** [52] 1 if execution is requested. */
  EXE: number;
  /** [53] 1 if privileged access is requested. */
  PRIV: number;
  /** [64] 1 if read access is requested. */
  RD: number;
  /** [65] 1 if write access is requested. */
  WR: number;
  /** [66] 1 for the last request of its group. */
  LPIG: number;
  /** [75:67] Index of the page request group. */
  PRGI: number;
  /** [127:76] Address of the requested page, aligned to 4 KiB. */
  ADDR: bigint;
  /** [191:128] Private data, for the response. */
  PRIV_DATA_LO: bigint;
  /** [255:192] Private data, for the response. */
  PRIV_DATA_HI: bigint;
}

export const vtd_page_request: Named<VtdPageRequest> = undefined;

/** Invalidates entries of the context cache. Section 6.5.2.1. */
export interface QI_CC {
  /** [3:0] Marks this form. */
  Type: 1;
  /** [5:4] Granularity. One of vtd_context_granularity. */
  G: number;
  /** [31:16] Domain. */
  DID: number;
  /** [47:32] Requester ID of the device. */
  SID: number;
  /** [49:48] Number of low bits of SID that are ignored. */
  FM: number;
}

/** Invalidates entries of the IOTLB. Section 6.5.2.3. */
export interface QI_IOTLB {
  /** [3:0] Marks this form. */
  Type: 2;
  /** [5:4] Granularity. One of vtd_iotlb_granularity. */
  G: number;
  /** [6] 1 to drain writes in progress. */
  DW: number;
  /** [7] 1 to drain reads in progress. */
  DR: number;
  /** [31:16] Domain. */
  DID: number;
  /** [69:64] Base 2 logarithm of the number of pages. */
  AM: number;
  /** [70] 1 if only leaf entries have changed. */
  IH: number;
  /** [127:76] First page, aligned to the number of pages. */
  ADDR: bigint;
}

/** Makes a device invalidate its own translations (ATS). Section 6.5.2.5. */
export interface QI_DIOTLB {
  /** [3:0] Marks this form. */
  Type: 3;
  /** [15:12] Requester ID of the physical function, bits 3:0. */
  PFSID_LO: number;
  /** [20:16] Maximum number of pending invalidations of the device. */
  MIP: number;
  /** [47:32] Requester ID of the device. */
  SID: number;
  /** [63:52] Requester ID of the physical function, bits 15:4. */
  PFSID_HI: number;
  /** [64] 1 if the lowest clear bit of ADDR encodes the number of pages; 0 for one page. */
  S: number;
  /** [127:76] First page, and the number of pages, see S. */
  ADDR: bigint;
}

/** Invalidates entries of the interrupt entry cache. Section 6.5.2.7. */
export interface QI_IEC {
  /** [3:0] Marks this form. */
  Type: 4;
  /** [4] 1 for a range of entries, 0 for all. */
  G: number;
  /** [31:27] Base 2 logarithm of the number of entries. */
  IM: number;
  /** [47:32] Index of the first entry. */
  IIDX: number;
}

/** Waits for the descriptors before it. Section 6.5.2.8. */
export interface QI_IWD {
  /** [3:0] Marks this form. */
  Type: 5;
  /** [4] 1 to raise an interrupt. */
  IF: number;
  /** [5] 1 to write STDATA to STADDR. */
  SW: number;
  /** [6] 1 if later descriptors wait for this one. */
  FN: number;
  /** [7] 1 to drain page requests. */
  PD: number;
  /** [63:32] Word to write. */
  STDATA: number;
  /** [127:66] Address of the write, aligned to 4. */
  STADDR: bigint;
}

/** Invalidates entries of the IOTLB by PASID. Section 6.5.2.4. */
export interface QI_EIOTLB {
  /** [3:0] Marks this form. */
  Type: 6;
  /** [5:4] Granularity. One of vtd_piotlb_granularity. */
  G: number;
  /** [31:16] Domain. */
  DID: number;
  /** [51:32] PASID. */
  PASID: number;
  /** [69:64] Base 2 logarithm of the number of pages. */
  AM: number;
  /** [70] 1 if only leaf entries have changed. */
  IH: number;
  /** [127:76] First page, aligned to the number of pages. */
  ADDR: bigint;
}

/** Invalidates entries of the PASID cache. Section 6.5.2.2. */
export interface QI_PC {
  /** [3:0] Marks this form. */
  Type: 7;
  /** [5:4] Granularity. One of vtd_pasid_granularity. */
  G: number;
  /** [31:16] Domain. */
  DID: number;
  /** [51:32] PASID. */
  PASID: number;
}

/** Makes a device invalidate its own translations of a PASID (ATS). Section 6.5.2.6. */
export interface QI_DEIOTLB {
  /** [3:0] Marks this form. */
  Type: 8;
  /** [8:4] Maximum number of pending invalidations of the device. */
  MIP: number;
  /** [15:12] Requester ID of the physical function, bits 3:0. */
  PFSID_LO: number;
  /** [31:16] Requester ID of the device. */
  SID: number;
  /** [51:32] PASID. */
  PASID: number;
  /** [63:52] Requester ID of the physical function, bits 15:4. */
  PFSID_HI: number;
  /** [64] 1 for all PASIDs, 0 for the given one. */
  G: number;
  /** [75] 1 if the lowest clear bit of ADDR encodes the number of pages; 0 for one page. */
  S: number;
  /** [127:76] First page, and the number of pages, see S. */
  ADDR: bigint;
}

/** Responds to a group of page requests. Section 7.6.1. */
export interface QI_PGRP_RESP {
  /** [3:0] Marks this form. */
  Type: 9;
  /** [4] 1 if the request had a PASID. */
  PP: number;
  /** [5] 1 if private data follows; reserved since revision 4.0. */
  PDP: number;
  /** [15:12] The response. One of vtd_response_code. */
  RC: number;
  /** [31:16] Requester ID of the device. */
  RID: number;
  /** [51:32] PASID. */
  PASID: number;
  /** [66] 1 if the request was the last of its group; reserved since revision 4.0. */
  LPIG: number;
  /** [75:67] Index of the page request group. */
  PRGI: number;
}

/** A vtd_qi_desc of a form that is known. */
export type KnownVtdQiDesc =
  | QI_CC
  | QI_IOTLB
  | QI_DIOTLB
  | QI_IEC
  | QI_IWD
  | QI_EIOTLB
  | QI_PC
  | QI_DEIOTLB
  | QI_PGRP_RESP;

/** A vtd_qi_desc whose Type has no form. */
export type UnknownVtdQiDesc = UnknownVariant<'Type', KnownVtdQiDesc['Type']>;

/** A descriptor of the invalidation queue, of 128 bits. */
export type VtdQiDesc = KnownVtdQiDesc | UnknownVtdQiDesc;

export const vtd_qi_desc: Named<VtdQiDesc> = undefined;

/** Invalidates entries of the context cache. Section 6.5.2.1. */
export interface QI_CC_256 {
  /** [3:0] Marks this form. */
  Type: 1;
  /** [5:4] Granularity. One of vtd_context_granularity. */
  G: number;
  /** [31:16] Domain. */
  DID: number;
  /** [47:32] Requester ID of the device. */
  SID: number;
  /** [49:48] Number of low bits of SID that are ignored. */
  FM: number;
}

/** Invalidates entries of the IOTLB. Section 6.5.2.3. */
export interface QI_IOTLB_256 {
  /** [3:0] Marks this form. */
  Type: 2;
  /** [5:4] Granularity. One of vtd_iotlb_granularity. */
  G: number;
  /** [6] 1 to drain writes in progress. */
  DW: number;
  /** [7] 1 to drain reads in progress. */
  DR: number;
  /** [31:16] Domain. */
  DID: number;
  /** [69:64] Base 2 logarithm of the number of pages. */
  AM: number;
  /** [70] 1 if only leaf entries have changed. */
  IH: number;
  /** [127:76] First page, aligned to the number of pages. */
  ADDR: bigint;
}

/** Makes a device invalidate its own translations (ATS). Section 6.5.2.5. */
export interface QI_DIOTLB_256 {
  /** [3:0] Marks this form. */
  Type: 3;
  /** [15:12] Requester ID of the physical function, bits 3:0. */
  PFSID_LO: number;
  /** [20:16] Maximum number of pending invalidations of the device. */
  MIP: number;
  /** [47:32] Requester ID of the device. */
  SID: number;
  /** [63:52] Requester ID of the physical function, bits 15:4. */
  PFSID_HI: number;
  /** [64] 1 if the lowest clear bit of ADDR encodes the number of pages; 0 for one page. */
  S: number;
  /** [127:76] First page, and the number of pages, see S. */
  ADDR: bigint;
}

/** Invalidates entries of the interrupt entry cache. Section 6.5.2.7. */
export interface QI_IEC_256 {
  /** [3:0] Marks this form. */
  Type: 4;
  /** [4] 1 for a range of entries, 0 for all. */
  G: number;
  /** [31:27] Base 2 logarithm of the number of entries. */
  IM: number;
  /** [47:32] Index of the first entry. */
  IIDX: number;
}

/** Waits for the descriptors before it. Section 6.5.2.8. */
export interface QI_IWD_256 {
  /** [3:0] Marks this form. */
  Type: 5;
  /** [4] 1 to raise an interrupt. */
  IF: number;
  /** [5] 1 to write STDATA to STADDR. */
  SW: number;
  /** [6] 1 if later descriptors wait for this one. */
  FN: number;
  /** [7] 1 to drain page requests. */
  PD: number;
  /** [63:32] Word to write. */
  STDATA: number;
  /** [127:66] Address of the write, aligned to 4. */
  STADDR: bigint;
}

/** Invalidates entries of the IOTLB by PASID. Section 6.5.2.4. */
export interface QI_EIOTLB_256 {
  /** [3:0] Marks this form. */
  Type: 6;
  /** [5:4] Granularity. One of vtd_piotlb_granularity. */
  G: number;
  /** [31:16] Domain. */
  DID: number;
  /** [51:32] PASID. */
  PASID: number;
  /** [69:64] Base 2 logarithm of the number of pages. */
  AM: number;
  /** [70] 1 if only leaf entries have changed. */
  IH: number;
  /** [127:76] First page, aligned to the number of pages. */
  ADDR: bigint;
}

/** Invalidates entries of the PASID cache. Section 6.5.2.2. */
export interface QI_PC_256 {
  /** [3:0] Marks this form. */
  Type: 7;
  /** [5:4] Granularity. One of vtd_pasid_granularity. */
  G: number;
  /** [31:16] Domain. */
  DID: number;
  /** [51:32] PASID. */
  PASID: number;
}

/** Makes a device invalidate its own translations of a PASID (ATS). Section 6.5.2.6. */
export interface QI_DEIOTLB_256 {
  /** [3:0] Marks this form. */
  Type: 8;
  /** [8:4] Maximum number of pending invalidations of the device. */
  MIP: number;
  /** [15:12] Requester ID of the physical function, bits 3:0. */
  PFSID_LO: number;
  /** [31:16] Requester ID of the device. */
  SID: number;
  /** [51:32] PASID. */
  PASID: number;
  /** [63:52] Requester ID of the physical function, bits 15:4. */
  PFSID_HI: number;
  /** [64] 1 for all PASIDs, 0 for the given one. */
  G: number;
  /** [75] 1 if the lowest clear bit of ADDR encodes the number of pages; 0 for one page. */
  S: number;
  /** [127:76] First page, and the number of pages, see S. */
  ADDR: bigint;
}

/** Responds to a group of page requests. Section 7.6.1. */
export interface QI_PGRP_RESP_256 {
  /** [3:0] Marks this form. */
  Type: 9;
  /** [4] 1 if the request had a PASID. */
  PP: number;
  /** [5] 1 if private data follows; reserved since revision 4.0. */
  PDP: number;
  /** [15:12] The response. One of vtd_response_code. */
  RC: number;
  /** [31:16] Requester ID of the device. */
  RID: number;
  /** [51:32] PASID. */
  PASID: number;
  /** [66] 1 if the request was the last of its group; reserved since revision 4.0. */
  LPIG: number;
  /** [75:67] Index of the page request group. */
  PRGI: number;
  /** [191:128] Private data of the request. */
  PRIV_DATA_LO: bigint;
  /** [255:192] Private data of the request. */
  PRIV_DATA_HI: bigint;
}

/** A vtd_qi_desc_256 of a form that is known. */
export type KnownVtdQiDesc256 =
  | QI_CC_256
  | QI_IOTLB_256
  | QI_DIOTLB_256
  | QI_IEC_256
  | QI_IWD_256
  | QI_EIOTLB_256
  | QI_PC_256
  | QI_DEIOTLB_256
  | QI_PGRP_RESP_256;

/** A vtd_qi_desc_256 whose Type has no form. */
export type UnknownVtdQiDesc256 = UnknownVariant<'Type', KnownVtdQiDesc256['Type']>;

/** A descriptor of the invalidation queue, of 256 bits. */
export type VtdQiDesc256 = KnownVtdQiDesc256 | UnknownVtdQiDesc256;

export const vtd_qi_desc_256: Named<VtdQiDesc256> = undefined;
