import { enumeration } from '../struct/enumeration.js';

/** Shareability of an access. Source: Arm IHI 0070, section 5.2, STE.S1CSH and S2SH0. */
export const smmuv3_shareability = enumeration(
  'smmuv3_shareability',
  'Shareability domain of an access; 1 is reserved and acts as NSH.',
  {
    NSH: [0, 'Non-shareable.'],
    OSH: [2, 'Outer Shareable.'],
    ISH: [3, 'Inner Shareable.'],
  },
);

/** Shareability override of incoming transactions. Source: Arm IHI 0070, section 5.2, STE.SHCFG. */
export const smmuv3_shcfg = enumeration('smmuv3_shcfg', 'Shareability that replaces that of a transaction.', {
  NSH: [0, 'Non-shareable.'],
  INCOMING: [1, 'As in the incoming transaction.'],
  OSH: [2, 'Outer Shareable.'],
  ISH: [3, 'Inner Shareable.'],
});

/** Privilege override of incoming transactions. Source: Arm IHI 0070, section 5.2, STE.PRIVCFG. */
export const smmuv3_privcfg = enumeration(
  'smmuv3_privcfg',
  'Whether a transaction is treated as privileged; 1 is reserved and acts as INCOMING.',
  {
    INCOMING: [0, 'As in the incoming transaction.'],
    UNPRIVILEGED: [2, 'Always unprivileged.'],
    PRIVILEGED: [3, 'Always privileged.'],
  },
);

/** Instruction override of incoming transactions. Source: Arm IHI 0070, section 5.2, STE.INSTCFG. */
export const smmuv3_instcfg = enumeration(
  'smmuv3_instcfg',
  'Whether a read is treated as an instruction fetch; 1 is reserved and acts as INCOMING.',
  {
    INCOMING: [0, 'As in the incoming transaction.'],
    DATA: [2, 'Always data.'],
    INSTRUCTION: [3, 'Always instruction.'],
  },
);

/**
 * Memory types. Source: Arm IHI 0070, section 5.2, STE.MemAttr, which has the encoding of the stage 2 descriptors of
 * VMSAv8-64.
 */
export const smmuv3_mem_attr = enumeration(
  'smmuv3_mem_attr',
  'Memory type of an access; 4, 8 and 12 are reserved.',
  {
    DEVICE_nGnRnE: [0x0, 'Device: no gathering, no reordering, no early acknowledgement.'],
    DEVICE_nGnRE: [0x1, 'Device: no gathering, no reordering, early acknowledgement.'],
    DEVICE_nGRE: [0x2, 'Device: no gathering, reordering, early acknowledgement.'],
    DEVICE_GRE: [0x3, 'Device: gathering, reordering, early acknowledgement.'],
    ONC_INC: [0x5, 'Normal: outer and inner Non-cacheable.'],
    ONC_IWT: [0x6, 'Normal: outer Non-cacheable, inner Write-through.'],
    ONC_IWB: [0x7, 'Normal: outer Non-cacheable, inner Write-back.'],
    OWT_INC: [0x9, 'Normal: outer Write-through, inner Non-cacheable.'],
    OWT_IWT: [0xa, 'Normal: outer and inner Write-through.'],
    OWT_IWB: [0xb, 'Normal: outer Write-through, inner Write-back.'],
    OWB_INC: [0xd, 'Normal: outer Write-back, inner Non-cacheable.'],
    OWB_IWT: [0xe, 'Normal: outer Write-back, inner Write-through.'],
    OWB_IWB: [0xf, 'Normal: outer and inner Write-back.'],
  },
);

/** Cacheability of queue and stream table accesses. Source: Arm IHI 0070, section 6.3.11, SMMU_CR1. */
export const smmuv3_cr1_cacheability = enumeration(
  'smmuv3_cr1_cacheability',
  "Cacheability of the SMMU's accesses to queues and stream tables; 3 is reserved and acts as NC.",
  {
    NC: [0, 'Non-cacheable.'],
    WB: [1, 'Write-back.'],
    WT: [2, 'Write-through.'],
  },
);

/** Cacheability of context descriptor fetches. Source: Arm IHI 0070, section 5.2, STE.S1CIR. */
export const smmuv3_cd_cacheability = enumeration(
  'smmuv3_cd_cacheability',
  'Cacheability of context descriptor fetches.',
  {
    NC: [0, 'Non-cacheable.'],
    WB_RA: [1, 'Write-back, read-allocate.'],
    WT_RA: [2, 'Write-through, read-allocate.'],
    WB: [3, 'Write-back, no allocation.'],
  },
);

/** Cacheability of translation table walks. Source: Arm IHI 0070, sections 5.2 (S2IR0) and 5.4 (IR0). */
export const smmuv3_walk_cacheability = enumeration(
  'smmuv3_walk_cacheability',
  'Cacheability of translation table walks.',
  {
    NC: [0, 'Non-cacheable.'],
    WB_RA_WA: [1, 'Write-back, read-allocate and write-allocate.'],
    WT_RA: [2, 'Write-through, read-allocate.'],
    WB_RA: [3, 'Write-back, read-allocate only.'],
  },
);

/** Granule of stage 2 and of TTB0. Source: Arm IHI 0070, sections 5.2 (S2TG) and 5.4 (TG0). */
export const smmuv3_granule = enumeration(
  'smmuv3_granule',
  'Page size of the tables under S2TTB, S_S2TTB or TTB0; 3 is reserved.',
  {
    GRANULE_4KB: [0, '4 KB.'],
    GRANULE_64KB: [1, '64 KB.'],
    GRANULE_16KB: [2, '16 KB.'],
  },
);

/** Granule of TTB1, whose encoding differs from {@link smmuv3_granule}. Source: Arm IHI 0070, section 5.4, CD.TG1. */
export const smmuv3_granule_tg1 = enumeration(
  'smmuv3_granule_tg1',
  'Page size of the tables under TTB1; 0 is reserved.',
  {
    GRANULE_16KB: [1, '16 KB.'],
    GRANULE_4KB: [2, '4 KB.'],
    GRANULE_64KB: [3, '64 KB.'],
  },
);

/** Address sizes. Source: Arm IHI 0070, sections 6.3.6 (OAS), 5.2 (S2PS) and 5.4 (IPS). */
export const smmuv3_address_size = enumeration('smmuv3_address_size', 'Width of an output address.', {
  BITS_32: [0, '32 bits, 4 GB.'],
  BITS_36: [1, '36 bits, 64 GB.'],
  BITS_40: [2, '40 bits, 1 TB.'],
  BITS_42: [3, '42 bits, 4 TB.'],
  BITS_44: [4, '44 bits, 16 TB.'],
  BITS_48: [5, '48 bits, 256 TB.'],
  BITS_52: [6, '52 bits, 4 PB; since SMMUv3.1.'],
  BITS_56: [7, '56 bits, 64 PB; since SMMUv3.4.'],
});
