// Written by `pnpm compile` from queue-registers.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** Address and size of the command queue. */
export interface SmmuCmdqBase {
  /** [4:0] Base 2 logarithm of the number of entries, 0 to 19. */
  LOG2SIZE: number;
  /** [55:5] Its physical address, aligned to its size and to 32 bytes. */
  ADDR: bigint;
  /** [62] 1 to hint that reads allocate in caches. */
  RA: number;
}

export const SMMU_CMDQ_BASE: Named<SmmuCmdqBase> = undefined;

/** Read index of the command queue, and its error. */
export interface SmmuCmdqCons {
  /** [19:0] Index of the next entry to read, with the wrap bit above it, see splitQueueIndex. */
  RD: number;
  /** [30:24] Why the queue stopped. One of smmuv3_cmdq_error. */
  ERR: number;
}

export const SMMU_CMDQ_CONS: Named<SmmuCmdqCons> = undefined;

/** Write index of the command queue. */
export interface SmmuCmdqProd {
  /** [19:0] Index of the next entry to write, with the wrap bit above it, see splitQueueIndex. */
  WR: number;
}

export const SMMU_CMDQ_PROD: Named<SmmuCmdqProd> = undefined;

/** Address and size of the event queue. */
export interface SmmuEventqBase {
  /** [4:0] Base 2 logarithm of the number of entries, 0 to 19. */
  LOG2SIZE: number;
  /** [55:5] Its physical address, aligned to its size and to 32 bytes. */
  ADDR: bigint;
  /** [62] 1 to hint that writes allocate in caches. */
  WA: number;
}

export const SMMU_EVENTQ_BASE: Named<SmmuEventqBase> = undefined;

/** Read index of the event queue. */
export interface SmmuEventqCons {
  /** [19:0] Index of the next entry to read, with the wrap bit above it, see splitQueueIndex. */
  RD: number;
  /** [31] Software sets it equal to OVFLG to acknowledge that entries were lost. */
  OVACKFLG: number;
}

export const SMMU_EVENTQ_CONS: Named<SmmuEventqCons> = undefined;

/** MSI of the event queue: address. */
export interface SmmuEventqIrqCfg0 {
  /** [55:2] Physical address of the MSI, aligned to 4; 0 for no MSI. */
  ADDR: bigint;
}

export const SMMU_EVENTQ_IRQ_CFG0: Named<SmmuEventqIrqCfg0> = undefined;

/** MSI of the event queue: data. */
export interface SmmuEventqIrqCfg1 {
  /** [31:0] Word that the MSI writes. */
  DATA: number;
}

export const SMMU_EVENTQ_IRQ_CFG1: Named<SmmuEventqIrqCfg1> = undefined;

/** MSI of the event queue: attributes. */
export interface SmmuEventqIrqCfg2 {
  /** [3:0] Memory type of the write. One of smmuv3_mem_attr. */
  MemAttr: number;
  /** [5:4] Shareability of the write. One of smmuv3_shareability. */
  SH: number;
}

export const SMMU_EVENTQ_IRQ_CFG2: Named<SmmuEventqIrqCfg2> = undefined;

/** Write index of the event queue. */
export interface SmmuEventqProd {
  /** [19:0] Index of the next entry to write, with the wrap bit above it, see splitQueueIndex. */
  WR: number;
  /** [31] Toggles when entries are lost. The overflow is not acknowledged while it differs from OVACKFLG. */
  OVFLG: number;
}

export const SMMU_EVENTQ_PROD: Named<SmmuEventqProd> = undefined;

/** MSI of global errors: address. */
export interface SmmuGerrorIrqCfg0 {
  /** [55:2] Physical address of the MSI, aligned to 4; 0 for no MSI. */
  ADDR: bigint;
}

export const SMMU_GERROR_IRQ_CFG0: Named<SmmuGerrorIrqCfg0> = undefined;

/** MSI of global errors: data. */
export interface SmmuGerrorIrqCfg1 {
  /** [31:0] Word that the MSI writes. */
  DATA: number;
}

