// Written by `pnpm compile` from cd.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** A context descriptor (CD): stage 1 of one substream. TTB0 translates low addresses and TTB1 high ones. */
export interface Smmuv3Cd {
  /** [5:0] TTB0 translates 2^(64 - T0SZ) bytes. */
  T0SZ: number;
  /** [7:6] Page size under TTB0. One of smmuv3_granule. */
  TG0: number;
  /** [9:8] Inner cacheability of walks through TTB0. One of smmuv3_walk_cacheability. */
  IR0: number;
  /** [11:10] Outer cacheability of walks through TTB0. One of smmuv3_walk_cacheability. */
  OR0: number;
  /** [13:12] Shareability of walks through TTB0. One of smmuv3_shareability. */
  SH0: number;
  /** [14] 1 to disable walks through TTB0: its addresses fault. */
  EPD0: number;
  /** [15] 1 if the tables are big-endian. */
  ENDI: number;
  /** [21:16] TTB1 translates 2^(64 - T1SZ) bytes. */
  T1SZ: number;
  /** [23:22] Page size under TTB1. Its encoding differs from TG0. One of smmuv3_granule_tg1. */
  TG1: number;
  /** [25:24] Inner cacheability of walks through TTB1. One of smmuv3_walk_cacheability. */
  IR1: number;
  /** [27:26] Outer cacheability of walks through TTB1. One of smmuv3_walk_cacheability. */
  OR1: number;
  /** [29:28] Shareability of walks through TTB1. One of smmuv3_shareability. */
  SH1: number;
  /** [30] 1 to disable walks through TTB1: its addresses fault. */
  EPD1: number;
  /** [31] 1 if the descriptor is valid; the use of an invalid one causes C_BAD_CD. */
  V: number;
  /** [34:32] Width of the output addresses of stage 1. One of smmuv3_address_size. */
  IPS: number;
  /** [35] 1 if a cleared access flag does not cause a fault. */
  AFFD: number;
  /** [36] 1 if writable pages cannot be executed. */
  WXN: number;
  /** [37] 1 if pages that unprivileged accesses can write cannot be executed privileged. */
  UWXN: number;
  /** [38] 1 to ignore the top byte of low addresses. */
  TBI0: number;
  /** [39] 1 to ignore the top byte of high addresses. */
  TBI1: number;
  /** [40] 1 if privileged accesses to pages that unprivileged accesses can use fault. */
  PAN: number;
  /** [41] 1 for VMSAv8-64 tables; 0 for VMSAv8-32 LPAE or VMSAv9-128, whichever is implemented. */
  AA64: number;
  /** [42] 1 if the hardware marks pages dirty; needs HA. */
  HD: number;
  /** [43] 1 if the hardware sets the access flag of pages. */
  HA: number;
  /** [44] 1 to stall transactions that fault. */
  S: number;
  /** [45] 1 if faults are recorded as events. */
  R: number;
  /** [46] Result of a terminated fault: 1 an abort, 0 reads as zero and ignored writes. */
  A: number;
  /** [47] 0 if the ASID is shared with the processors, so that their broadcast invalidations apply to it; 1 if it is private. */
  ASET: number;
  /** [63:48] Tag of cached translations of the address space. */
  ASID: number;
  /** [64] Secure descriptors: NS attribute of the first access of walks through TTB0. */
  NSCFG0: number;
  /** [65] 1 to ignore attributes in table descriptors under TTB0; with VMSAv9-128 it is DisCH0: 1 to ignore the contiguous bit at the first level. */
  HAD0: number;
  /** [66] 1 if unprivileged accesses to low addresses fault. */
  E0PD0: number;
  /** [67] 1 if the hardware sets the access flag of table descriptors. */
  HAFT: number;
  /** [119:68] Address of the tables for low addresses. */
  TTB0: bigint;
  /** [122] 1 if descriptors have a protected attribute in place of the contiguous bit. */
  PnCH: number;
  /** [123] 1 if PAN also applies to pages that unprivileged accesses can only execute. */
  EPAN: number;
  /** [124] 1 if the implementation may use bit 59 of descriptors under TTB0. */
  HWU059: number;
  /** [125] 1 if the implementation may use bit 60 of descriptors under TTB0. */
  HWU060: number;
  /** [126] 1 if the implementation may use bit 61 of descriptors under TTB0; with VMSAv9-128 it is bit 0 of SKL0, the number of levels that the first lookup skips. */
  HWU061: number;
  /** [127] 1 if the implementation may use bit 62 of descriptors under TTB0; with VMSAv9-128 it is bit 1 of SKL0. */
  HWU062: number;
  /** [128] Secure descriptors: NS attribute of the first access of walks through TTB1. */
  NSCFG1: number;
  /** [129] HAD0 for TTB1; with VMSAv9-128 it is DisCH1. */
  HAD1: number;
  /** [130] 1 if unprivileged accesses to high addresses fault. */
  E0PD1: number;
  /** [131] 1 if descriptors have a fourth bit of attribute index, into MAIR and its extension. */
  AIE: number;
  /** [183:132] Address of the tables for high addresses. */
  TTB1: bigint;
  /** [186] 1 for 52-bit addresses in 4 KB or 16 KB pages. */
  DS: number;
  /** [187] 1 to enable indirect permissions, through PIIU and PIIP. */
  PIE: number;
  /** [188] 1 if the implementation may use bit 59 of descriptors under TTB1. */
  HWU159: number;
  /** [189] 1 if the implementation may use bit 60 of descriptors under TTB1. */
  HWU160: number;
  /** [190] 1 if the implementation may use bit 61 of descriptors under TTB1; with VMSAv9-128 it is bit 0 of SKL1. */
  HWU161: number;
  /** [191] 1 if the implementation may use bit 62 of descriptors under TTB1; with VMSAv9-128 it is bit 1 of SKL1. */
  HWU162: number;
  /** [223:192] Memory attributes 0 to 3, one byte each. */
  MAIR0: number;
  /** [255:224] Memory attributes 4 to 7, one byte each. */
  MAIR1: number;
  /** [287:256] Further attributes 0 to 3, IMPLEMENTATION DEFINED. */
  AMAIR0: number;
  /** [319:288] Further attributes 4 to 7, IMPLEMENTATION DEFINED. */
  AMAIR1: number;
  /** [351:320] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_351_320: number;
  /** [367:352] MPAM partition; a virtual one if stage 2 is enabled and maps PARTIDs. */
  PARTID: number;
  /** [375:368] MPAM monitoring group. */
  PMG: number;
  /** [386:384] Permissions of unprivileged accesses to pages with PIIndex 0. One of smmuv3_s1_permission. */
  PIIU0: number;
  /** [389:387] Permissions of unprivileged accesses to pages with PIIndex 1. One of smmuv3_s1_permission. */
  PIIU1: number;
  /** [392:390] Permissions of unprivileged accesses to pages with PIIndex 2. One of smmuv3_s1_permission. */
  PIIU2: number;
  /** [395:393] Permissions of unprivileged accesses to pages with PIIndex 3. One of smmuv3_s1_permission. */
  PIIU3: number;
  /** [398:396] Permissions of unprivileged accesses to pages with PIIndex 4. One of smmuv3_s1_permission. */
  PIIU4: number;
  /** [401:399] Permissions of unprivileged accesses to pages with PIIndex 5. One of smmuv3_s1_permission. */
  PIIU5: number;
  /** [404:402] Permissions of unprivileged accesses to pages with PIIndex 6. One of smmuv3_s1_permission. */
  PIIU6: number;
  /** [407:405] Permissions of unprivileged accesses to pages with PIIndex 7. One of smmuv3_s1_permission. */
  PIIU7: number;
  /** [410:408] Permissions of unprivileged accesses to pages with PIIndex 8. One of smmuv3_s1_permission. */
  PIIU8: number;
  /** [413:411] Permissions of unprivileged accesses to pages with PIIndex 9. One of smmuv3_s1_permission. */
  PIIU9: number;
  /** [416:414] Permissions of unprivileged accesses to pages with PIIndex 10. One of smmuv3_s1_permission. */
  PIIU10: number;
  /** [419:417] Permissions of unprivileged accesses to pages with PIIndex 11. One of smmuv3_s1_permission. */
  PIIU11: number;
  /** [422:420] Permissions of unprivileged accesses to pages with PIIndex 12. One of smmuv3_s1_permission. */
  PIIU12: number;
  /** [425:423] Permissions of unprivileged accesses to pages with PIIndex 13. One of smmuv3_s1_permission. */
  PIIU13: number;
  /** [428:426] Permissions of unprivileged accesses to pages with PIIndex 14. One of smmuv3_s1_permission. */
  PIIU14: number;
  /** [431:429] Permissions of unprivileged accesses to pages with PIIndex 15. One of smmuv3_s1_permission. */
  PIIU15: number;
  /** [450:448] Permissions of privileged accesses to pages with PIIndex 0. One of smmuv3_s1_permission. */
  PIIP0: number;
  /** [453:451] Permissions of privileged accesses to pages with PIIndex 1. One of smmuv3_s1_permission. */
  PIIP1: number;
  /** [456:454] Permissions of privileged accesses to pages with PIIndex 2. One of smmuv3_s1_permission. */
  PIIP2: number;
  /** [459:457] Permissions of privileged accesses to pages with PIIndex 3. One of smmuv3_s1_permission. */
  PIIP3: number;
  /** [462:460] Permissions of privileged accesses to pages with PIIndex 4. One of smmuv3_s1_permission. */
  PIIP4: number;
  /** [465:463] Permissions of privileged accesses to pages with PIIndex 5. One of smmuv3_s1_permission. */
  PIIP5: number;
  /** [468:466] Permissions of privileged accesses to pages with PIIndex 6. One of smmuv3_s1_permission. */
  PIIP6: number;
  /** [471:469] Permissions of privileged accesses to pages with PIIndex 7. One of smmuv3_s1_permission. */
  PIIP7: number;
  /** [474:472] Permissions of privileged accesses to pages with PIIndex 8. One of smmuv3_s1_permission. */
  PIIP8: number;
  /** [477:475] Permissions of privileged accesses to pages with PIIndex 9. One of smmuv3_s1_permission. */
  PIIP9: number;
  /** [480:478] Permissions of privileged accesses to pages with PIIndex 10. One of smmuv3_s1_permission. */
  PIIP10: number;
  /** [483:481] Permissions of privileged accesses to pages with PIIndex 11. One of smmuv3_s1_permission. */
  PIIP11: number;
  /** [486:484] Permissions of privileged accesses to pages with PIIndex 12. One of smmuv3_s1_permission. */
  PIIP12: number;
  /** [489:487] Permissions of privileged accesses to pages with PIIndex 13. One of smmuv3_s1_permission. */
  PIIP13: number;
  /** [492:490] Permissions of privileged accesses to pages with PIIndex 14. One of smmuv3_s1_permission. */
  PIIP14: number;
  /** [495:493] Permissions of privileged accesses to pages with PIIndex 15. One of smmuv3_s1_permission. */
  PIIP15: number;
}

export const smmuv3_cd: Named<Smmuv3Cd> = undefined;

/** An entry of the first level of a two-level table of context descriptors (L1CD). */
export interface Smmuv3L1cd {
  /** [0] 1 if L2Ptr is valid. */
  V: number;
  /** [55:12] Address of the second-level table, aligned to 4 KB. */
  L2Ptr: bigint;
}

export const smmuv3_l1cd: Named<Smmuv3L1cd> = undefined;
