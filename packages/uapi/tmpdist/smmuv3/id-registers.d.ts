/** Translation table formats. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.TTF. */
export declare const smmuv3_table_format: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly AARCH32: readonly [1, "VMSAv8-32 LPAE."];
    readonly AARCH64: readonly [2, "VMSAv8-64."];
    readonly AARCH32_AARCH64: readonly [3, "Both."];
}>;
/** Flags that the hardware updates. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.HTTU. */
export declare const smmuv3_httu: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly NONE: readonly [0, "Nothing."];
    readonly ACCESS: readonly [1, "The access flag of pages."];
    readonly ACCESS_DIRTY: readonly [2, "The access flag and the dirty state of pages."];
    readonly ACCESS_DIRTY_HAFT: readonly [3, "Those, and the access flag of table descriptors."];
}>;
/** Byte order of translation tables. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.TTENDIAN. */
export declare const smmuv3_table_endianness: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly MIXED: readonly [0, "Either, as each stream or context says."];
    readonly LITTLE: readonly [2, "Little-endian only."];
    readonly BIG: readonly [3, "Big-endian only."];
}>;
/** What can happen to faulting transactions. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.STALL_MODEL. */
export declare const smmuv3_stall_model: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly STALL: readonly [0, "They stall or terminate, as configured."];
    readonly TERMINATE: readonly [1, "They always terminate."];
    readonly FORCE: readonly [2, "They always stall: every configuration must ask for that."];
}>;
/** Forms of stream tables. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.ST_LEVEL. */
export declare const smmuv3_stream_table_level: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly LINEAR: readonly [0, "Linear only."];
    readonly TWO_LEVEL: readonly [1, "Linear and of two levels."];
}>;
/** Sizes of virtual addresses. Source: Arm IHI 0070, section 6.3.6, SMMU_IDR5.VAX. */
export declare const smmuv3_virtual_address_size: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly BITS_48: readonly [0, "48 bits."];
    readonly BITS_52: readonly [1, "52 bits."];
    readonly BITS_56: readonly [2, "56 bits."];
}>;
/** Features. Source: Arm IHI 0070, section 6.3.1. */
export declare const SMMU_IDR0: import("../struct/bits.js").BitStruct<{
    readonly S2P: import("../struct/bits.js").BitField<number>;
    readonly S1P: import("../struct/bits.js").BitField<number>;
    readonly TTF: import("../struct/bits.js").BitField<number>;
    readonly COHACC: import("../struct/bits.js").BitField<number>;
    readonly BTM: import("../struct/bits.js").BitField<number>;
    readonly HTTU: import("../struct/bits.js").BitField<number>;
    readonly DORMHINT: import("../struct/bits.js").BitField<number>;
    readonly Hyp: import("../struct/bits.js").BitField<number>;
    readonly ATS: import("../struct/bits.js").BitField<number>;
    readonly NS1ATS: import("../struct/bits.js").BitField<number>;
    readonly ASID16: import("../struct/bits.js").BitField<number>;
    readonly MSI: import("../struct/bits.js").BitField<number>;
    readonly SEV: import("../struct/bits.js").BitField<number>;
    readonly ATOS: import("../struct/bits.js").BitField<number>;
    readonly PRI: import("../struct/bits.js").BitField<number>;
    readonly VMW: import("../struct/bits.js").BitField<number>;
    readonly VMID16: import("../struct/bits.js").BitField<number>;
    readonly CD2L: import("../struct/bits.js").BitField<number>;
    readonly VATOS: import("../struct/bits.js").BitField<number>;
    readonly TTENDIAN: import("../struct/bits.js").BitField<number>;
    readonly ATSRECERR: import("../struct/bits.js").BitField<number>;
    readonly STALL_MODEL: import("../struct/bits.js").BitField<number>;
    readonly TERM_MODEL: import("../struct/bits.js").BitField<number>;
    readonly ST_LEVEL: import("../struct/bits.js").BitField<number>;
    readonly RME_IMPL: import("../struct/bits.js").BitField<number>;
}>;
/** Features and sizes. Source: Arm IHI 0070, section 6.3.2. */
export declare const SMMU_IDR1: import("../struct/bits.js").BitStruct<{
    readonly SIDSIZE: import("../struct/bits.js").BitField<number>;
    readonly SSIDSIZE: import("../struct/bits.js").BitField<number>;
    readonly PRIQS: import("../struct/bits.js").BitField<number>;
    readonly EVENTQS: import("../struct/bits.js").BitField<number>;
    readonly CMDQS: import("../struct/bits.js").BitField<number>;
    readonly ATTR_PERMS_OVR: import("../struct/bits.js").BitField<number>;
    readonly ATTR_TYPES_OVR: import("../struct/bits.js").BitField<number>;
    readonly REL: import("../struct/bits.js").BitField<number>;
    readonly QUEUES_PRESET: import("../struct/bits.js").BitField<number>;
    readonly TABLES_PRESET: import("../struct/bits.js").BitField<number>;
    readonly ECMDQ: import("../struct/bits.js").BitField<number>;
}>;
/** Place of the VATOS page. Source: Arm IHI 0070, section 6.3.3. */
export declare const SMMU_IDR2: import("../struct/bits.js").BitStruct<{
    readonly BA_VATOS: import("../struct/bits.js").BitField<number>;
}>;
/** Features of later versions. Source: Arm IHI 0070, section 6.3.4. */
export declare const SMMU_IDR3: import("../struct/bits.js").BitStruct<{
    readonly HAD: import("../struct/bits.js").BitField<number>;
    readonly PBHA: import("../struct/bits.js").BitField<number>;
    readonly XNX: import("../struct/bits.js").BitField<number>;
    readonly PPS: import("../struct/bits.js").BitField<number>;
    readonly MPAM: import("../struct/bits.js").BitField<number>;
    readonly FWB: import("../struct/bits.js").BitField<number>;
    readonly STT: import("../struct/bits.js").BitField<number>;
    readonly RIL: import("../struct/bits.js").BitField<number>;
    readonly BBML: import("../struct/bits.js").BitField<number>;
    readonly E0PD: import("../struct/bits.js").BitField<number>;
    readonly PTWNNC: import("../struct/bits.js").BitField<number>;
    readonly DPT: import("../struct/bits.js").BitField<number>;
    readonly PASIDTT: import("../struct/bits.js").BitField<number>;
    readonly EPAN: import("../struct/bits.js").BitField<number>;
    readonly S1PI: import("../struct/bits.js").BitField<number>;
    readonly S2PI: import("../struct/bits.js").BitField<number>;
    readonly S2PO: import("../struct/bits.js").BitField<number>;
    readonly THE: import("../struct/bits.js").BitField<number>;
    readonly MTEPERM: import("../struct/bits.js").BitField<number>;
    readonly AIE: import("../struct/bits.js").BitField<number>;
}>;
/** Up to the implementation. Source: Arm IHI 0070, section 6.3.5. */
export declare const SMMU_IDR4: import("../struct/bits.js").BitStruct<{
    readonly IMPLEMENTATION_DEFINED_31_0: import("../struct/bits.js").BitField<number>;
}>;
/** Addresses and page sizes. Source: Arm IHI 0070, section 6.3.6. */
export declare const SMMU_IDR5: import("../struct/bits.js").BitStruct<{
    readonly OAS: import("../struct/bits.js").BitField<number>;
    readonly GRAN4K: import("../struct/bits.js").BitField<number>;
    readonly GRAN16K: import("../struct/bits.js").BitField<number>;
    readonly GRAN64K: import("../struct/bits.js").BitField<number>;
    readonly DS: import("../struct/bits.js").BitField<number>;
    readonly D128: import("../struct/bits.js").BitField<number>;
    readonly VAX: import("../struct/bits.js").BitField<number>;
    readonly STALL_MAX: import("../struct/bits.js").BitField<number>;
}>;
/** Who made it. Source: Arm IHI 0070, section 6.3.7. */
export declare const SMMU_IIDR: import("../struct/bits.js").BitStruct<{
    readonly Implementer: import("../struct/bits.js").BitField<number>;
    readonly Revision: import("../struct/bits.js").BitField<number>;
    readonly Variant: import("../struct/bits.js").BitField<number>;
    readonly ProductID: import("../struct/bits.js").BitField<number>;
}>;
/** Version of the architecture. Source: Arm IHI 0070, section 6.3.8. */
export declare const SMMU_AIDR: import("../struct/bits.js").BitStruct<{
    readonly ArchMinorRev: import("../struct/bits.js").BitField<number>;
    readonly ArchMajorRev: import("../struct/bits.js").BitField<number>;
}>;
//# sourceMappingURL=id-registers.d.ts.map