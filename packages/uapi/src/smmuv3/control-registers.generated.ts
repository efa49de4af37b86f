// Written by `pnpm compile` from control-registers.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Control register 0: enables of the SMMU and its queues. */
export interface SmmuCr0 {
  /** [0] 1 if transactions are translated, 0 if SMMU_GBPA controls them. */
  SMMUEN: number;
  /** [1] 1 if page requests are written to the PRI queue. */
  PRIQEN: number;
  /** [2] 1 if events are written to the event queue. */
  EVENTQEN: number;
  /** [3] 1 if commands are read from the command queue. */
  CMDQEN: number;
  /** [4] 1 if translated transactions are checked against STE.EATS, 0 if they pass. */
  ATSCHK: number;
  /** [8:6] Number of low bits of the VMID that invalidations ignore, 0 to 4; other values act as 0. */
  VMW: number;
  /** [10] 1 if the device permission table is used. */
  DPT_WALK_EN: number;
}

export const SMMU_CR0: Named<SmmuCr0> = undefined;

/** Acknowledges SMMU_CR0: a change is complete when the field in this register has the new value. */
export interface SmmuCr0ack {
  /** [0] 1 if transactions are translated, 0 if SMMU_GBPA controls them. */
  SMMUEN: number;
  /** [1] 1 if page requests are written to the PRI queue. */
  PRIQEN: number;
  /** [2] 1 if events are written to the event queue. */
  EVENTQEN: number;
  /** [3] 1 if commands are read from the command queue. */
  CMDQEN: number;
  /** [4] 1 if translated transactions are checked against STE.EATS, 0 if they pass. */
  ATSCHK: number;
  /** [8:6] Number of low bits of the VMID that invalidations ignore, 0 to 4; other values act as 0. */
  VMW: number;
  /** [10] 1 if the device permission table is used. */
  DPT_WALK_EN: number;
}

export const SMMU_CR0ACK: Named<SmmuCr0ack> = undefined;

/** Control register 1: attributes of the SMMU's accesses to queues and stream table. */
export interface SmmuCr1 {
  /** [1:0] Inner cacheability of queue accesses. One of smmuv3_cr1_cacheability. */
  QUEUE_IC: number;
  /** [3:2] Outer cacheability of queue accesses. One of smmuv3_cr1_cacheability. */
  QUEUE_OC: number;
  /** [5:4] Shareability of queue accesses. One of smmuv3_shareability. */
  QUEUE_SH: number;
  /** [7:6] Inner cacheability of stream table accesses. One of smmuv3_cr1_cacheability. */
  TABLE_IC: number;
  /** [9:8] Outer cacheability of stream table accesses. One of smmuv3_cr1_cacheability. */
  TABLE_OC: number;
  /** [11:10] Shareability of stream table accesses. One of smmuv3_shareability. */
  TABLE_SH: number;
}

export const SMMU_CR1: Named<SmmuCr1> = undefined;

/** Control register 2: settings to make before SMMUEN. */
export interface SmmuCr2 {
  /** [0] 1 if streams of EL2 use the EL2-E2H regime, with ASIDs. */
  E2H: number;
  /** [1] 1 to record C_BAD_STREAMID. */
  RECINVSID: number;
  /** [2] 1 to ignore TLB invalidations that processors broadcast. */
  PTM: number;
  /** [3] 1 to record more events of ATS and page requests. */
  REC_CFG_ATS: number;
}

export const SMMU_CR2: Named<SmmuCr2> = undefined;

/** Global bypass attributes: handling of transactions while SMMUEN is 0. */
export interface SmmuGbpa {
  /** [3:0] Memory type that MTCFG selects. One of smmuv3_mem_attr. */
  MemAttr: number;
  /** [4] 1 to replace the memory type of transactions by MemAttr. */
  MTCFG: number;
  /** [11:8] Allocation hints: below 8, those of the transaction; otherwise 8 plus read 4, write 2, transient 1. */
  ALLOCCFG: number;
  /** [13:12] Shareability of transactions. One of smmuv3_shcfg. */
  SHCFG: number;
  /** [17:16] Privilege of transactions. One of smmuv3_privcfg. */
  PRIVCFG: number;
  /** [19:18] Whether reads are treated as instruction fetches. One of smmuv3_instcfg. */
  INSTCFG: number;
  /** [20] 1 to abort every transaction. */
  ABORT: number;
  /** [31] Written as 1 together with new values; reads as 1 until they have taken effect. */
  Update: number;
}

