import { enumeration, flagSet } from '../struct/enumeration.js';

/** Features of the hardware that the driver has detected. Source: `drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h`. */
export const arm_smmu_features = flagSet(
  'arm_smmu_features',
  "Features of an SMMU, which the kernel's driver reads from the identification registers.",
  {
    ARM_SMMU_FEAT_2_LVL_STRTAB: [1 << 0, 'Stream tables of two levels.'],
    ARM_SMMU_FEAT_2_LVL_CDTAB: [1 << 1, 'Tables of context descriptors of two levels.'],
    ARM_SMMU_FEAT_TT_LE: [1 << 2, 'Little-endian translation tables.'],
    ARM_SMMU_FEAT_TT_BE: [1 << 3, 'Big-endian translation tables.'],
    ARM_SMMU_FEAT_PRI: [1 << 4, 'A PRI queue.'],
    ARM_SMMU_FEAT_ATS: [1 << 5, 'PCIe ATS.'],
    ARM_SMMU_FEAT_SEV: [1 << 6, 'CMD_SYNC can wake processors from WFE.'],
    ARM_SMMU_FEAT_MSI: [1 << 7, 'MSIs.'],
    ARM_SMMU_FEAT_COHERENCY: [1 << 8, "Accesses coherent with the processors' caches."],
    ARM_SMMU_FEAT_TRANS_S1: [1 << 9, 'Stage 1.'],
    ARM_SMMU_FEAT_TRANS_S2: [1 << 10, 'Stage 2.'],
    ARM_SMMU_FEAT_STALLS: [1 << 11, 'Faulting transactions can stall.'],
    ARM_SMMU_FEAT_HYP: [1 << 12, 'Streams of EL2.'],
    ARM_SMMU_FEAT_STALL_FORCE: [1 << 13, 'Faulting transactions always stall.'],
    ARM_SMMU_FEAT_VAX: [1 << 14, 'Virtual addresses of 52 bits.'],
    ARM_SMMU_FEAT_RANGE_INV: [1 << 15, 'TLB invalidations of ranges.'],
    ARM_SMMU_FEAT_BTM: [1 << 16, 'TLB invalidations that processors broadcast.'],
    ARM_SMMU_FEAT_SVA: [1 << 17, 'Page tables shared with processes.'],
    ARM_SMMU_FEAT_E2H: [1 << 18, 'The EL2-E2H regime.'],
    ARM_SMMU_FEAT_NESTING: [1 << 19, 'Both stages at once.'],
    ARM_SMMU_FEAT_ATTR_TYPES_OVR: [1 << 20, 'Memory types of transactions can be replaced.'],
    ARM_SMMU_FEAT_HA: [1 << 21, 'The hardware sets the access flag of pages.'],
    ARM_SMMU_FEAT_HD: [1 << 22, 'The hardware marks pages dirty.'],
    ARM_SMMU_FEAT_S2FWB: [1 << 23, 'Stage 2 can force the memory type.'],
    ARM_SMMU_FEAT_BBML2: [1 << 24, 'The size of a mapping can change without an unmap in between.'],
    ARM_SMMU_FEAT_HAFT: [1 << 25, 'The hardware sets the access flag of table descriptors.'],
    ARM_SMMU_FEAT_DS: [1 << 26, 'Addresses of 52 bits with 4 KB and 16 KB pages.'],
  },
);

/** Options of the driver for certain hardware. Source: `drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h`. */
export const arm_smmu_options = flagSet(
  'arm_smmu_options',
  "Options of the kernel's driver for certain hardware, mostly for its errata.",
  {
    ARM_SMMU_OPT_SKIP_PREFETCH: [
      1 << 0,
      'Prefetch commands are not issued, because the hardware does not support them.',
    ],
    ARM_SMMU_OPT_PAGE0_REGS_ONLY: [1 << 1, 'The registers of page 1 are accessed in page 0.'],
    ARM_SMMU_OPT_MSIPOLL: [
      1 << 2,
      'CMD_SYNC signals its completion by an MSI that overwrites the command in the queue.',
    ],
    ARM_SMMU_OPT_CMDQ_FORCE_SYNC: [1 << 3, 'Each full batch of commands ends in a CMD_SYNC.'],
    ARM_SMMU_OPT_TEGRA241_CMDQV: [1 << 4, 'The hardware has the virtual command queues of Tegra241.'],
  },
);

/** Constants of the driver that are not in registers. Source: `drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h`. */
export const arm_smmu_constants = enumeration(
  'arm_smmu_constants',
  "Constants of the kernel's driver; some have equal values.",
  {
    ARM_SMMU_REG_SZ: [
      0xe00,
      'Bytes of a register page that the driver maps; the rest of the page is IMPLEMENTATION DEFINED.',
    ],
    ARM_SMMU_POLL_TIMEOUT_US: [1_000_000, 'Microseconds that it waits for the hardware.'],
    ARM_SMMU_POLL_SPIN_COUNT: [10, 'Number of polls of a queue without a pause in between.'],
    CMDQ_BATCH_ENTRIES: [64, 'Maximum number of commands in a batch.'],
    ATC_INV_SIZE_ALL: [52, 'Size of a CMD_ATC_INV for all addresses.'],
    STRTAB_MAX_L1_ENTRIES: [
      1 << 17,
      'Maximum number of first-level stream table descriptors that it allocates.',
    ],
    CMDQ_PROD_OWNED_FLAG: [
      0x8000_0000,
      'In its copy of SMMU_CMDQ_PROD, never in the register: a processor is submitting the commands of all processors.',
    ],
  },
);
