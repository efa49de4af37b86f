// Written by `pnpm compile` from ste.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** An entry of the first level of a two-level stream table (L1STD). */
export interface Smmuv3L1std {
  /** [4:0] 0 without a second-level array; 1 to 11 for an array of 2^(Span - 1) entries; other values act as 0. */
  Span: number;
  /** [55:6] Address of the second-level array, aligned to its size. */
  L2Ptr: bigint;
}

export const smmuv3_l1std: Named<Smmuv3L1std> = undefined;

/** A stream table entry (STE): the configuration of one stream. A nested page table of iommufd is allocated from its words 0 and 1. */
export interface Smmuv3Ste {
  /** [0] 1 if the entry is valid; otherwise its other fields are ignored. */
  V: number;
  /** [3:1] The enabled stages of translation. One of smmuv3_ste_config. */
  Config: number;
  /** [5:4] Form of the table at S1ContextPtr; used if S1CDMax is not 0. One of smmuv3_ste_s1fmt. */
  S1Fmt: number;
  /** [55:6] Address of the context descriptor, or of the table of context descriptors; an IPA if stage 2 is enabled. */
  S1ContextPtr: bigint;
  /** [63:59] Base 2 logarithm of the number of context descriptors; 0 for no substreams. */
  S1CDMax: number;
  /** [65:64] Handling of transactions without a substream; used if S1CDMax is not 0. One of smmuv3_ste_s1dss. */
  S1DSS: number;
  /** [67:66] Inner cacheability of context descriptor fetches. One of smmuv3_cd_cacheability. */
  S1CIR: number;
  /** [69:68] Outer cacheability of context descriptor fetches. One of smmuv3_cd_cacheability. */
  S1COR: number;
  /** [71:70] Shareability of context descriptor fetches. One of smmuv3_shareability. */
  S1CSH: number;
  /** [72] 1 if the implementation may use bit 59 of stage 2 descriptors. */
  S2HWU59: number;
  /** [73] 1 if the implementation may use bit 60 of stage 2 descriptors. */
  S2HWU60: number;
  /** [74] 1 if the implementation may use bit 61 of stage 2 descriptors. */
  S2HWU61: number;
  /** [75] 1 if the implementation may use bit 62 of stage 2 descriptors. */
  S2HWU62: number;
  /** [76] 1 if destructive reads and destructive cache invalidations are allowed. */
  DRE: number;
  /** [80:77] Hint: this entry is one of 2^CONT aligned, contiguous, identical entries. */
  CONT: number;
  /** [81] 1 if the device may place data into a cache (directed cache prefetch). */
  DCP: number;
  /** [82] 1 if the automatic response to a page request that overflows the PRI queue carries its PASID. */
  PPAR: number;
  /** [83] 1 if similar events may be merged into one. */
  MEV: number;
  /** [87:84] For software; the SMMU ignores it. */
  SW_RESERVED: number;
  /** [88] 1 if context descriptors may turn on indirect permissions. */
  S1PIE: number;
  /** [89] 1 if stage 2 descriptors can force the memory type, in particular Write-back, as with HCR_EL2.FWB. */
  S2FWB: number;
  /** [90] 1 if PARTID and PMG come from the context descriptor. */
  S1MPAM: number;
  /** [91] 1 if stage 1 faults must not stall; then CD.S must be 0. */
  S1STALLD: number;
  /** [93:92] ATS support for the stream. One of smmuv3_ste_eats. */
  EATS: number;
  /** [95:94] Translation regime of stage 1. One of smmuv3_ste_strw. */
  STRW: number;
  /** [99:96] Memory type that MTCFG selects. One of smmuv3_mem_attr. */
  MemAttr: number;
  /** [100] 1 to replace the memory type of transactions by MemAttr. */
  MTCFG: number;
  /** [104:101] Allocation hints: below 8, those of the transaction; otherwise 8 plus read 4, write 2, transient 1. */
  ALLOCCFG: number;
  /** [109:108] Shareability of transactions. One of smmuv3_shcfg. */
  SHCFG: number;
  /** [111:110] NS attribute of transactions. Secure entries: 0 incoming, 2 Secure, 3 Non-secure; Realm entries: 0 incoming, 2 Realm, 3 Non-secure; other entries: 0. */
  NSCFG: number;
  /** [113:112] Privilege of transactions. One of smmuv3_privcfg. */
  PRIVCFG: number;
  /** [115:114] Whether reads are treated as instruction fetches. One of smmuv3_instcfg. */
  INSTCFG: number;
  /** [127:116] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_116: number;
  /** [143:128] Tag of cached translations of the virtual machine. */
  S2VMID: number;
  /** [159:144] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_159_144: number;
  /** [165:160] The IPA space of stage 2 has 2^(64 - S2T0SZ) bytes (VMSAv8-64). */
  S2T0SZ: number;
  /** [167:166] Start level of stage 2 walks; together with S2SL0_2, encoded as VTCR_EL2.SL2 and SL0. */
  S2SL0: number;
  /** [169:168] Inner cacheability of stage 2 walks. One of smmuv3_walk_cacheability. */
  S2IR0: number;
  /** [171:170] Outer cacheability of stage 2 walks. One of smmuv3_walk_cacheability. */
  S2OR0: number;
  /** [173:172] Shareability of stage 2 walks. One of smmuv3_shareability. */
  S2SH0: number;
  /** [175:174] Page size of stage 2. One of smmuv3_granule. */
  S2TG: number;
  /** [178:176] Width of the output addresses of stage 2. One of smmuv3_address_size. */
  S2PS: number;
  /** [179] 1 for VMSAv8-64 tables; 0 for VMSAv8-32 LPAE or VMSAv9-128, whichever is implemented. */
  S2AA64: number;
  /** [180] 1 if the stage 2 tables are big-endian. */
  S2ENDI: number;
  /** [181] 1 if a cleared access flag does not cause a stage 2 fault. */
  S2AFFD: number;
  /** [182] 1 if stage 2 faults when stage 1 tables or context descriptors are in Device memory. */
  S2PTW: number;
  /** [183] 1 if the hardware marks stage 2 pages dirty; needs S2HA. */
  S2HD: number;
  /** [184] 1 if the hardware sets the access flag of stage 2 pages. */
  S2HA: number;
  /** [185] 1 to stall transactions that fault at stage 2. */
  S2S: number;
  /** [186] 1 if stage 2 faults are recorded as events. */
  S2R: number;
  /** [187] 1 if the hardware sets the access flag of stage 2 table descriptors. */
  S2HAFT: number;
  /** [188] 1 to enable indirect permissions of stage 2. */
  S2PIE: number;
  /** [189] 1 to enable the stage 2 permission overlay. */
  S2POE: number;
  /** [191:190] The VMID match rule of device permissions. One of smmuv3_ste_dpt_vmatch. */
  DPT_VMATCH: number;
  /** [192] Secure entries: NS attribute of the walks through S2TTB. */
  S2NSW: number;
  /** [193] Secure entries: NS attribute of the output addresses of Non-secure IPAs. */
  S2NSA: number;
  /** [194] Bit 2 of S2SL0, for 52-bit addresses in 4 KB pages. */
  S2SL0_2: number;
  /** [195] 1 if stage 2 has 52-bit addresses in 4 KB or 16 KB pages. */
  S2DS: number;
  /** [247:196] Address of the stage 2 tables. */
  S2TTB: bigint;
  /** [254:253] Number of levels that the first lookup of stage 2 skips (VMSAv9-128). */
  S2SKL: number;
  /** [271:256] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_271_256: number;
  /** [287:272] MPAM partition of the stream. */
  PARTID: number;
  /** [293:288] S2T0SZ of the Secure IPA space. */
  S_S2T0SZ: number;
  /** [295:294] S2SL0 of the Secure IPA space. */
  S_S2SL0: number;
  /** [303:302] Page size of stage 2 for the Secure IPA space. One of smmuv3_granule. */
  S_S2TG: number;
  /** [319:304] Realm entries: memory encryption context. */
  MECID: number;
  /** [327:320] MPAM monitoring group of the stream. */
  PMG: number;
  /** [328] 1 if PARTID is in the Non-secure PARTID space. */
  MPAM_NS: number;
  /** [329] 1 if stage 2 checks the AssuredOnly attribute. */
  AssuredOnly: number;
  /** [330] 1 if stage 2 checks for TopLevel 0. */
  TL0: number;
  /** [331] 1 if stage 2 checks for TopLevel 1. */
  TL1: number;
  /** [375:332] Address of the virtual machine structure, aligned to 4 KB. */
  VMSPtr: bigint;
  /** [384] Secure entries: NS attribute of the walks through S_S2TTB. */
  S2SW: number;
  /** [385] Secure entries: NS attribute of the output addresses of Secure IPAs; acts as 1 if S2SW is 1. */
  S2SA: number;
  /** [386] Bit 2 of S_S2SL0. */
  S_S2SL0_2: number;
  /** [439:388] Address of the stage 2 tables of the Secure IPA space. */
  S_S2TTB: bigint;
  /** [446:445] S2SKL of the Secure IPA space. */
  S_S2SKL: number;
  /** [451:448] Permissions of pages with POIndex 0. One of smmuv3_s2_overlay. */
  S2POI0: number;
  /** [455:452] Permissions of pages with POIndex 1. One of smmuv3_s2_overlay. */
  S2POI1: number;
  /** [459:456] Permissions of pages with POIndex 2. One of smmuv3_s2_overlay. */
  S2POI2: number;
  /** [463:460] Permissions of pages with POIndex 3. One of smmuv3_s2_overlay. */
  S2POI3: number;
  /** [467:464] Permissions of pages with POIndex 4. One of smmuv3_s2_overlay. */
  S2POI4: number;
  /** [471:468] Permissions of pages with POIndex 5. One of smmuv3_s2_overlay. */
  S2POI5: number;
  /** [475:472] Permissions of pages with POIndex 6. One of smmuv3_s2_overlay. */
  S2POI6: number;
  /** [479:476] Permissions of pages with POIndex 7. One of smmuv3_s2_overlay. */
  S2POI7: number;
  /** [483:480] Permissions of pages with POIndex 8. One of smmuv3_s2_overlay. */
  S2POI8: number;
  /** [487:484] Permissions of pages with POIndex 9. One of smmuv3_s2_overlay. */
  S2POI9: number;
  /** [491:488] Permissions of pages with POIndex 10. One of smmuv3_s2_overlay. */
  S2POI10: number;
  /** [495:492] Permissions of pages with POIndex 11. One of smmuv3_s2_overlay. */
  S2POI11: number;
  /** [499:496] Permissions of pages with POIndex 12. One of smmuv3_s2_overlay. */
  S2POI12: number;
  /** [503:500] Permissions of pages with POIndex 13. One of smmuv3_s2_overlay. */
  S2POI13: number;
  /** [507:504] Permissions of pages with POIndex 14. One of smmuv3_s2_overlay. */
  S2POI14: number;
  /** [511:508] Permissions of pages with POIndex 15. One of smmuv3_s2_overlay. */
  S2POI15: number;
}

export const smmuv3_ste: Named<Smmuv3Ste> = undefined;
