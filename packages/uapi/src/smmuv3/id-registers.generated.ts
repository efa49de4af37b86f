// Written by `pnpm compile` from id-registers.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Architecture identification register. */
export interface SmmuAidr {
  /** [3:0] Minor version: 4 for SMMUv3.4. */
  ArchMinorRev: number;
  /** [7:4] Major version: 0 for SMMUv3. */
  ArchMajorRev: number;
}

export const SMMU_AIDR: Named<SmmuAidr> = undefined;

/** Identification register 0: features. */
export interface SmmuIdr0 {
  /** [0] 1 if stage 2 is supported. */
  S2P: number;
  /** [1] 1 if stage 1 is supported. */
  S1P: number;
  /** [3:2] Formats of translation tables. One of smmuv3_table_format. */
  TTF: number;
  /** [4] 1 if the SMMU's own accesses are coherent with the processors' caches. */
  COHACC: number;
  /** [5] 1 if TLB invalidations that processors broadcast are received. */
  BTM: number;
  /** [7:6] Flags in translation tables that the hardware can update. One of smmuv3_httu. */
  HTTU: number;
  /** [8] 1 if SMMU_STATUSR reports that the SMMU is dormant. */
  DORMHINT: number;
  /** [9] 1 if stage 1 supports the EL2 regimes. */
  Hyp: number;
  /** [10] 1 if PCIe ATS is supported. */
  ATS: number;
  /** [11] 1 if split-stage ATS is NOT supported. */
  NS1ATS: number;
  /** [12] 1 if ASIDs have 16 bits, 0 if they have 8. */
  ASID16: number;
  /** [13] 1 if MSIs are supported. */
  MSI: number;
  /** [14] 1 if the SMMU can wake processors from WFE. */
  SEV: number;
  /** [15] 1 if software can request address translations (GATOS). */
  ATOS: number;
  /** [16] 1 if there is a PRI queue. */
  PRI: number;
  /** [17] 1 if invalidations can ignore bits of the VMID. */
  VMW: number;
  /** [18] 1 if VMIDs have 16 bits, 0 if they have 8. */
  VMID16: number;
  /** [19] 1 if tables of context descriptors can have two levels. */
  CD2L: number;
  /** [20] 1 if a virtual machine can request address translations (VATOS). */
  VATOS: number;
  /** [22:21] Byte order of translation tables. One of smmuv3_table_endianness. */
  TTENDIAN: number;
  /** [23] 1 if configuration errors of ATS requests can be recorded, see SMMU_CR2.REC_CFG_ATS. */
  ATSRECERR: number;
  /** [25:24] Stall and terminate model for transactions that fault. One of smmuv3_stall_model. */
  STALL_MODEL: number;
  /** [26] 1 if terminated faults always abort, 0 if CD.A selects. */
  TERM_MODEL: number;
  /** [28:27] Forms of stream tables. One of smmuv3_stream_table_level. */
  ST_LEVEL: number;
  /** [30] 1 if the Realm Management Extension is supported. */
  RME_IMPL: number;
}

export const SMMU_IDR0: Named<SmmuIdr0> = undefined;

/** Identification register 1: features and sizes. */
export interface SmmuIdr1 {
  /** [5:0] Width of a StreamID in bits, 0 to 32. */
  SIDSIZE: number;
  /** [10:6] Width of a SubstreamID in bits, 0 to 20; 0 for no substreams. */
  SSIDSIZE: number;
  /** [15:11] Base 2 logarithm of the maximum number of entries of the PRI queue, up to 19. */
  PRIQS: number;
  /** [20:16] Base 2 logarithm of the maximum number of entries of the event queue, up to 19. */
  EVENTQS: number;
  /** [25:21] Base 2 logarithm of the maximum number of entries of the command queue, up to 19. */
  CMDQS: number;
  /** [26] 1 if INSTCFG, PRIVCFG and NSCFG are supported. */
  ATTR_PERMS_OVR: number;
  /** [27] 1 if MTCFG, SHCFG and ALLOCCFG are supported. */
  ATTR_TYPES_OVR: number;
  /** [28] 1 if preset addresses are relative to the base of the registers. */
  REL: number;
  /** [29] 1 if the queues have fixed addresses. */
  QUEUES_PRESET: number;
  /** [30] 1 if the stream table has a fixed address. */
  TABLES_PRESET: number;
  /** [31] 1 if enhanced command queues are supported, see SMMU_IDR6. */
  ECMDQ: number;
}

