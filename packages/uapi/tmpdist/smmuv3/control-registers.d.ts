/** What is switched on. Source: Arm IHI 0070, section 6.3.9. */
export declare const SMMU_CR0: import("../struct/bits.js").BitStruct<{
    SMMUEN: import("../struct/bits.js").BitField<number>;
    PRIQEN: import("../struct/bits.js").BitField<number>;
    EVENTQEN: import("../struct/bits.js").BitField<number>;
    CMDQEN: import("../struct/bits.js").BitField<number>;
    ATSCHK: import("../struct/bits.js").BitField<number>;
    VMW: import("../struct/bits.js").BitField<number>;
    DPT_WALK_EN: import("../struct/bits.js").BitField<number>;
}>;
/** What of SMMU_CR0 has taken effect. Source: Arm IHI 0070, section 6.3.10. */
export declare const SMMU_CR0ACK: import("../struct/bits.js").BitStruct<{
    SMMUEN: import("../struct/bits.js").BitField<number>;
    PRIQEN: import("../struct/bits.js").BitField<number>;
    EVENTQEN: import("../struct/bits.js").BitField<number>;
    CMDQEN: import("../struct/bits.js").BitField<number>;
    ATSCHK: import("../struct/bits.js").BitField<number>;
    VMW: import("../struct/bits.js").BitField<number>;
    DPT_WALK_EN: import("../struct/bits.js").BitField<number>;
}>;
/** Attributes of accesses to queues and tables. Source: Arm IHI 0070, section 6.3.11. */
export declare const SMMU_CR1: import("../struct/bits.js").BitStruct<{
    readonly QUEUE_IC: import("../struct/bits.js").BitField<number>;
    readonly QUEUE_OC: import("../struct/bits.js").BitField<number>;
    readonly QUEUE_SH: import("../struct/bits.js").BitField<number>;
    readonly TABLE_IC: import("../struct/bits.js").BitField<number>;
    readonly TABLE_OC: import("../struct/bits.js").BitField<number>;
    readonly TABLE_SH: import("../struct/bits.js").BitField<number>;
}>;
/** Settings made before it is switched on. Source: Arm IHI 0070, section 6.3.12. */
export declare const SMMU_CR2: import("../struct/bits.js").BitStruct<{
    readonly E2H: import("../struct/bits.js").BitField<number>;
    readonly RECINVSID: import("../struct/bits.js").BitField<number>;
    readonly PTM: import("../struct/bits.js").BitField<number>;
    readonly REC_CFG_ATS: import("../struct/bits.js").BitField<number>;
}>;
/** What happens to transactions while the SMMU is off. Source: Arm IHI 0070, section 6.3.14. */
export declare const SMMU_GBPA: import("../struct/bits.js").BitStruct<{
    readonly MemAttr: import("../struct/bits.js").BitField<number>;
    readonly MTCFG: import("../struct/bits.js").BitField<number>;
    readonly ALLOCCFG: import("../struct/bits.js").BitField<number>;
    readonly SHCFG: import("../struct/bits.js").BitField<number>;
    readonly PRIVCFG: import("../struct/bits.js").BitField<number>;
    readonly INSTCFG: import("../struct/bits.js").BitField<number>;
    readonly ABORT: import("../struct/bits.js").BitField<number>;
    readonly Update: import("../struct/bits.js").BitField<number>;
}>;
/** Which interrupts are on. Source: Arm IHI 0070, section 6.3.16. */
export declare const SMMU_IRQ_CTRL: import("../struct/bits.js").BitStruct<{
    GERROR_IRQEN: import("../struct/bits.js").BitField<number>;
    PRIQ_IRQEN: import("../struct/bits.js").BitField<number>;
    EVENTQ_IRQEN: import("../struct/bits.js").BitField<number>;
}>;
/** What of SMMU_IRQ_CTRL has taken effect. Source: Arm IHI 0070, section 6.3.18. */
export declare const SMMU_IRQ_CTRLACK: import("../struct/bits.js").BitStruct<{
    GERROR_IRQEN: import("../struct/bits.js").BitField<number>;
    PRIQ_IRQEN: import("../struct/bits.js").BitField<number>;
    EVENTQ_IRQEN: import("../struct/bits.js").BitField<number>;
}>;
/** Global errors. Source: Arm IHI 0070, section 6.3.19. */
export declare const SMMU_GERROR: import("../struct/bits.js").BitStruct<{
    CMDQ_ERR: import("../struct/bits.js").BitField<number>;
    EVENTQ_ABT_ERR: import("../struct/bits.js").BitField<number>;
    PRIQ_ABT_ERR: import("../struct/bits.js").BitField<number>;
    MSI_CMDQ_ABT_ERR: import("../struct/bits.js").BitField<number>;
    MSI_EVENTQ_ABT_ERR: import("../struct/bits.js").BitField<number>;
    MSI_PRIQ_ABT_ERR: import("../struct/bits.js").BitField<number>;
    MSI_GERROR_ABT_ERR: import("../struct/bits.js").BitField<number>;
    SFM_ERR: import("../struct/bits.js").BitField<number>;
    CMDQP_ERR: import("../struct/bits.js").BitField<number>;
    DPT_ERR: import("../struct/bits.js").BitField<number>;
}>;
/** Which global errors software has seen. Source: Arm IHI 0070, section 6.3.20. */
export declare const SMMU_GERRORN: import("../struct/bits.js").BitStruct<{
    CMDQ_ERR: import("../struct/bits.js").BitField<number>;
    EVENTQ_ABT_ERR: import("../struct/bits.js").BitField<number>;
    PRIQ_ABT_ERR: import("../struct/bits.js").BitField<number>;
    MSI_CMDQ_ABT_ERR: import("../struct/bits.js").BitField<number>;
    MSI_EVENTQ_ABT_ERR: import("../struct/bits.js").BitField<number>;
    MSI_PRIQ_ABT_ERR: import("../struct/bits.js").BitField<number>;
    MSI_GERROR_ABT_ERR: import("../struct/bits.js").BitField<number>;
    SFM_ERR: import("../struct/bits.js").BitField<number>;
    CMDQP_ERR: import("../struct/bits.js").BitField<number>;
    DPT_ERR: import("../struct/bits.js").BitField<number>;
}>;
//# sourceMappingURL=control-registers.d.ts.map