/** An entry of the PRI queue. Source: Arm IHI 0070, chapter 8. */
export declare const smmuv3_pri: import("../struct/bits.js").BitStruct<{
    readonly StreamID: import("../struct/bits.js").BitField<number>;
    readonly SubstreamID: import("../struct/bits.js").BitField<number>;
    readonly Priv: import("../struct/bits.js").BitField<number>;
    readonly X: import("../struct/bits.js").BitField<number>;
    readonly R: import("../struct/bits.js").BitField<number>;
    readonly W: import("../struct/bits.js").BitField<number>;
    readonly Last: import("../struct/bits.js").BitField<number>;
    readonly SSV: import("../struct/bits.js").BitField<number>;
    readonly PRGIndex: import("../struct/bits.js").BitField<number>;
    readonly PageAddress: import("../struct/bits.js").BitField<bigint>;
}>;
//# sourceMappingURL=priq.d.ts.map