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
  /** [0] 1 if there is stage 2. */
  S2P: number;
  /** [1] 1 if there is stage 1. */
  S1P: number;
  /** [3:2] Formats of translation tables. One of smmuv3_table_format. */
  TTF: number;
  /** [4] 1 if the SMMU's own accesses are coherent with the processors' caches. */
  COHACC: number;
  /** [5] 1 if TLB invalidations that processors broadcast reach it. */
  BTM: number;
  /** [7:6] What it can update in translation tables. One of smmuv3_httu. */
  HTTU: number;
  /** [8] 1 if SMMU_STATUSR tells when it is dormant. */
  DORMHINT: number;
  /** [9] 1 if stage 1 can be that of EL2. */
  Hyp: number;
  /** [10] 1 if PCIe ATS is supported. */
  ATS: number;
  /** [11] 1 if split-stage ATS is NOT supported. */
  NS1ATS: number;
  /** [12] 1 if ASIDs have 16 bits, 0 if they have 8. */
  ASID16: number;
  /** [13] 1 if it can send MSIs. */
  MSI: number;
  /** [14] 1 if it can wake processors from WFE. */
  SEV: number;
  /** [15] 1 if it translates addresses on request (GATOS). */
  ATOS: number;
  /** [16] 1 if there is a PRI queue. */
  PRI: number;
  /** [17] 1 if invalidations can ignore bits of the VMID. */
  VMW: number;
  /** [18] 1 if VMIDs have 16 bits, 0 if they have 8. */
  VMID16: number;
  /** [19] 1 if tables of context descriptors can have two levels. */
  CD2L: number;
  /** [20] 1 if a virtual machine can have translations on request. */
  VATOS: number;
  /** [22:21] Byte order of translation tables. One of smmuv3_table_endianness. */
  TTENDIAN: number;
  /** [23] 1 if configuration errors of ATS requests can be recorded, see SMMU_CR2.REC_CFG_ATS. */
  ATSRECERR: number;
  /** [25:24] What can happen to transactions that fault. One of smmuv3_stall_model. */
  STALL_MODEL: number;
  /** [26] 1 if terminated faults always abort, 0 if CD.A chooses. */
  TERM_MODEL: number;
  /** [28:27] Forms of stream tables. One of smmuv3_stream_table_level. */
  ST_LEVEL: number;
  /** [30] 1 if the Realm Management Extension is supported. */
  RME_IMPL: number;
}

export const SMMU_IDR0: Named<SmmuIdr0> = undefined;

/** Identification register 1: features and sizes. */
export interface SmmuIdr1 {
  /** [5:0] Bits of a StreamID, 0 to 32. */
  SIDSIZE: number;
  /** [10:6] Bits of a SubstreamID, 0 to 20; 0 for no substreams. */
  SSIDSIZE: number;
  /** [15:11] Base 2 logarithm of the most entries of the PRI queue, up to 19. */
  PRIQS: number;
  /** [20:16] Base 2 logarithm of the most entries of the event queue, up to 19. */
  EVENTQS: number;
  /** [25:21] Base 2 logarithm of the most entries of the command queue, up to 19. */
  CMDQS: number;
  /** [26] 1 if INSTCFG, PRIVCFG and NSCFG work. */
  ATTR_PERMS_OVR: number;
  /** [27] 1 if MTCFG, SHCFG and ALLOCCFG work. */
  ATTR_TYPES_OVR: number;
  /** [28] 1 if preset addresses are counted from the base of the registers. */
  REL: number;
  /** [29] 1 if the queues have fixed places. */
  QUEUES_PRESET: number;
  /** [30] 1 if the stream table has a fixed place. */
  TABLES_PRESET: number;
  /** [31] 1 if there are enhanced command queues, see SMMU_IDR6. */
  ECMDQ: number;
}

export const SMMU_IDR1: Named<SmmuIdr1> = undefined;

