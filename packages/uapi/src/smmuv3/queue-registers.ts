import { addressBits, bit, bits, bitStruct } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import { smmuv3_mem_attr, smmuv3_shareability } from './attributes.js';
import * as code from './queue-registers.generated.js';

/** Why the command queue stopped. Source: Arm IHI 0070, sections 7.1 and 6.3.28, SMMU_CMDQ_CONS.ERR. */
export const smmuv3_cmdq_error = enumeration(
  'smmuv3_cmdq_error',
  'Why the command queue stopped; meaningful while SMMU_GERROR.CMDQ_ERR is active.',
  {
    CERROR_NONE: [0, 'The queue has not stopped.'],
    CERROR_ILL: [1, 'The command is unknown or ILLEGAL.'],
    CERROR_ABT: [2, 'An access to the queue was aborted.'],
    CERROR_ATC_INV_SYNC: [3, 'A CMD_SYNC waited for a CMD_ATC_INV that the device did not complete.'],
  },
);

/** Form of the stream table. Source: Arm IHI 0070, section 6.3.25, SMMU_STRTAB_BASE_CFG.FMT. */
export const smmuv3_strtab_format = enumeration(
  'smmuv3_strtab_format',
  'Form of the stream table; 2 and 3 are reserved.',
  {
    LINEAR: [0, 'One array of stream table entries.'],
    TWO_LEVEL: [1, 'Two levels.'],
  },
);

/** Split of StreamIDs. Source: Arm IHI 0070, section 6.3.25, SMMU_STRTAB_BASE_CFG.SPLIT. */
export const smmuv3_strtab_split = enumeration(
  'smmuv3_strtab_split',
  'Number of low bits of the StreamID that index the second level; other values are reserved.',
  {
    LEAF_4KB: [6, 'Second-level arrays of up to 4 KB.'],
    LEAF_16KB: [8, 'Second-level arrays of up to 16 KB.'],
    LEAF_64KB: [10, 'Second-level arrays of up to 64 KB.'],
  },
);

/** Address of the stream table. Source: Arm IHI 0070, section 6.3.24. */
export const SMMU_STRTAB_BASE = bitStruct(
  'SMMU_STRTAB_BASE',
  'Address of the stream table.',
  8,
  {
    ADDR: addressBits(55, 6, 'Its physical address, aligned to its size.'),
    RA: bit(62, '1 to hint that reads allocate in caches.'),
  },
  { code: code.SMMU_STRTAB_BASE },
);

/** Form and size of the stream table. Source: Arm IHI 0070, section 6.3.25. */
export const SMMU_STRTAB_BASE_CFG = bitStruct(
  'SMMU_STRTAB_BASE_CFG',
  'Form and size of the stream table.',
  4,
  {
    LOG2SIZE: bits(5, 0, 'Base 2 logarithm of the number of StreamIDs that the table covers.'),
    SPLIT: bits(
      10,
      6,
      'With two levels: number of StreamID bits that index the second level.',
      smmuv3_strtab_split,
    ),
    FMT: bits(17, 16, 'Its form.', smmuv3_strtab_format),
  },
  { code: code.SMMU_STRTAB_BASE_CFG },
);

const queueBase = {
  LOG2SIZE: bits(4, 0, 'Base 2 logarithm of the number of entries, 0 to 19.'),
  ADDR: addressBits(55, 5, 'Its physical address, aligned to its size and to 32 bytes.'),
};
const WA = bit(62, '1 to hint that writes allocate in caches.');

/** Address and size of the command queue. Source: Arm IHI 0070, section 6.3.26. */
export const SMMU_CMDQ_BASE = bitStruct(
  'SMMU_CMDQ_BASE',
  'Address and size of the command queue.',
  8,
  {
    ...queueBase,
    RA: bit(62, '1 to hint that reads allocate in caches.'),
  },
  { code: code.SMMU_CMDQ_BASE },
);

/** Address and size of the event queue. Source: Arm IHI 0070, section 6.3.29. */
export const SMMU_EVENTQ_BASE = bitStruct(
  'SMMU_EVENTQ_BASE',
  'Address and size of the event queue.',
  8,
  {
    ...queueBase,
    WA,
  },
  { code: code.SMMU_EVENTQ_BASE },
);

/** Address and size of the PRI queue. Source: Arm IHI 0070, section 6.3.33. */
export const SMMU_PRIQ_BASE = bitStruct(
  'SMMU_PRIQ_BASE',
  'Address and size of the PRI queue.',
  8,
  {
    ...queueBase,
    WA,
  },
  { code: code.SMMU_PRIQ_BASE },
);

const write = {
  WR: bits(19, 0, 'Index of the next entry to write, with the wrap bit above it, see splitQueueIndex.'),
};
const read = {
  RD: bits(19, 0, 'Index of the next entry to read, with the wrap bit above it, see splitQueueIndex.'),
};
const outputProd = {
  ...write,
  OVFLG: bit(
    31,
    'Toggles when entries are lost. The overflow is not acknowledged while it differs from OVACKFLG.',
  ),
};
const outputCons = {
  ...read,
  OVACKFLG: bit(31, 'Software sets it equal to OVFLG to acknowledge that entries were lost.'),
};

/** Write index of the command queue, which software advances. Source: Arm IHI 0070, section 6.3.27. */
export const SMMU_CMDQ_PROD = bitStruct('SMMU_CMDQ_PROD', 'Write index of the command queue.', 4, write, {
  code: code.SMMU_CMDQ_PROD,
});