export const SMMU_GERROR_IRQ_CFG1: Named<SmmuGerrorIrqCfg1> = undefined;

/** MSI of global errors: attributes. */
export interface SmmuGerrorIrqCfg2 {
  /** [3:0] Memory type of the write. One of smmuv3_mem_attr. */
  MemAttr: number;
  /** [5:4] Shareability of the write. One of smmuv3_shareability. */
  SH: number;
}

export const SMMU_GERROR_IRQ_CFG2: Named<SmmuGerrorIrqCfg2> = undefined;

/** Address and size of the PRI queue. */
export interface SmmuPriqBase {
  /** [4:0] Base 2 logarithm of the number of entries, 0 to 19. */
  LOG2SIZE: number;
  /** [55:5] Its physical address, aligned to its size and to 32 bytes. */
  ADDR: bigint;
  /** [62] 1 to hint that writes allocate in caches. */
  WA: number;
}

export const SMMU_PRIQ_BASE: Named<SmmuPriqBase> = undefined;

/** Read index of the PRI queue. */
export interface SmmuPriqCons {
  /** [19:0] Index of the next entry to read, with the wrap bit above it, see splitQueueIndex. */
  RD: number;
  /** [31] Software sets it equal to OVFLG to acknowledge that entries were lost. */
  OVACKFLG: number;
}

export const SMMU_PRIQ_CONS: Named<SmmuPriqCons> = undefined;

/** MSI of the PRI queue: address. */
export interface SmmuPriqIrqCfg0 {
  /** [55:2] Physical address of the MSI, aligned to 4; 0 for no MSI. */
  ADDR: bigint;
}

export const SMMU_PRIQ_IRQ_CFG0: Named<SmmuPriqIrqCfg0> = undefined;

/** MSI of the PRI queue: data. */
export interface SmmuPriqIrqCfg1 {
  /** [31:0] Word that the MSI writes. */
  DATA: number;
}

export const SMMU_PRIQ_IRQ_CFG1: Named<SmmuPriqIrqCfg1> = undefined;

/** MSI of the PRI queue: attributes. */
export interface SmmuPriqIrqCfg2 {
  /** [3:0] Memory type of the write. One of smmuv3_mem_attr. */
  MemAttr: number;
  /** [5:4] Shareability of the write. One of smmuv3_shareability. */
  SH: number;
  /** [31] 1 to interrupt at requests with Last, 0 to interrupt when the queue becomes non-empty. */
  LO: number;
}

export const SMMU_PRIQ_IRQ_CFG2: Named<SmmuPriqIrqCfg2> = undefined;

/** Write index of the PRI queue. */
export interface SmmuPriqProd {
  /** [19:0] Index of the next entry to write, with the wrap bit above it, see splitQueueIndex. */
  WR: number;
  /** [31] Toggles when entries are lost. The overflow is not acknowledged while it differs from OVACKFLG. */
  OVFLG: number;
}

export const SMMU_PRIQ_PROD: Named<SmmuPriqProd> = undefined;

/** Address of the stream table. */
export interface SmmuStrtabBase {
  /** [55:6] Its physical address, aligned to its size. */
  ADDR: bigint;
  /** [62] 1 to hint that reads allocate in caches. */
  RA: number;
}

export const SMMU_STRTAB_BASE: Named<SmmuStrtabBase> = undefined;

/** Form and size of the stream table. */
export interface SmmuStrtabBaseCfg {
  /** [5:0] Base 2 logarithm of the number of StreamIDs that the table covers. */
  LOG2SIZE: number;
  /** [10:6] With two levels: number of StreamID bits that index the second level. One of smmuv3_strtab_split. */
  SPLIT: number;
  /** [17:16] Its form. One of smmuv3_strtab_format. */
  FMT: number;
}

export const SMMU_STRTAB_BASE_CFG: Named<SmmuStrtabBaseCfg> = undefined;