/** Identification register 2: place of the VATOS page. */
export interface SmmuIdr2 {
  /** [9:0] The page is at 0x20000 + BA_VATOS * 0x10000; 0 without SMMU_IDR0.VATOS. */
  BA_VATOS: number;
}

export const SMMU_IDR2: Named<SmmuIdr2> = undefined;

/** Identification register 3: features of later versions. */
export interface SmmuIdr3 {
  /** [2] 1 if attributes of table descriptors can be ignored. */
  HAD: number;
  /** [3] 1 if descriptor bits 59 to 62 can have a use of the implementation. */
  PBHA: number;
  /** [4] 1 if stage 2 forbids execution by privilege. */
  XNX: number;
  /** [5] 1 if automatic answers to page requests always carry the PASID. */
  PPS: number;
  /** [7] 1 if MPAM is supported. */
  MPAM: number;
  /** [8] 1 if STE.S2FWB is supported. */
  FWB: number;
  /** [9] 1 if small translation tables are supported. */
  STT: number;
  /** [10] 1 if TLB invalidations take ranges and level hints. */
  RIL: number;
  /** [12:11] Level of break-before-make that mappings may change size with: 0, 1 or 2. */
  BBML: number;
  /** [13] 1 if CD.E0PD0 and E0PD1 are supported. */
  E0PD: number;
  /** [14] 1 if walks to Device memory become Normal Non-cacheable ones where S2PTW is 0. */
  PTWNNC: number;
  /** [15] 1 if there is a device permission table. */
  DPT: number;
  /** [16] 1 if translated transactions can carry a PASID. */
  PASIDTT: number;
  /** [17] 1 if CD.EPAN is supported. */
  EPAN: number;
  /** [18] 1 if stage 1 permissions can be indirect. */
  S1PI: number;
  /** [19] 1 if stage 2 permissions can be indirect. */
  S2PI: number;
  /** [20] 1 if there is a stage 2 permission overlay. */
  S2PO: number;
  /** [21] 1 if translation hardening is supported. */
  THE: number;
  /** [22] 1 if stage 2 can forbid access to memory tags. */
  MTEPERM: number;
  /** [23] 1 if CD.AIE is supported. */
  AIE: number;
}

export const SMMU_IDR3: Named<SmmuIdr3> = undefined;

/** Identification register 4: up to the implementation. */
export interface SmmuIdr4 {
  /** [31:0] Up to the implementation. */
  IMPLEMENTATION_DEFINED_31_0: number;
}

export const SMMU_IDR4: Named<SmmuIdr4> = undefined;

/** Identification register 5: addresses and page sizes. */
export interface SmmuIdr5 {
  /** [2:0] Bits of a physical address. One of smmuv3_address_size. */
  OAS: number;
  /** [4] 1 if pages of 4 KB are supported. */
  GRAN4K: number;
  /** [5] 1 if pages of 16 KB are supported. */
  GRAN16K: number;
  /** [6] 1 if pages of 64 KB are supported. */
  GRAN64K: number;
  /** [7] 1 if 52-bit addresses work with 4 KB and 16 KB pages. */
  DS: number;
  /** [8] 1 if translation table descriptors can have 128 bits. */
  D128: number;
  /** [11:10] Bits of a virtual address. One of smmuv3_virtual_address_size. */
  VAX: number;
  /** [31:16] Most transactions that can be stalled at once. */
  STALL_MAX: number;
}

export const SMMU_IDR5: Named<SmmuIdr5> = undefined;

/** Implementation identification register. */
export interface SmmuIidr {
  /** [11:0] JEP106 code of the maker: bits 11 to 8 continuation, 6 to 0 identity; 0x43b is Arm. */
  Implementer: number;
  /** [15:12] Minor revision. */
  Revision: number;
  /** [19:16] Major revision. */
  Variant: number;
  /** [31:20] Product, in the numbering of the maker. */
  ProductID: number;
}

export const SMMU_IIDR: Named<SmmuIidr> = undefined;