export const SMMU_GBPA: Named<SmmuGbpa> = undefined;

/** Global errors: an error is active while its bit differs from the same bit of SMMU_GERRORN. */
export interface SmmuGerror {
  /** [0] A command failed and the queue has stopped; SMMU_CMDQ_CONS.ERR has the reason. */
  CMDQ_ERR: number;
  /** [2] Writing the event queue failed. */
  EVENTQ_ABT_ERR: number;
  /** [3] Writing the PRI queue failed. */
  PRIQ_ABT_ERR: number;
  /** [4] The MSI of a CMD_SYNC failed. */
  MSI_CMDQ_ABT_ERR: number;
  /** [5] The MSI of the event queue failed. */
  MSI_EVENTQ_ABT_ERR: number;
  /** [6] The MSI of the PRI queue failed. */
  MSI_PRIQ_ABT_ERR: number;
  /** [7] The MSI of a global error failed; this error raises no interrupt. */
  MSI_GERROR_ABT_ERR: number;
  /** [8] The SMMU has entered service failure mode. */
  SFM_ERR: number;
  /** [9] An enhanced command queue failed. */
  CMDQP_ERR: number;
  /** [10] A device permission lookup failed; SMMU_DPT_CFG_FAR has the reason. */
  DPT_ERR: number;
}

export const SMMU_GERROR: Named<SmmuGerror> = undefined;

/** Acknowledges global errors: software sets a bit equal to the same bit of SMMU_GERROR. */
export interface SmmuGerrorn {
  /** [0] A command failed and the queue has stopped; SMMU_CMDQ_CONS.ERR has the reason. */
  CMDQ_ERR: number;
  /** [2] Writing the event queue failed. */
  EVENTQ_ABT_ERR: number;
  /** [3] Writing the PRI queue failed. */
  PRIQ_ABT_ERR: number;
  /** [4] The MSI of a CMD_SYNC failed. */
  MSI_CMDQ_ABT_ERR: number;
  /** [5] The MSI of the event queue failed. */
  MSI_EVENTQ_ABT_ERR: number;
  /** [6] The MSI of the PRI queue failed. */
  MSI_PRIQ_ABT_ERR: number;
  /** [7] The MSI of a global error failed; this error raises no interrupt. */
  MSI_GERROR_ABT_ERR: number;
  /** [8] The SMMU has entered service failure mode. */
  SFM_ERR: number;
  /** [9] An enhanced command queue failed. */
  CMDQP_ERR: number;
  /** [10] A device permission lookup failed; SMMU_DPT_CFG_FAR has the reason. */
  DPT_ERR: number;
}

export const SMMU_GERRORN: Named<SmmuGerrorn> = undefined;

/** Enables of the interrupts. */
export interface SmmuIrqCtrl {
  /** [0] 1 to enable the interrupt of global errors. */
  GERROR_IRQEN: number;
  /** [1] 1 to enable the interrupt of the PRI queue. */
  PRIQ_IRQEN: number;
  /** [2] 1 to enable the interrupt of the event queue. */
  EVENTQ_IRQEN: number;
}

export const SMMU_IRQ_CTRL: Named<SmmuIrqCtrl> = undefined;

/** Acknowledges SMMU_IRQ_CTRL: a change is complete when the field in this register has the new value. */
export interface SmmuIrqCtrlack {
  /** [0] 1 to enable the interrupt of global errors. */
  GERROR_IRQEN: number;
  /** [1] 1 to enable the interrupt of the PRI queue. */
  PRIQ_IRQEN: number;
  /** [2] 1 to enable the interrupt of the event queue. */
  EVENTQ_IRQEN: number;
}

export const SMMU_IRQ_CTRLACK: Named<SmmuIrqCtrlack> = undefined;
