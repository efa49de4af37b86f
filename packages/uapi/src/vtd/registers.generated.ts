// Written by `pnpm compile` from registers.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Capabilities of a VT-d unit (CAP_REG). */
export interface VtdCapReg {
  /** [2:0] Domains: 2^(4 + 2 * ND) ids; ND is at most 6. */
  ND: number;
  /** [3] Advanced fault logging. */
  AFL: number;
  /** [4] Write buffers must be flushed to make changes of tables visible. */
  RWBF: number;
  /** [5] A protected range of memory below 4 GiB. */
  PLMR: number;
  /** [6] A protected range of memory above 4 GiB. */
  PHMR: number;
  /** [7] Caching mode: entries that are not present may be cached. Set by emulated units. */
  CM: number;
  /** [12:8] Widths of second-stage addresses: bit 1 39 bits, bit 2 48 bits, bit 3 57 bits. */
  SAGAW: number;
  /** [21:16] Maximum address width of requests in bits, minus one. */
  MGAW: number;
  /** [22] Zero-length reads of write-only pages are allowed. */
  ZLR: number;
  /** [23] Reserved since revision 2; isochronous traffic before. */
  DEP: number;
  /** [33:24] Offset of the fault recording registers, in units of 16 bytes. */
  FRO: number;
  /** [37:34] Large pages of the second stage: bit 0 2 MiB, bit 1 1 GiB. */
  SSLPS: number;
  /** [39] Page-selective invalidation. */
  PSI: number;
  /** [47:40] Number of fault recording registers, minus one. */
  NFR: number;
  /** [53:48] Maximum address mask of an invalidation. */
  MAMV: number;
  /** [54] Writes are drained by an invalidation. */
  DWD: number;
  /** [55] Reads are drained by an invalidation. */
  DRD: number;
  /** [56] The first stage supports pages of 1 GiB. */
  FS1GP: number;
  /** [59] Posted interrupts. */
  PI: number;
  /** [60] The first stage supports five levels: 57 bits. */
  FS5LP: number;
  /** [61] Enhanced commands. */
  ECMDS: number;
  /** [62] Setting the interrupt remapping table invalidates caches. */
  ESIRTPS: number;
  /** [63] Setting the root table invalidates caches. */
  ESRTPS: number;
}

export const vtd_cap_reg: Named<VtdCapReg> = undefined;

/** Extended capabilities of a VT-d unit (ECAP_REG). */
export interface VtdEcapReg {
  /** [0] Walks of tables are coherent with caches. */
  C: number;
  /** [1] Queued invalidation. */
  QI: number;
  /** [2] Device-TLBs: ATS. */
  DT: number;
  /** [3] Interrupt remapping. */
  IR: number;
  /** [4] Extended interrupt mode: x2APIC. */
  EIM: number;
  /** [6] Pass through. */
  PT: number;
  /** [7] Snoop control: entries can force accesses to snoop. */
  SC: number;
  /** [17:8] Offset of the IOTLB registers, in units of 16 bytes. */
  IRO: number;
  /** [23:20] Maximum handle mask of an interrupt entry invalidation. */
  MHMV: number;
  /** [25] Memory types. */
  MTS: number;
  /** [26] Nested translation. */
  NEST: number;
  /** [29] Page requests. */
  PRS: number;
  /** [30] Execute requests. */
  ERS: number;
  /** [31] Supervisor requests. */
  SRS: number;
  /** [33] The no-write flag of translation requests. */
  NWFS: number;
  /** [34] The extended-accessed flag of the first stage. */
  EAFS: number;
  /** [39:35] Width of a PASID in bits, minus one. */
  PSS: number;
  /** [40] Requests with PASID. */
  PASID: number;
  /** [41] Throttling of Device-TLB invalidations. */
  DIT: number;
  /** [42] Draining of page requests. */
  PDS: number;
  /** [43] Scalable mode. */
  SMTS: number;
  /** [44] Virtual commands. */
  VCS: number;
  /** [45] Accessed and dirty bits of the second stage. */
  SSADS: number;
  /** [46] Second-stage translation in scalable mode. */
  SSTS: number;
  /** [47] First-stage translation in scalable mode. */
  FSTS: number;
  /** [48] Walks of PASID tables and below are coherent with caches. */
  SMPWCS: number;
  /** [49] The PASID for requests without PASID can be set. */
  RPS: number;
  /** [51] Performance monitoring. */
  PMS: number;
  /** [52] A mode that aborts all DMA. */
  ADMS: number;
  /** [53] The privilege of requests without PASID can be set. */
  RPRIVS: number;
}

export const vtd_ecap_reg: Named<VtdEcapReg> = undefined;
