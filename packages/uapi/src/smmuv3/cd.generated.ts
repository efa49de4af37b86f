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
  /** [14] 1 if TTB0 translates nothing: its addresses fault. */
  EPD0: number;
  /** [15] 1 if the tables are big-endian. */
  ENDI: number;
  /** [21:16] TTB1 translates 2^(64 - T1SZ) bytes. */
  T1SZ: number;
  /** [23:22] Page size under TTB1, coded unlike TG0. One of smmuv3_granule_tg1. */
  TG1: number;
  /** [25:24] Inner cacheability of walks through TTB1. One of smmuv3_walk_cacheability. */
  IR1: number;
  /** [27:26] Outer cacheability of walks through TTB1. One of smmuv3_walk_cacheability. */
  OR1: number;
  /** [29:28] Shareability of walks through TTB1. One of smmuv3_shareability. */
  SH1: number;
  /** [30] 1 if TTB1 translates nothing: its addresses fault. */
  EPD1: number;
  /** [31] 1 if the descriptor is valid; else its use is C_BAD_CD. */
  V: number;
  /** [34:32] Bits of the addresses that stage 1 gives. One of smmuv3_address_size. */
  IPS: number;
  /** [35] 1 if a cleared access flag is no fault. */
  AFFD: number;
  /** [36] 1 if what can be written cannot be executed. */
  WXN: number;
  /** [37] 1 if what can be written unprivileged cannot be executed privileged. */
  UWXN: number;
  /** [38] 1 if the top byte of low addresses does not count. */
  TBI0: number;
  /** [39] 1 if the top byte of high addresses does not count. */
  TBI1: number;
  /** [40] 1 if privileged accesses must not use pages of unprivileged ones. */
  PAN: number;
  /** [41] 1 for VMSAv8-64 tables; 0 for VMSAv8-32 LPAE or VMSAv9-128, whichever there is. */
  AA64: number;
  /** [42] 1 if the hardware marks pages dirty; needs HA. */
  HD: number;
  /** [43] 1 if the hardware sets the access flag of pages. */
  HA: number;
  /** [44] 1 if transactions that fault stall. */
  S: number;
  /** [45] 1 if faults are recorded as events. */
  R: number;
  /** [46] What a terminated fault gives: 1 an abort, 0 reads of zero and ignored writes. */
  A: number;
  /** [47] 0 if the processors share the ASID, so that their invalidations reach it; 1 if it is private. */
  ASET: number;
  /** [63:48] Tag of the address space, which translations are cached under. */
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
  /** [123] 1 if PAN also counts for pages that unprivileged accesses can only execute. */
  EPAN: number;
  /** [124] 1 if the implementation may use bit 59 of descriptors under TTB0. */
  HWU059: number;
  /** [125] 1 if the implementation may use bit 60 of descriptors under TTB0. */
  HWU060: number;
  /** [126] 1 if the implementation may use bit 61 of descriptors under TTB0; with VMSAv9-128 it is bit 0 of SKL0, the levels that the first lookup skips. */
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
  /** [187] 1 if permissions are indirect, through PIIU and PIIP. */
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
  /** [287:256] Further attributes 0 to 3, up to the implementation. */
  AMAIR0: number;
  /** [319:288] Further attributes 4 to 7, up to the implementation. */
  AMAIR1: number;
  /** [351:320] Up to the implementation. */
  IMPLEMENTATION_DEFINED_351_320: number;
  /** [367:352] MPAM partition; a virtual one if stage 2 is on and maps it. */
  PARTID: number;
  /** [375:368] MPAM monitoring group. */
  PMG: number;
  /** [386:384] What PIIndex 0 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU0: number;
  /** [389:387] What PIIndex 1 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU1: number;
  /** [392:390] What PIIndex 2 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU2: number;
  /** [395:393] What PIIndex 3 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU3: number;
  /** [398:396] What PIIndex 4 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU4: number;
  /** [401:399] What PIIndex 5 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU5: number;
  /** [404:402] What PIIndex 6 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU6: number;
  /** [407:405] What PIIndex 7 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU7: number;
  /** [410:408] What PIIndex 8 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU8: number;
  /** [413:411] What PIIndex 9 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU9: number;
  /** [416:414] What PIIndex 10 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU10: number;
  /** [419:417] What PIIndex 11 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU11: number;
  /** [422:420] What PIIndex 12 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU12: number;
  /** [425:423] What PIIndex 13 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU13: number;
  /** [428:426] What PIIndex 14 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU14: number;
  /** [431:429] What PIIndex 15 grants unprivileged accesses. One of smmuv3_s1_permission. */
  PIIU15: number;
  /** [450:448] What PIIndex 0 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP0: number;
  /** [453:451] What PIIndex 1 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP1: number;
  /** [456:454] What PIIndex 2 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP2: number;
  /** [459:457] What PIIndex 3 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP3: number;
  /** [462:460] What PIIndex 4 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP4: number;
  /** [465:463] What PIIndex 5 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP5: number;
  /** [468:466] What PIIndex 6 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP6: number;
  /** [471:469] What PIIndex 7 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP7: number;
  /** [474:472] What PIIndex 8 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP8: number;
  /** [477:475] What PIIndex 9 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP9: number;
  /** [480:478] What PIIndex 10 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP10: number;
  /** [483:481] What PIIndex 11 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP11: number;
  /** [486:484] What PIIndex 12 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP12: number;
  /** [489:487] What PIIndex 13 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP13: number;
  /** [492:490] What PIIndex 14 grants privileged accesses. One of smmuv3_s1_permission. */
  PIIP14: number;
  /** [495:493] What PIIndex 15 grants privileged accesses. One of smmuv3_s1_permission. */
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
