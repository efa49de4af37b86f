import { bit, bits, bitStruct } from '../struct/bits.js';
import {
  smmuv3_cr1_cacheability,
  smmuv3_instcfg,
  smmuv3_mem_attr,
  smmuv3_privcfg,
  smmuv3_shareability,
  smmuv3_shcfg,
} from './attributes.js';
import * as code from './control-registers.generated.js';

const cr0 = {
  SMMUEN: bit(0, '1 if transactions are translated, 0 if SMMU_GBPA controls them.'),
  PRIQEN: bit(1, '1 if page requests are written to the PRI queue.'),
  EVENTQEN: bit(2, '1 if events are written to the event queue.'),
  CMDQEN: bit(3, '1 if commands are read from the command queue.'),
  ATSCHK: bit(4, '1 if translated transactions are checked against STE.EATS, 0 if they pass.'),
  VMW: bits(8, 6, 'Number of low bits of the VMID that invalidations ignore, 0 to 4; other values act as 0.'),
  DPT_WALK_EN: bit(10, '1 if the device permission table is used.'),
};

/** Enables of the SMMU and its queues. Source: Arm IHI 0070, section 6.3.9. */
export const SMMU_CR0 = bitStruct(
  'SMMU_CR0',
  'Control register 0: enables of the SMMU and its queues.',
  4,
  cr0,
  {
    code: code.SMMU_CR0,
  },
);

/** Acknowledgement of changes to SMMU_CR0. Source: Arm IHI 0070, section 6.3.10. */
export const SMMU_CR0ACK = bitStruct(
  'SMMU_CR0ACK',
  'Acknowledges SMMU_CR0: a change is complete when the field in this register has the new value.',
  4,
  cr0,
  { code: code.SMMU_CR0ACK },
);

/** Attributes of accesses to queues and tables. Source: Arm IHI 0070, section 6.3.11. */
export const SMMU_CR1 = bitStruct(
  'SMMU_CR1',
  "Control register 1: attributes of the SMMU's accesses to queues and stream table.",
  4,
  {
    QUEUE_IC: bits(1, 0, 'Inner cacheability of queue accesses.', smmuv3_cr1_cacheability),
    QUEUE_OC: bits(3, 2, 'Outer cacheability of queue accesses.', smmuv3_cr1_cacheability),
    QUEUE_SH: bits(5, 4, 'Shareability of queue accesses.', smmuv3_shareability),
    TABLE_IC: bits(7, 6, 'Inner cacheability of stream table accesses.', smmuv3_cr1_cacheability),
    TABLE_OC: bits(9, 8, 'Outer cacheability of stream table accesses.', smmuv3_cr1_cacheability),
    TABLE_SH: bits(11, 10, 'Shareability of stream table accesses.', smmuv3_shareability),
  },
  { code: code.SMMU_CR1 },
);

/** Settings to make before the SMMU is enabled. Source: Arm IHI 0070, section 6.3.12. */
export const SMMU_CR2 = bitStruct(
  'SMMU_CR2',
  'Control register 2: settings to make before SMMUEN.',
  4,
  {
    E2H: bit(0, '1 if streams of EL2 use the EL2-E2H regime, with ASIDs.'),
    RECINVSID: bit(1, '1 to record C_BAD_STREAMID.'),
    PTM: bit(2, '1 to ignore TLB invalidations that processors broadcast.'),
    REC_CFG_ATS: bit(3, '1 to record more events of ATS and page requests.'),
  },
  { code: code.SMMU_CR2 },
);

/** Handling of transactions while the SMMU is disabled. Source: Arm IHI 0070, section 6.3.14. */
export const SMMU_GBPA = bitStruct(
  'SMMU_GBPA',
  'Global bypass attributes: handling of transactions while SMMUEN is 0.',
  4,
  {
    MemAttr: bits(3, 0, 'Memory type that MTCFG selects.', smmuv3_mem_attr),
    MTCFG: bit(4, '1 to replace the memory type of transactions by MemAttr.'),
    ALLOCCFG: bits(
      11,
      8,
      'Allocation hints: below 8, those of the transaction; otherwise 8 plus read 4, write 2, transient 1.',
    ),
    SHCFG: bits(13, 12, 'Shareability of transactions.', smmuv3_shcfg),
    PRIVCFG: bits(17, 16, 'Privilege of transactions.', smmuv3_privcfg),
    INSTCFG: bits(19, 18, 'Whether reads are treated as instruction fetches.', smmuv3_instcfg),
    ABORT: bit(20, '1 to abort every transaction.'),
    Update: bit(31, 'Written as 1 together with new values; reads as 1 until they have taken effect.'),
  },
  { code: code.SMMU_GBPA },
);

const irqCtrl = {
  GERROR_IRQEN: bit(0, '1 to enable the interrupt of global errors.'),
  PRIQ_IRQEN: bit(1, '1 to enable the interrupt of the PRI queue.'),
  EVENTQ_IRQEN: bit(2, '1 to enable the interrupt of the event queue.'),
};

/** Enables of interrupts. Source: Arm IHI 0070, section 6.3.16. */
export const SMMU_IRQ_CTRL = bitStruct('SMMU_IRQ_CTRL', 'Enables of the interrupts.', 4, irqCtrl, {
  code: code.SMMU_IRQ_CTRL,
});

/** Acknowledgement of changes to SMMU_IRQ_CTRL. Source: Arm IHI 0070, section 6.3.18. */
export const SMMU_IRQ_CTRLACK = bitStruct(
  'SMMU_IRQ_CTRLACK',
  'Acknowledges SMMU_IRQ_CTRL: a change is complete when the field in this register has the new value.',
  4,
  irqCtrl,
  { code: code.SMMU_IRQ_CTRLACK },
);

const gerror = {
  CMDQ_ERR: bit(0, 'A command failed and the queue has stopped; SMMU_CMDQ_CONS.ERR has the reason.'),
  EVENTQ_ABT_ERR: bit(2, 'Writing the event queue failed.'),
  PRIQ_ABT_ERR: bit(3, 'Writing the PRI queue failed.'),
  MSI_CMDQ_ABT_ERR: bit(4, 'The MSI of a CMD_SYNC failed.'),
  MSI_EVENTQ_ABT_ERR: bit(5, 'The MSI of the event queue failed.'),
  MSI_PRIQ_ABT_ERR: bit(6, 'The MSI of the PRI queue failed.'),
  MSI_GERROR_ABT_ERR: bit(7, 'The MSI of a global error failed; this error raises no interrupt.'),
  SFM_ERR: bit(8, 'The SMMU has entered service failure mode.'),
  CMDQP_ERR: bit(9, 'An enhanced command queue failed.'),
  DPT_ERR: bit(10, 'A device permission lookup failed; SMMU_DPT_CFG_FAR has the reason.'),
};

/** Global errors. Source: Arm IHI 0070, section 6.3.19. */
export const SMMU_GERROR = bitStruct(
  'SMMU_GERROR',
  'Global errors: an error is active while its bit differs from the same bit of SMMU_GERRORN.',
  4,
  gerror,
  { code: code.SMMU_GERROR },
);

/** Acknowledgement of global errors by software. Source: Arm IHI 0070, section 6.3.20. */
export const SMMU_GERRORN = bitStruct(
  'SMMU_GERRORN',
  'Acknowledges global errors: software sets a bit equal to the same bit of SMMU_GERROR.',
  4,
  gerror,
  { code: code.SMMU_GERRORN },
);
