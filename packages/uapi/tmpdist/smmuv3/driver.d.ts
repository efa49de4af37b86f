/** What the driver found the hardware to be capable of. Source: `drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h`. */
export declare const arm_smmu_features: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly ARM_SMMU_FEAT_2_LVL_STRTAB: readonly [number, "Stream tables of two levels."];
    readonly ARM_SMMU_FEAT_2_LVL_CDTAB: readonly [number, "Tables of context descriptors of two levels."];
    readonly ARM_SMMU_FEAT_TT_LE: readonly [number, "Little-endian translation tables."];
    readonly ARM_SMMU_FEAT_TT_BE: readonly [number, "Big-endian translation tables."];
    readonly ARM_SMMU_FEAT_PRI: readonly [number, "A PRI queue."];
    readonly ARM_SMMU_FEAT_ATS: readonly [number, "PCIe ATS."];
    readonly ARM_SMMU_FEAT_SEV: readonly [number, "CMD_SYNC can wake processors from WFE."];
    readonly ARM_SMMU_FEAT_MSI: readonly [number, "MSIs."];
    readonly ARM_SMMU_FEAT_COHERENCY: readonly [number, "Accesses coherent with the processors' caches."];
    readonly ARM_SMMU_FEAT_TRANS_S1: readonly [number, "Stage 1."];
    readonly ARM_SMMU_FEAT_TRANS_S2: readonly [number, "Stage 2."];
    readonly ARM_SMMU_FEAT_STALLS: readonly [number, "Faulting transactions can stall."];
    readonly ARM_SMMU_FEAT_HYP: readonly [number, "Streams of EL2."];
    readonly ARM_SMMU_FEAT_STALL_FORCE: readonly [number, "Faulting transactions always stall."];
    readonly ARM_SMMU_FEAT_VAX: readonly [number, "Virtual addresses of 52 bits."];
    readonly ARM_SMMU_FEAT_RANGE_INV: readonly [number, "TLB invalidations of ranges."];
    readonly ARM_SMMU_FEAT_BTM: readonly [number, "TLB invalidations that processors broadcast."];
    readonly ARM_SMMU_FEAT_SVA: readonly [number, "Page tables shared with processes."];
    readonly ARM_SMMU_FEAT_E2H: readonly [number, "The EL2-E2H regime."];
    readonly ARM_SMMU_FEAT_NESTING: readonly [number, "Both stages at once."];
    readonly ARM_SMMU_FEAT_ATTR_TYPES_OVR: readonly [number, "Memory types of transactions can be replaced."];
    readonly ARM_SMMU_FEAT_HA: readonly [number, "The hardware sets the access flag of pages."];
    readonly ARM_SMMU_FEAT_HD: readonly [number, "The hardware marks pages dirty."];
    readonly ARM_SMMU_FEAT_S2FWB: readonly [number, "Stage 2 can force the memory type."];
    readonly ARM_SMMU_FEAT_BBML2: readonly [number, "Mappings can change size without being taken away in between."];
    readonly ARM_SMMU_FEAT_HAFT: readonly [number, "The hardware sets the access flag of table descriptors."];
    readonly ARM_SMMU_FEAT_DS: readonly [number, "Addresses of 52 bits with 4 KB and 16 KB pages."];
}>;
/** What the driver does differently on some hardware. Source: `drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h`. */
export declare const arm_smmu_options: import("../struct/enumeration.js").FlagSet & import("../struct/enumeration.js").MemberValues<{
    readonly ARM_SMMU_OPT_SKIP_PREFETCH: readonly [number, "Prefetch commands are not sent: the hardware does not take them."];
    readonly ARM_SMMU_OPT_PAGE0_REGS_ONLY: readonly [number, "The registers of page 1 are used in page 0."];
    readonly ARM_SMMU_OPT_MSIPOLL: readonly [number, "CMD_SYNC tells that it is done by an MSI that overwrites it in the queue."];
    readonly ARM_SMMU_OPT_CMDQ_FORCE_SYNC: readonly [number, "Each full batch of commands ends in a CMD_SYNC."];
    readonly ARM_SMMU_OPT_TEGRA241_CMDQV: readonly [number, "There are the virtual command queues of Tegra241."];
}>;
/** Numbers of the driver that no register holds. Source: `drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h`. */
export declare const arm_smmu_constants: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly ARM_SMMU_REG_SZ: readonly [3584, "Bytes of a register page that the driver maps; what follows is up to the implementation."];
    readonly ARM_SMMU_POLL_TIMEOUT_US: readonly [1000000, "Microseconds that it waits for the hardware."];
    readonly ARM_SMMU_POLL_SPIN_COUNT: readonly [10, "Looks at a queue before it pauses between them."];
    readonly CMDQ_BATCH_ENTRIES: readonly [64, "Commands that it gathers before it writes them to the queue."];
    readonly ATC_INV_SIZE_ALL: readonly [52, "Size of a CMD_ATC_INV for all addresses."];
    readonly STRTAB_MAX_L1_ENTRIES: readonly [number, "Most first-level stream table descriptors that it allocates."];
    readonly CMDQ_PROD_OWNED_FLAG: readonly [2147483648, "In its copy of SMMU_CMDQ_PROD, never in the register: one processor submits commands for all."];
}>;
//# sourceMappingURL=driver.d.ts.map