/** What the SMMU was translating when a fault came. Source: Arm IHI 0070, sections 7.3.12 to 7.3.16. */
export declare const smmuv3_event_class: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly CD: readonly [0, "That of a context descriptor, on its way through stage 2."];
    readonly TT: readonly [1, "That of a stage 1 translation table descriptor."];
    readonly IN: readonly [2, "That of the transaction itself."];
}>;
/** The stage of translation that faulted. Source: Arm IHI 0070, sections 7.3.12 to 7.3.17. */
export declare const smmuv3_event_stage: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly STAGE_1: readonly [0, "Stage 1."];
    readonly STAGE_2: readonly [1, "Stage 2."];
}>;
/**
 * A record of the event queue, told apart by `EventNumber`: C_ events report configuration that is not legal,
 * F_ events faults, E_ events are hints. Numbers without a name are reserved. Addresses have the widest form,
 * that of 56-bit physical addresses; on smaller systems their upper bits are zero.
 * Source: Arm IHI 0070, section 7.3.
 */
export declare const smmuv3_event: import("../struct/variants.js").Variants<"EventNumber", {
    readonly F_UUT: import("../struct/variants.js").Variant<1, {
        readonly InputAddr: import("../struct/bits.js").BitField<bigint>;
        readonly PnU: import("../struct/bits.js").BitField<number>;
        readonly InD: import("../struct/bits.js").BitField<number>;
        readonly RnW: import("../struct/bits.js").BitField<number>;
        readonly Reason: import("../struct/bits.js").BitField<number>;
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly C_BAD_STREAMID: import("../struct/variants.js").Variant<2, {
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_STE_FETCH: import("../struct/variants.js").Variant<3, {
        FetchAddr: import("../struct/bits.js").BitField<bigint>;
        GPCF: import("../struct/bits.js").BitField<number>;
        Reason: import("../struct/bits.js").BitField<number>;
        SSV: import("../struct/bits.js").BitField<number>;
        SubstreamID: import("../struct/bits.js").BitField<number>;
        StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly C_BAD_STE: import("../struct/variants.js").Variant<4, {
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_BAD_ATS_TREQ: import("../struct/variants.js").Variant<5, {
        readonly InputAddr: import("../struct/bits.js").BitField<bigint>;
        readonly Span: import("../struct/bits.js").BitField<number>;
        readonly P: import("../struct/bits.js").BitField<number>;
        readonly X: import("../struct/bits.js").BitField<number>;
        readonly W: import("../struct/bits.js").BitField<number>;
        readonly R: import("../struct/bits.js").BitField<number>;
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_STREAM_DISABLED: import("../struct/variants.js").Variant<6, {
        StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_TRANSL_FORBIDDEN: import("../struct/variants.js").Variant<7, {
        readonly RnW: import("../struct/bits.js").BitField<number>;
        readonly InputAddr: import("../struct/bits.js").BitField<bigint>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly C_BAD_SUBSTREAMID: import("../struct/variants.js").Variant<8, {
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_CD_FETCH: import("../struct/variants.js").Variant<9, {
        FetchAddr: import("../struct/bits.js").BitField<bigint>;
        GPCF: import("../struct/bits.js").BitField<number>;
        Reason: import("../struct/bits.js").BitField<number>;
        SSV: import("../struct/bits.js").BitField<number>;
        SubstreamID: import("../struct/bits.js").BitField<number>;
        StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly C_BAD_CD: import("../struct/variants.js").Variant<10, {
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_WALK_EABT: import("../struct/variants.js").Variant<11, {
        readonly CLASS: import("../struct/bits.js").BitField<number>;
        readonly InputAddr: import("../struct/bits.js").BitField<bigint>;
        readonly FetchAddr: import("../struct/bits.js").BitField<bigint>;
        readonly NSIPA: import("../struct/bits.js").BitField<number>;
        readonly S2: import("../struct/bits.js").BitField<number>;
        readonly PnU: import("../struct/bits.js").BitField<number>;
        readonly InD: import("../struct/bits.js").BitField<number>;
        readonly RnW: import("../struct/bits.js").BitField<number>;
        readonly GPCF: import("../struct/bits.js").BitField<number>;
        readonly Reason: import("../struct/bits.js").BitField<number>;
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_TRANSLATION: import("../struct/variants.js").Variant<16, {
        CLASS: import("../struct/bits.js").BitField<number>;
        IMPL_DEF: import("../struct/bits.js").BitField<number>;
        InputAddr: import("../struct/bits.js").BitField<bigint>;
        IPA: import("../struct/bits.js").BitField<bigint>;
        NSIPA: import("../struct/bits.js").BitField<number>;
        S2: import("../struct/bits.js").BitField<number>;
        PnU: import("../struct/bits.js").BitField<number>;
        InD: import("../struct/bits.js").BitField<number>;
        RnW: import("../struct/bits.js").BitField<number>;
        STAG: import("../struct/bits.js").BitField<number>;
        Stall: import("../struct/bits.js").BitField<number>;
        SSV: import("../struct/bits.js").BitField<number>;
        SubstreamID: import("../struct/bits.js").BitField<number>;
        StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_ADDR_SIZE: import("../struct/variants.js").Variant<17, {
        CLASS: import("../struct/bits.js").BitField<number>;
        IMPL_DEF: import("../struct/bits.js").BitField<number>;
        InputAddr: import("../struct/bits.js").BitField<bigint>;
        IPA: import("../struct/bits.js").BitField<bigint>;
        NSIPA: import("../struct/bits.js").BitField<number>;
        S2: import("../struct/bits.js").BitField<number>;
        PnU: import("../struct/bits.js").BitField<number>;
        InD: import("../struct/bits.js").BitField<number>;
        RnW: import("../struct/bits.js").BitField<number>;
        STAG: import("../struct/bits.js").BitField<number>;
        Stall: import("../struct/bits.js").BitField<number>;
        SSV: import("../struct/bits.js").BitField<number>;
        SubstreamID: import("../struct/bits.js").BitField<number>;
        StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_ACCESS: import("../struct/variants.js").Variant<18, {
        CLASS: import("../struct/bits.js").BitField<number>;
        IMPL_DEF: import("../struct/bits.js").BitField<number>;
        InputAddr: import("../struct/bits.js").BitField<bigint>;
        IPA: import("../struct/bits.js").BitField<bigint>;
        NSIPA: import("../struct/bits.js").BitField<number>;
        S2: import("../struct/bits.js").BitField<number>;
        PnU: import("../struct/bits.js").BitField<number>;
        InD: import("../struct/bits.js").BitField<number>;
        RnW: import("../struct/bits.js").BitField<number>;
        STAG: import("../struct/bits.js").BitField<number>;
        Stall: import("../struct/bits.js").BitField<number>;
        SSV: import("../struct/bits.js").BitField<number>;
        SubstreamID: import("../struct/bits.js").BitField<number>;
        StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_PERMISSION: import("../struct/variants.js").Variant<19, {
        readonly DirtyBit: import("../struct/bits.js").BitField<number>;
        readonly AssuredOnly: import("../struct/bits.js").BitField<number>;
        readonly TTRnW: import("../struct/bits.js").BitField<number>;
        readonly Overlay: import("../struct/bits.js").BitField<number>;
        readonly CLASS: import("../struct/bits.js").BitField<number>;
        readonly IMPL_DEF: import("../struct/bits.js").BitField<number>;
        readonly InputAddr: import("../struct/bits.js").BitField<bigint>;
        readonly IPA: import("../struct/bits.js").BitField<bigint>;
        readonly NSIPA: import("../struct/bits.js").BitField<number>;
        readonly S2: import("../struct/bits.js").BitField<number>;
        readonly PnU: import("../struct/bits.js").BitField<number>;
        readonly InD: import("../struct/bits.js").BitField<number>;
        readonly RnW: import("../struct/bits.js").BitField<number>;
        readonly STAG: import("../struct/bits.js").BitField<number>;
        readonly Stall: import("../struct/bits.js").BitField<number>;
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_TLB_CONFLICT: import("../struct/variants.js").Variant<32, {
        readonly InputAddr: import("../struct/bits.js").BitField<bigint>;
        readonly IPA: import("../struct/bits.js").BitField<bigint>;
        readonly NSIPA: import("../struct/bits.js").BitField<number>;
        readonly S2: import("../struct/bits.js").BitField<number>;
        readonly PnU: import("../struct/bits.js").BitField<number>;
        readonly InD: import("../struct/bits.js").BitField<number>;
        readonly RnW: import("../struct/bits.js").BitField<number>;
        readonly Reason: import("../struct/bits.js").BitField<number>;
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_CFG_CONFLICT: import("../struct/variants.js").Variant<33, {
        readonly Reason: import("../struct/bits.js").BitField<number>;
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly E_PAGE_REQUEST: import("../struct/variants.js").Variant<36, {
        readonly InputAddr: import("../struct/bits.js").BitField<bigint>;
        readonly uX: import("../struct/bits.js").BitField<number>;
        readonly uW: import("../struct/bits.js").BitField<number>;
        readonly uR: import("../struct/bits.js").BitField<number>;
        readonly pX: import("../struct/bits.js").BitField<number>;
        readonly pW: import("../struct/bits.js").BitField<number>;
        readonly pR: import("../struct/bits.js").BitField<number>;
        readonly Span: import("../struct/bits.js").BitField<number>;
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly F_VMS_FETCH: import("../struct/variants.js").Variant<37, {
        FetchAddr: import("../struct/bits.js").BitField<bigint>;
        GPCF: import("../struct/bits.js").BitField<number>;
        Reason: import("../struct/bits.js").BitField<number>;
        SSV: import("../struct/bits.js").BitField<number>;
        SubstreamID: import("../struct/bits.js").BitField<number>;
        StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly IMPDEF_EVENT0: import("../struct/variants.js").Variant<224, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT1: import("../struct/variants.js").Variant<225, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT2: import("../struct/variants.js").Variant<226, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT3: import("../struct/variants.js").Variant<227, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT4: import("../struct/variants.js").Variant<228, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT5: import("../struct/variants.js").Variant<229, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT6: import("../struct/variants.js").Variant<230, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT7: import("../struct/variants.js").Variant<231, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT8: import("../struct/variants.js").Variant<232, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT9: import("../struct/variants.js").Variant<233, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT10: import("../struct/variants.js").Variant<234, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT11: import("../struct/variants.js").Variant<235, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT12: import("../struct/variants.js").Variant<236, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT13: import("../struct/variants.js").Variant<237, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT14: import("../struct/variants.js").Variant<238, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
    readonly IMPDEF_EVENT15: import("../struct/variants.js").Variant<239, {
        readonly IMPLEMENTATION_DEFINED_63_8: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_127_64: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_191_128: import("../struct/bits.js").BitField<bigint>;
        readonly IMPLEMENTATION_DEFINED_255_192: import("../struct/bits.js").BitField<bigint>;
    }>;
}>;
/** Is the meaning of this event up to the implementation? Source: Arm IHI 0070, section 7.3.21. */
export declare function isImplementationDefined(eventNumber: number): boolean;
//# sourceMappingURL=event.d.ts.map