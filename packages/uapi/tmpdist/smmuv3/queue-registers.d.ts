/** Why the command queue stopped. Source: Arm IHI 0070, sections 7.1 and 6.3.28, SMMU_CMDQ_CONS.ERR. */
export declare const smmuv3_cmdq_error: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly CERROR_NONE: readonly [0, "It did not."];
    readonly CERROR_ILL: readonly [1, "The command is unknown or not legal."];
    readonly CERROR_ABT: readonly [2, "Reading the queue failed."];
    readonly CERROR_ATC_INV_SYNC: readonly [3, "A CMD_SYNC waits for a CMD_ATC_INV that the device did not complete."];
}>;
/** Form of the stream table. Source: Arm IHI 0070, section 6.3.25, SMMU_STRTAB_BASE_CFG.FMT. */
export declare const smmuv3_strtab_format: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly LINEAR: readonly [0, "One array of stream table entries."];
    readonly TWO_LEVEL: readonly [1, "Two levels."];
}>;
/** Split of StreamIDs. Source: Arm IHI 0070, section 6.3.25, SMMU_STRTAB_BASE_CFG.SPLIT. */
export declare const smmuv3_strtab_split: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly LEAF_4KB: readonly [6, "Second-level arrays of up to 4 KB."];
    readonly LEAF_16KB: readonly [8, "Second-level arrays of up to 16 KB."];
    readonly LEAF_64KB: readonly [10, "Second-level arrays of up to 64 KB."];
}>;
/** Place of the stream table. Source: Arm IHI 0070, section 6.3.24. */
export declare const SMMU_STRTAB_BASE: import("../struct/bits.js").BitStruct<{
    readonly ADDR: import("../struct/bits.js").BitField<bigint>;
    readonly RA: import("../struct/bits.js").BitField<number>;
}>;
/** Form and size of the stream table. Source: Arm IHI 0070, section 6.3.25. */
export declare const SMMU_STRTAB_BASE_CFG: import("../struct/bits.js").BitStruct<{
    readonly LOG2SIZE: import("../struct/bits.js").BitField<number>;
    readonly SPLIT: import("../struct/bits.js").BitField<number>;
    readonly FMT: import("../struct/bits.js").BitField<number>;
}>;
/** Place and size of the command queue. Source: Arm IHI 0070, section 6.3.26. */
export declare const SMMU_CMDQ_BASE: import("../struct/bits.js").BitStruct<{
    readonly RA: import("../struct/bits.js").BitField<number>;
    readonly LOG2SIZE: import("../struct/bits.js").BitField<number>;
    readonly ADDR: import("../struct/bits.js").BitField<bigint>;
}>;
/** Place and size of the event queue. Source: Arm IHI 0070, section 6.3.29. */
export declare const SMMU_EVENTQ_BASE: import("../struct/bits.js").BitStruct<{
    readonly WA: import("../struct/bits.js").BitField<number>;
    readonly LOG2SIZE: import("../struct/bits.js").BitField<number>;
    readonly ADDR: import("../struct/bits.js").BitField<bigint>;
}>;
/** Place and size of the PRI queue. Source: Arm IHI 0070, section 6.3.33. */
export declare const SMMU_PRIQ_BASE: import("../struct/bits.js").BitStruct<{
    readonly WA: import("../struct/bits.js").BitField<number>;
    readonly LOG2SIZE: import("../struct/bits.js").BitField<number>;
    readonly ADDR: import("../struct/bits.js").BitField<bigint>;
}>;
/** Write index of the command queue, which software moves. Source: Arm IHI 0070, section 6.3.27. */
export declare const SMMU_CMDQ_PROD: import("../struct/bits.js").BitStruct<{
    WR: import("../struct/bits.js").BitField<number>;
}>;
/** Read index of the command queue, which the SMMU moves. Source: Arm IHI 0070, section 6.3.28. */
export declare const SMMU_CMDQ_CONS: import("../struct/bits.js").BitStruct<{
    readonly ERR: import("../struct/bits.js").BitField<number>;
    readonly RD: import("../struct/bits.js").BitField<number>;
}>;
/** Write index of the event queue, which the SMMU moves. Source: Arm IHI 0070, section 6.3.95. */
export declare const SMMU_EVENTQ_PROD: import("../struct/bits.js").BitStruct<{
    OVFLG: import("../struct/bits.js").BitField<number>;
    WR: import("../struct/bits.js").BitField<number>;
}>;
/** Read index of the event queue, which software moves. Source: Arm IHI 0070, section 6.3.96. */
export declare const SMMU_EVENTQ_CONS: import("../struct/bits.js").BitStruct<{
    OVACKFLG: import("../struct/bits.js").BitField<number>;
    RD: import("../struct/bits.js").BitField<number>;
}>;
/** Write index of the PRI queue, which the SMMU moves. Source: Arm IHI 0070, section 6.3.97. */
export declare const SMMU_PRIQ_PROD: import("../struct/bits.js").BitStruct<{
    OVFLG: import("../struct/bits.js").BitField<number>;
    WR: import("../struct/bits.js").BitField<number>;
}>;
/** Read index of the PRI queue, which software moves. Source: Arm IHI 0070, section 6.3.98. */
export declare const SMMU_PRIQ_CONS: import("../struct/bits.js").BitStruct<{
    OVACKFLG: import("../struct/bits.js").BitField<number>;
    RD: import("../struct/bits.js").BitField<number>;
}>;
/** MSI of global errors: address. Source: Arm IHI 0070, section 6.3.21. */
export declare const SMMU_GERROR_IRQ_CFG0: import("../struct/bits.js").BitStruct<{
    ADDR: import("../struct/bits.js").BitField<bigint>;
}>;
/** MSI of global errors: data. Source: Arm IHI 0070, section 6.3.22. */
export declare const SMMU_GERROR_IRQ_CFG1: import("../struct/bits.js").BitStruct<{
    DATA: import("../struct/bits.js").BitField<number>;
}>;
/** MSI of global errors: attributes. Source: Arm IHI 0070, section 6.3.23. */
export declare const SMMU_GERROR_IRQ_CFG2: import("../struct/bits.js").BitStruct<{
    MemAttr: import("../struct/bits.js").BitField<number>;
    SH: import("../struct/bits.js").BitField<number>;
}>;
/** MSI of the event queue: address. Source: Arm IHI 0070, section 6.3.30. */
export declare const SMMU_EVENTQ_IRQ_CFG0: import("../struct/bits.js").BitStruct<{
    ADDR: import("../struct/bits.js").BitField<bigint>;
}>;
/** MSI of the event queue: data. Source: Arm IHI 0070, section 6.3.31. */
export declare const SMMU_EVENTQ_IRQ_CFG1: import("../struct/bits.js").BitStruct<{
    DATA: import("../struct/bits.js").BitField<number>;
}>;
/** MSI of the event queue: attributes. Source: Arm IHI 0070, section 6.3.32. */
export declare const SMMU_EVENTQ_IRQ_CFG2: import("../struct/bits.js").BitStruct<{
    MemAttr: import("../struct/bits.js").BitField<number>;
    SH: import("../struct/bits.js").BitField<number>;
}>;
/** MSI of the PRI queue: address. Source: Arm IHI 0070, section 6.3.34. */
export declare const SMMU_PRIQ_IRQ_CFG0: import("../struct/bits.js").BitStruct<{
    ADDR: import("../struct/bits.js").BitField<bigint>;
}>;
/** MSI of the PRI queue: data. Source: Arm IHI 0070, section 6.3.35. */
export declare const SMMU_PRIQ_IRQ_CFG1: import("../struct/bits.js").BitStruct<{
    DATA: import("../struct/bits.js").BitField<number>;
}>;
/** MSI of the PRI queue: attributes, and when it is sent. Source: Arm IHI 0070, section 6.3.36. */
export declare const SMMU_PRIQ_IRQ_CFG2: import("../struct/bits.js").BitStruct<{
    readonly LO: import("../struct/bits.js").BitField<number>;
    readonly MemAttr: import("../struct/bits.js").BitField<number>;
    readonly SH: import("../struct/bits.js").BitField<number>;
}>;
//# sourceMappingURL=queue-registers.d.ts.map