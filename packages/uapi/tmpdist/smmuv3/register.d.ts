/**
 * Where the registers of the Non-secure programming interface are. Those at 0x10000 and above are in page 1;
 * some implementations have them in page 0 too. Source: Arm IHI 0070, section 6.2 and, for each, 6.3.
 */
export declare const smmuv3_register: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly SMMU_IDR0: readonly [0, "Features."];
    readonly SMMU_IDR1: readonly [4, "Features and sizes."];
    readonly SMMU_IDR2: readonly [8, "Place of the VATOS page."];
    readonly SMMU_IDR3: readonly [12, "Features of later versions."];
    readonly SMMU_IDR4: readonly [16, "Up to the implementation."];
    readonly SMMU_IDR5: readonly [20, "Addresses and page sizes."];
    readonly SMMU_IIDR: readonly [24, "Who made it."];
    readonly SMMU_AIDR: readonly [28, "Version of the architecture."];
    readonly SMMU_CR0: readonly [32, "What is switched on."];
    readonly SMMU_CR0ACK: readonly [36, "What of SMMU_CR0 has taken effect."];
    readonly SMMU_CR1: readonly [40, "Attributes of accesses to queues and tables."];
    readonly SMMU_CR2: readonly [44, "Settings made before it is switched on."];
    readonly SMMU_S2PII: readonly [48, "Base permissions of stage 2 indirection, 64 bits."];
    readonly SMMU_STATUSR: readonly [64, "Whether it is dormant."];
    readonly SMMU_GBPA: readonly [68, "What happens to transactions while it is off."];
    readonly SMMU_AGBPA: readonly [72, "More of that, up to the implementation."];
    readonly SMMU_IRQ_CTRL: readonly [80, "Which interrupts are on."];
    readonly SMMU_IRQ_CTRLACK: readonly [84, "What of SMMU_IRQ_CTRL has taken effect."];
    readonly SMMU_GERROR: readonly [96, "Global errors."];
    readonly SMMU_GERRORN: readonly [100, "Which global errors software has seen."];
    readonly SMMU_GERROR_IRQ_CFG0: readonly [104, "MSI of global errors: address, 64 bits."];
    readonly SMMU_GERROR_IRQ_CFG1: readonly [112, "MSI of global errors: data."];
    readonly SMMU_GERROR_IRQ_CFG2: readonly [116, "MSI of global errors: attributes."];
    readonly SMMU_STRTAB_BASE: readonly [128, "Stream table: address, 64 bits."];
    readonly SMMU_STRTAB_BASE_CFG: readonly [136, "Stream table: form and size."];
    readonly SMMU_CMDQ_BASE: readonly [144, "Command queue: address and size, 64 bits."];
    readonly SMMU_CMDQ_PROD: readonly [152, "Command queue: write index."];
    readonly SMMU_CMDQ_CONS: readonly [156, "Command queue: read index and error."];
    readonly SMMU_EVENTQ_BASE: readonly [160, "Event queue: address and size, 64 bits."];
    readonly SMMU_EVENTQ_IRQ_CFG0: readonly [176, "MSI of the event queue: address, 64 bits."];
    readonly SMMU_EVENTQ_IRQ_CFG1: readonly [184, "MSI of the event queue: data."];
    readonly SMMU_EVENTQ_IRQ_CFG2: readonly [188, "MSI of the event queue: attributes."];
    readonly SMMU_PRIQ_BASE: readonly [192, "PRI queue: address and size, 64 bits."];
    readonly SMMU_PRIQ_IRQ_CFG0: readonly [208, "MSI of the PRI queue: address, 64 bits."];
    readonly SMMU_PRIQ_IRQ_CFG1: readonly [216, "MSI of the PRI queue: data."];
    readonly SMMU_PRIQ_IRQ_CFG2: readonly [220, "MSI of the PRI queue: attributes."];
    readonly SMMU_GATOS_CTRL: readonly [256, "Translation on request: start."];
    readonly SMMU_GATOS_SID: readonly [264, "Translation on request: stream, 64 bits."];
    readonly SMMU_GATOS_ADDR: readonly [272, "Translation on request: address, 64 bits."];
    readonly SMMU_GATOS_PAR: readonly [280, "Translation on request: result, 64 bits."];
    readonly SMMU_MPAMIDR: readonly [304, "Sizes of MPAM."];
    readonly SMMU_GMPAM: readonly [312, "MPAM of the SMMU's own accesses."];
    readonly SMMU_GBPMPAM: readonly [316, "MPAM of transactions while it is off."];
    readonly SMMU_VATOS_SEL: readonly [384, "Which VMID the VATOS page is for."];
    readonly SMMU_IDR6: readonly [400, "Enhanced command queues."];
    readonly SMMU_DPT_BASE: readonly [512, "Device permission table: address, 64 bits."];
    readonly SMMU_DPT_BASE_CFG: readonly [520, "Device permission table: form and size."];
    readonly SMMU_DPT_CFG_FAR: readonly [528, "Device permission table: last fault, 64 bits."];
    readonly SMMU_EVENTQ_PROD: readonly [65704, "Event queue: write index."];
    readonly SMMU_EVENTQ_CONS: readonly [65708, "Event queue: read index."];
    readonly SMMU_PRIQ_PROD: readonly [65736, "PRI queue: write index."];
    readonly SMMU_PRIQ_CONS: readonly [65740, "PRI queue: read index."];
}>;
/** Where page 1 begins. Source: Arm IHI 0070, section 6.1. */
export declare const SMMU_PAGE_1 = 65536;
//# sourceMappingURL=register.d.ts.map