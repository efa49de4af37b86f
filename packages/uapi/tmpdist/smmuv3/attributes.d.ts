/** Shareability of an access. Source: Arm IHI 0070, section 5.2, STE.S1CSH and S2SH0. */
export declare const smmuv3_shareability: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly NSH: readonly [0, "Non-shareable."];
    readonly OSH: readonly [2, "Outer Shareable."];
    readonly ISH: readonly [3, "Inner Shareable."];
}>;
/** Shareability override of incoming transactions. Source: Arm IHI 0070, section 5.2, STE.SHCFG. */
export declare const smmuv3_shcfg: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly NSH: readonly [0, "Non-shareable."];
    readonly INCOMING: readonly [1, "What the transaction came with."];
    readonly OSH: readonly [2, "Outer Shareable."];
    readonly ISH: readonly [3, "Inner Shareable."];
}>;
/** Privilege override of incoming transactions. Source: Arm IHI 0070, section 5.2, STE.PRIVCFG. */
export declare const smmuv3_privcfg: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly INCOMING: readonly [0, "What the transaction came with."];
    readonly UNPRIVILEGED: readonly [2, "Always unprivileged."];
    readonly PRIVILEGED: readonly [3, "Always privileged."];
}>;
/** Instruction override of incoming transactions. Source: Arm IHI 0070, section 5.2, STE.INSTCFG. */
export declare const smmuv3_instcfg: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly INCOMING: readonly [0, "What the transaction came with."];
    readonly DATA: readonly [2, "Always data."];
    readonly INSTRUCTION: readonly [3, "Always instruction."];
}>;
/**
 * Memory types. Source: Arm IHI 0070, section 5.2, STE.MemAttr, which takes them from the stage 2 descriptors
 * of VMSAv8-64.
 */
export declare const smmuv3_mem_attr: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly DEVICE_nGnRnE: readonly [0, "Device: no gathering, no reordering, no early acknowledgement."];
    readonly DEVICE_nGnRE: readonly [1, "Device: no gathering, no reordering, early acknowledgement."];
    readonly DEVICE_nGRE: readonly [2, "Device: no gathering, reordering, early acknowledgement."];
    readonly DEVICE_GRE: readonly [3, "Device: gathering, reordering, early acknowledgement."];
    readonly ONC_INC: readonly [5, "Normal: outer and inner Non-cacheable."];
    readonly ONC_IWT: readonly [6, "Normal: outer Non-cacheable, inner Write-through."];
    readonly ONC_IWB: readonly [7, "Normal: outer Non-cacheable, inner Write-back."];
    readonly OWT_INC: readonly [9, "Normal: outer Write-through, inner Non-cacheable."];
    readonly OWT_IWT: readonly [10, "Normal: outer and inner Write-through."];
    readonly OWT_IWB: readonly [11, "Normal: outer Write-through, inner Write-back."];
    readonly OWB_INC: readonly [13, "Normal: outer Write-back, inner Non-cacheable."];
    readonly OWB_IWT: readonly [14, "Normal: outer Write-back, inner Write-through."];
    readonly OWB_IWB: readonly [15, "Normal: outer and inner Write-back."];
}>;
/** Cacheability of queue and stream table accesses. Source: Arm IHI 0070, section 6.3.11, SMMU_CR1. */
export declare const smmuv3_cr1_cacheability: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly NC: readonly [0, "Non-cacheable."];
    readonly WB: readonly [1, "Write-back."];
    readonly WT: readonly [2, "Write-through."];
}>;
/** Cacheability of context descriptor fetches. Source: Arm IHI 0070, section 5.2, STE.S1CIR. */
export declare const smmuv3_cd_cacheability: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly NC: readonly [0, "Non-cacheable."];
    readonly WB_RA: readonly [1, "Write-back, read-allocate."];
    readonly WT_RA: readonly [2, "Write-through, read-allocate."];
    readonly WB: readonly [3, "Write-back, no allocation."];
}>;
/** Cacheability of translation table walks. Source: Arm IHI 0070, sections 5.2 (S2IR0) and 5.4 (IR0). */
export declare const smmuv3_walk_cacheability: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly NC: readonly [0, "Non-cacheable."];
    readonly WB_RA_WA: readonly [1, "Write-back, read-allocate and write-allocate."];
    readonly WT_RA: readonly [2, "Write-through, read-allocate."];
    readonly WB_RA: readonly [3, "Write-back, read-allocate only."];
}>;
/** Granule of stage 2 and of TTB0. Source: Arm IHI 0070, sections 5.2 (S2TG) and 5.4 (TG0). */
export declare const smmuv3_granule: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly GRANULE_4KB: readonly [0, "4 KB."];
    readonly GRANULE_64KB: readonly [1, "64 KB."];
    readonly GRANULE_16KB: readonly [2, "16 KB."];
}>;
/** Granule of TTB1, coded unlike {@link smmuv3_granule}. Source: Arm IHI 0070, section 5.4, CD.TG1. */
export declare const smmuv3_granule_tg1: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly GRANULE_16KB: readonly [1, "16 KB."];
    readonly GRANULE_4KB: readonly [2, "4 KB."];
    readonly GRANULE_64KB: readonly [3, "64 KB."];
}>;
/** Address sizes. Source: Arm IHI 0070, sections 6.3.6 (OAS), 5.2 (S2PS) and 5.4 (IPS). */
export declare const smmuv3_address_size: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly BITS_32: readonly [0, "32 bits, 4 GB."];
    readonly BITS_36: readonly [1, "36 bits, 64 GB."];
    readonly BITS_40: readonly [2, "40 bits, 1 TB."];
    readonly BITS_42: readonly [3, "42 bits, 4 TB."];
    readonly BITS_44: readonly [4, "44 bits, 16 TB."];
    readonly BITS_48: readonly [5, "48 bits, 256 TB."];
    readonly BITS_52: readonly [6, "52 bits, 4 PB; since SMMUv3.1."];
    readonly BITS_56: readonly [7, "56 bits, 64 PB; since SMMUv3.4."];
}>;
//# sourceMappingURL=attributes.d.ts.map