export const SMMU_IDR1: Named<SmmuIdr1> = undefined;

/** Identification register 2: address of the VATOS page. */
export interface SmmuIdr2 {
  /** [9:0] The page is at 0x20000 + BA_VATOS * 0x10000; 0 without SMMU_IDR0.VATOS. */
  BA_VATOS: number;
}

export const SMMU_IDR2: Named<SmmuIdr2> = undefined;

/** Identification register 3: features of later versions. */
export interface SmmuIdr3 {
  /** [2] 1 if attributes of table descriptors can be ignored. */
  HAD: number;
  /** [3] 1 if descriptor bits 59 to 62 can have an IMPLEMENTATION DEFINED use. */
  PBHA: number;
  /** [4] 1 if stage 2 can forbid execution separately for privileged and unprivileged accesses. */
  XNX: number;
  /** [5] 1 if automatic responses to page requests always carry the PASID. */
  PPS: number;
  /** [7] 1 if MPAM is supported. */
  MPAM: number;
  /** [8] 1 if STE.S2FWB is supported. */
  FWB: number;
  /** [9] 1 if small translation tables are supported. */
  STT: number;
  /** [10] 1 if TLB invalidations support ranges and level hints. */
  RIL: number;
  /** [12:11] Level of break-before-make support for changes of the size of a mapping: 0, 1 or 2. */
  BBML: number;
  /** [13] 1 if CD.E0PD0 and E0PD1 are supported. */
  E0PD: number;
  /** [14] 1 if walks to Device memory are Normal Non-cacheable when S2PTW is 0. */
  PTWNNC: number;
  /** [15] 1 if device permission tables are supported. */
  DPT: number;
  /** [16] 1 if translated transactions can carry a PASID. */
  PASIDTT: number;
  /** [17] 1 if CD.EPAN is supported. */
  EPAN: number;
  /** [18] 1 if stage 1 permissions can be indirect. */
  S1PI: number;
  /** [19] 1 if stage 2 permissions can be indirect. */
  S2PI: number;
  /** [20] 1 if the stage 2 permission overlay is supported. */
  S2PO: number;
  /** [21] 1 if translation hardening is supported. */
  THE: number;
  /** [22] 1 if stage 2 can forbid access to memory tags. */
  MTEPERM: number;
  /** [23] 1 if CD.AIE is supported. */
  AIE: number;
}

export const SMMU_IDR3: Named<SmmuIdr3> = undefined;

/** Identification register 4: IMPLEMENTATION DEFINED. */
export interface SmmuIdr4 {
  /** [31:0] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_31_0: number;
}

export const SMMU_IDR4: Named<SmmuIdr4> = undefined;

/** Identification register 5: addresses and page sizes. */
export interface SmmuIdr5 {
  /** [2:0] Width of a physical address. One of smmuv3_address_size. */
  OAS: number;
  /** [4] 1 if pages of 4 KB are supported. */
  GRAN4K: number;
  /** [5] 1 if pages of 16 KB are supported. */
  GRAN16K: number;
  /** [6] 1 if pages of 64 KB are supported. */
  GRAN64K: number;
  /** [7] 1 if 52-bit addresses are supported with 4 KB and 16 KB pages. */
  DS: number;
  /** [8] 1 if translation table descriptors can have 128 bits. */
  D128: number;
  /** [11:10] Width of a virtual address. One of smmuv3_virtual_address_size. */
  VAX: number;
  /** [31:16] Maximum number of transactions that can be stalled at once. */
  STALL_MAX: number;
}

export const SMMU_IDR5: Named<SmmuIdr5> = undefined;

/** Implementation identification register. */
export interface SmmuIidr {
  /** [11:0] JEP106 code of the implementer: bits 11 to 8 continuation, 6 to 0 identity; 0x43b is Arm. */
  Implementer: number;
  /** [15:12] Minor revision. */
  Revision: number;
  /** [19:16] Major revision. */
  Variant: number;
  /** [31:20] Product, as numbered by the implementer. */
  ProductID: number;
}

export const SMMU_IIDR: Named<SmmuIidr> = undefined;