/** Read index of the command queue, which the SMMU advances. Source: Arm IHI 0070, section 6.3.28. */
export const SMMU_CMDQ_CONS = bitStruct(
  'SMMU_CMDQ_CONS',
  'Read index of the command queue, and its error.',
  4,
  {
    ...read,
    ERR: bits(30, 24, 'Why the queue stopped.', smmuv3_cmdq_error),
  },
  { code: code.SMMU_CMDQ_CONS },
);

/** Write index of the event queue, which the SMMU advances. Source: Arm IHI 0070, section 6.3.95. */
export const SMMU_EVENTQ_PROD = bitStruct(
  'SMMU_EVENTQ_PROD',
  'Write index of the event queue.',
  4,
  outputProd,
  { code: code.SMMU_EVENTQ_PROD },
);

/** Read index of the event queue, which software advances. Source: Arm IHI 0070, section 6.3.96. */
export const SMMU_EVENTQ_CONS = bitStruct(
  'SMMU_EVENTQ_CONS',
  'Read index of the event queue.',
  4,
  outputCons,
  { code: code.SMMU_EVENTQ_CONS },
);

/** Write index of the PRI queue, which the SMMU advances. Source: Arm IHI 0070, section 6.3.97. */
export const SMMU_PRIQ_PROD = bitStruct('SMMU_PRIQ_PROD', 'Write index of the PRI queue.', 4, outputProd, {
  code: code.SMMU_PRIQ_PROD,
});

/** Read index of the PRI queue, which software advances. Source: Arm IHI 0070, section 6.3.98. */
export const SMMU_PRIQ_CONS = bitStruct('SMMU_PRIQ_CONS', 'Read index of the PRI queue.', 4, outputCons, {
  code: code.SMMU_PRIQ_CONS,
});

const msiAddress = {
  ADDR: addressBits(55, 2, 'Physical address of the MSI, aligned to 4; 0 for no MSI.'),
};
const msiData = { DATA: bits(31, 0, 'Word that the MSI writes.') };
const msiAttributes = {
  MemAttr: bits(3, 0, 'Memory type of the write.', smmuv3_mem_attr),
  SH: bits(5, 4, 'Shareability of the write.', smmuv3_shareability),
};

/** MSI of global errors: address. Source: Arm IHI 0070, section 6.3.21. */
export const SMMU_GERROR_IRQ_CFG0 = bitStruct(
  'SMMU_GERROR_IRQ_CFG0',
  'MSI of global errors: address.',
  8,
  msiAddress,
  { code: code.SMMU_GERROR_IRQ_CFG0 },
);

/** MSI of global errors: data. Source: Arm IHI 0070, section 6.3.22. */
export const SMMU_GERROR_IRQ_CFG1 = bitStruct(
  'SMMU_GERROR_IRQ_CFG1',
  'MSI of global errors: data.',
  4,
  msiData,
  { code: code.SMMU_GERROR_IRQ_CFG1 },
);

/** MSI of global errors: attributes. Source: Arm IHI 0070, section 6.3.23. */
export const SMMU_GERROR_IRQ_CFG2 = bitStruct(
  'SMMU_GERROR_IRQ_CFG2',
  'MSI of global errors: attributes.',
  4,
  msiAttributes,
  { code: code.SMMU_GERROR_IRQ_CFG2 },
);

/** MSI of the event queue: address. Source: Arm IHI 0070, section 6.3.30. */
export const SMMU_EVENTQ_IRQ_CFG0 = bitStruct(
  'SMMU_EVENTQ_IRQ_CFG0',
  'MSI of the event queue: address.',
  8,
  msiAddress,
  { code: code.SMMU_EVENTQ_IRQ_CFG0 },
);

/** MSI of the event queue: data. Source: Arm IHI 0070, section 6.3.31. */
export const SMMU_EVENTQ_IRQ_CFG1 = bitStruct(
  'SMMU_EVENTQ_IRQ_CFG1',
  'MSI of the event queue: data.',
  4,
  msiData,
  { code: code.SMMU_EVENTQ_IRQ_CFG1 },
);

/** MSI of the event queue: attributes. Source: Arm IHI 0070, section 6.3.32. */
export const SMMU_EVENTQ_IRQ_CFG2 = bitStruct(
  'SMMU_EVENTQ_IRQ_CFG2',
  'MSI of the event queue: attributes.',
  4,
  msiAttributes,
  { code: code.SMMU_EVENTQ_IRQ_CFG2 },
);

/** MSI of the PRI queue: address. Source: Arm IHI 0070, section 6.3.34. */
export const SMMU_PRIQ_IRQ_CFG0 = bitStruct(
  'SMMU_PRIQ_IRQ_CFG0',
  'MSI of the PRI queue: address.',
  8,
  msiAddress,
  { code: code.SMMU_PRIQ_IRQ_CFG0 },
);

/** MSI of the PRI queue: data. Source: Arm IHI 0070, section 6.3.35. */
export const SMMU_PRIQ_IRQ_CFG1 = bitStruct('SMMU_PRIQ_IRQ_CFG1', 'MSI of the PRI queue: data.', 4, msiData, {
  code: code.SMMU_PRIQ_IRQ_CFG1,
});

/** MSI of the PRI queue: attributes, and when it is sent. Source: Arm IHI 0070, section 6.3.36. */
export const SMMU_PRIQ_IRQ_CFG2 = bitStruct(
  'SMMU_PRIQ_IRQ_CFG2',
  'MSI of the PRI queue: attributes.',
  4,
  {
    ...msiAttributes,
    LO: bit(31, '1 to interrupt at requests with Last, 0 to interrupt when the queue becomes non-empty.'),
  },
  { code: code.SMMU_PRIQ_IRQ_CFG2 },
);
