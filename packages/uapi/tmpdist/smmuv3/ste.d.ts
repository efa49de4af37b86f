/** What happens to the transactions of a stream. Source: Arm IHI 0070, section 5.2, STE.Config. */
export declare const smmuv3_ste_config: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly ABORT: readonly [0, "None: every transaction is aborted, and no event tells of it."];
    readonly BYPASS: readonly [4, "None: transactions pass untranslated."];
    readonly S1_TRANSLATE: readonly [5, "Stage 1 only."];
    readonly S2_TRANSLATE: readonly [6, "Stage 2 only."];
    readonly S1_S2_TRANSLATE: readonly [7, "Both, one after the other."];
}>;
/** Form of the table of context descriptors. Source: Arm IHI 0070, section 5.2, STE.S1Fmt. */
export declare const smmuv3_ste_s1fmt: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly LINEAR: readonly [0, "One array of context descriptors."];
    readonly TWO_LEVEL_4KB: readonly [1, "Two levels; each second-level table has 4 KB, which is 64 context descriptors."];
    readonly TWO_LEVEL_64KB: readonly [2, "Two levels; each second-level table has 64 KB, which is 1024 context descriptors."];
}>;
/** What transactions without a substream get. Source: Arm IHI 0070, section 5.2, STE.S1DSS. */
export declare const smmuv3_ste_s1dss: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly TERMINATE: readonly [0, "They are aborted, with the event F_STREAM_DISABLED."];
    readonly BYPASS: readonly [1, "Stage 1 leaves them alone."];
    readonly SUBSTREAM_0: readonly [2, "They use context descriptor 0, and substream 0 may not be used."];
}>;
/** What ATS a stream may do. Source: Arm IHI 0070, section 5.2, STE.EATS. */
export declare const smmuv3_ste_eats: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly OFF: readonly [0, "None, and translated transactions are refused."];
    readonly FULL: readonly [1, "All: the device gets physical addresses."];
    readonly SPLIT_STAGE: readonly [2, "Split: the device gets IPAs, and stage 2 still translates what it sends."];
    readonly FULL_DPT: readonly [3, "All, checked by the device permission table; without that reserved, and acts as OFF."];
}>;
/** Translation regime of stage 1. Source: Arm IHI 0070, section 5.2, STE.STRW. */
export declare const smmuv3_ste_strw: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly EL1: readonly [0, "EL1 of the security state."];
    readonly EL3: readonly [1, "EL3; in Secure entries only, and not with RME."];
    readonly EL2: readonly [2, "EL2 of the security state, with E2H if SMMU_CR2.E2H is set."];
}>;
/** Which VMIDs a device permission must match. Source: Arm IHI 0070, section 5.2, STE.DPT_VMATCH. */
export declare const smmuv3_ste_dpt_vmatch: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly MATCH_OR_AC_2: readonly [0, "Its VMID is S2VMID, or its AC is 2."];
    readonly MATCH_OR_AC_1_2: readonly [1, "Its VMID is S2VMID, or its AC is 1 or 2."];
    readonly ANY: readonly [2, "Always."];
}>;
/** Permissions of the stage 2 overlay. Source: Arm IHI 0070, section 5.2, STE.S2POI. */
export declare const smmuv3_s2_overlay: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly NONE: readonly [0, "Nothing."];
    readonly MRO: readonly [2, "Mostly read-only."];
    readonly MRO_TL1: readonly [3, "Mostly read-only, TopLevel 1."];
    readonly WO: readonly [4, "Writes."];
    readonly MRO_TL0: readonly [6, "Mostly read-only, TopLevel 0."];
    readonly MRO_TL01: readonly [7, "Mostly read-only, TopLevel 0 and 1."];
    readonly RO: readonly [8, "Reads."];
    readonly RO_uX: readonly [9, "Reads, unprivileged execution."];
    readonly RO_pX: readonly [10, "Reads, privileged execution."];
    readonly RO_puX: readonly [11, "Reads, all execution."];
    readonly RW: readonly [12, "Reads and writes."];
    readonly RW_uX: readonly [13, "Reads and writes, unprivileged execution."];
    readonly RW_pX: readonly [14, "Reads and writes, privileged execution."];
    readonly RW_puX: readonly [15, "Reads and writes, all execution."];
}>;
/** A stream table entry. Source: Arm IHI 0070, section 5.2. */
export declare const smmuv3_ste: import("../struct/bits.js").BitStruct<{
    readonly V: import("../struct/bits.js").BitField<number>;
    readonly Config: import("../struct/bits.js").BitField<number>;
    readonly S1Fmt: import("../struct/bits.js").BitField<number>;
    readonly S1ContextPtr: import("../struct/bits.js").BitField<bigint>;
    readonly S1CDMax: import("../struct/bits.js").BitField<number>;
    readonly S1DSS: import("../struct/bits.js").BitField<number>;
    readonly S1CIR: import("../struct/bits.js").BitField<number>;
    readonly S1COR: import("../struct/bits.js").BitField<number>;
    readonly S1CSH: import("../struct/bits.js").BitField<number>;
    readonly S2HWU59: import("../struct/bits.js").BitField<number>;
    readonly S2HWU60: import("../struct/bits.js").BitField<number>;
    readonly S2HWU61: import("../struct/bits.js").BitField<number>;
    readonly S2HWU62: import("../struct/bits.js").BitField<number>;
    readonly DRE: import("../struct/bits.js").BitField<number>;
    readonly CONT: import("../struct/bits.js").BitField<number>;
    readonly DCP: import("../struct/bits.js").BitField<number>;
    readonly PPAR: import("../struct/bits.js").BitField<number>;
    readonly MEV: import("../struct/bits.js").BitField<number>;
    readonly SW_RESERVED: import("../struct/bits.js").BitField<number>;
    readonly S1PIE: import("../struct/bits.js").BitField<number>;
    readonly S2FWB: import("../struct/bits.js").BitField<number>;
    readonly S1MPAM: import("../struct/bits.js").BitField<number>;
    readonly S1STALLD: import("../struct/bits.js").BitField<number>;
    readonly EATS: import("../struct/bits.js").BitField<number>;
    readonly STRW: import("../struct/bits.js").BitField<number>;
    readonly MemAttr: import("../struct/bits.js").BitField<number>;
    readonly MTCFG: import("../struct/bits.js").BitField<number>;
    readonly ALLOCCFG: import("../struct/bits.js").BitField<number>;
    readonly SHCFG: import("../struct/bits.js").BitField<number>;
    readonly NSCFG: import("../struct/bits.js").BitField<number>;
    readonly PRIVCFG: import("../struct/bits.js").BitField<number>;
    readonly INSTCFG: import("../struct/bits.js").BitField<number>;
    readonly IMPLEMENTATION_DEFINED_127_116: import("../struct/bits.js").BitField<number>;
    readonly S2VMID: import("../struct/bits.js").BitField<number>;
    readonly IMPLEMENTATION_DEFINED_159_144: import("../struct/bits.js").BitField<number>;
    readonly S2T0SZ: import("../struct/bits.js").BitField<number>;
    readonly S2SL0: import("../struct/bits.js").BitField<number>;
    readonly S2IR0: import("../struct/bits.js").BitField<number>;
    readonly S2OR0: import("../struct/bits.js").BitField<number>;
    readonly S2SH0: import("../struct/bits.js").BitField<number>;
    readonly S2TG: import("../struct/bits.js").BitField<number>;
    readonly S2PS: import("../struct/bits.js").BitField<number>;
    readonly S2AA64: import("../struct/bits.js").BitField<number>;
    readonly S2ENDI: import("../struct/bits.js").BitField<number>;
    readonly S2AFFD: import("../struct/bits.js").BitField<number>;
    readonly S2PTW: import("../struct/bits.js").BitField<number>;
    readonly S2HD: import("../struct/bits.js").BitField<number>;
    readonly S2HA: import("../struct/bits.js").BitField<number>;
    readonly S2S: import("../struct/bits.js").BitField<number>;
    readonly S2R: import("../struct/bits.js").BitField<number>;
    readonly S2HAFT: import("../struct/bits.js").BitField<number>;
    readonly S2PIE: import("../struct/bits.js").BitField<number>;
    readonly S2POE: import("../struct/bits.js").BitField<number>;
    readonly DPT_VMATCH: import("../struct/bits.js").BitField<number>;
    readonly S2NSW: import("../struct/bits.js").BitField<number>;
    readonly S2NSA: import("../struct/bits.js").BitField<number>;
    readonly S2SL0_2: import("../struct/bits.js").BitField<number>;
    readonly S2DS: import("../struct/bits.js").BitField<number>;
    readonly S2TTB: import("../struct/bits.js").BitField<bigint>;
    readonly S2SKL: import("../struct/bits.js").BitField<number>;
    readonly IMPLEMENTATION_DEFINED_271_256: import("../struct/bits.js").BitField<number>;
    readonly PARTID: import("../struct/bits.js").BitField<number>;
    readonly S_S2T0SZ: import("../struct/bits.js").BitField<number>;
    readonly S_S2SL0: import("../struct/bits.js").BitField<number>;
    readonly S_S2TG: import("../struct/bits.js").BitField<number>;
    readonly MECID: import("../struct/bits.js").BitField<number>;
    readonly PMG: import("../struct/bits.js").BitField<number>;
    readonly MPAM_NS: import("../struct/bits.js").BitField<number>;
    readonly AssuredOnly: import("../struct/bits.js").BitField<number>;
    readonly TL0: import("../struct/bits.js").BitField<number>;
    readonly TL1: import("../struct/bits.js").BitField<number>;
    readonly VMSPtr: import("../struct/bits.js").BitField<bigint>;
    readonly S2SW: import("../struct/bits.js").BitField<number>;
    readonly S2SA: import("../struct/bits.js").BitField<number>;
    readonly S_S2SL0_2: import("../struct/bits.js").BitField<number>;
    readonly S_S2TTB: import("../struct/bits.js").BitField<bigint>;
    readonly S_S2SKL: import("../struct/bits.js").BitField<number>;
    readonly S2POI0: import("../struct/bits.js").BitField<number>;
    readonly S2POI1: import("../struct/bits.js").BitField<number>;
    readonly S2POI2: import("../struct/bits.js").BitField<number>;
    readonly S2POI3: import("../struct/bits.js").BitField<number>;
    readonly S2POI4: import("../struct/bits.js").BitField<number>;
    readonly S2POI5: import("../struct/bits.js").BitField<number>;
    readonly S2POI6: import("../struct/bits.js").BitField<number>;
    readonly S2POI7: import("../struct/bits.js").BitField<number>;
    readonly S2POI8: import("../struct/bits.js").BitField<number>;
    readonly S2POI9: import("../struct/bits.js").BitField<number>;
    readonly S2POI10: import("../struct/bits.js").BitField<number>;
    readonly S2POI11: import("../struct/bits.js").BitField<number>;
    readonly S2POI12: import("../struct/bits.js").BitField<number>;
    readonly S2POI13: import("../struct/bits.js").BitField<number>;
    readonly S2POI14: import("../struct/bits.js").BitField<number>;
    readonly S2POI15: import("../struct/bits.js").BitField<number>;
}>;
/** A first-level stream table descriptor. Source: Arm IHI 0070, section 5.1. */
export declare const smmuv3_l1std: import("../struct/bits.js").BitStruct<{
    readonly Span: import("../struct/bits.js").BitField<number>;
    readonly L2Ptr: import("../struct/bits.js").BitField<bigint>;
}>;
//# sourceMappingURL=ste.d.ts.map