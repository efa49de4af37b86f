import { type Decoded } from '../struct/type.js';
/** How CMD_SYNC tells that it is done. Source: Arm IHI 0070, section 4.7.3. */
export declare const smmuv3_sync_signal: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly SIG_NONE: readonly [0, "Nothing: only the read index of the queue moves on."];
    readonly SIG_IRQ: readonly [1, "An interrupt: the MSI of the command, or a wire."];
    readonly SIG_SEV: readonly [2, "An event that wakes processors from WFE."];
}>;
/** How a page request group ended. Source: Arm IHI 0070, section 4.5.2. */
export declare const smmuv3_pri_response: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly ResponseFailure: readonly [0, "Page requests do not work at all for this device."];
    readonly InvalidRequest: readonly [1, "At least one page of the group could not be provided."];
    readonly Success: readonly [2, "All pages of the group are there."];
}>;
/** Granules in TLB invalidations. Source: Arm IHI 0070, section 4.4.1. */
export declare const smmuv3_tlbi_granule: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly ANY: readonly [0, "Not said: one address, no range, no level hint."];
    readonly GRANULE_4KB: readonly [1, "4 KB."];
    readonly GRANULE_16KB: readonly [2, "16 KB."];
    readonly GRANULE_64KB: readonly [3, "64 KB."];
}>;
/** Regions of CMD_DPTI_PA. Source: Arm IHI 0070, section 4.6.2. */
export declare const smmuv3_dpti_size: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly SIZE_4KB: readonly [0, "4 KB."];
    readonly SIZE_16KB: readonly [1, "16 KB."];
    readonly SIZE_64KB: readonly [2, "64 KB."];
    readonly SIZE_2MB: readonly [3, "2 MB."];
    readonly SIZE_32MB: readonly [4, "32 MB."];
    readonly SIZE_512MB: readonly [5, "512 MB."];
    readonly SIZE_1GB: readonly [6, "1 GB."];
    readonly SIZE_16GB: readonly [7, "16 GB."];
    readonly SIZE_64GB: readonly [8, "64 GB."];
    readonly SIZE_512GB: readonly [9, "512 GB."];
}>;
/** What becomes of a stalled transaction. Source: Arm IHI 0070, section 4.7.1. */
export declare const smmuv3_resume_action: import("../struct/enumeration.js").Enumeration & import("../struct/enumeration.js").MemberValues<{
    readonly Terminate: readonly [0, "It ends, as Abort says."];
    readonly Retry: readonly [1, "It is translated again, as if it had just come."];
}>;
/**
 * A command of the command queue, told apart by `Opcode`. CMD_CFGI_ALL has no form of its own: it is
 * CMD_CFGI_STE_RANGE with a Range of 31, see {@link CMD_CFGI_ALL}. Opcodes 0x80 to 0x8f are the
 * implementation's; what else has no name is reserved and stops the queue with CERROR_ILL.
 * Source: Arm IHI 0070, chapter 4.
 */
export declare const smmuv3_command: import("../struct/variants.js").Variants<"Opcode", {
    readonly CMD_PREFETCH_CONFIG: import("../struct/variants.js").Variant<1, {
        readonly StreamID: import("../struct/bits.js").BitField<number>;
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly SSec: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_PREFETCH_ADDR: import("../struct/variants.js").Variant<2, {
        readonly StreamID: import("../struct/bits.js").BitField<number>;
        readonly Size: import("../struct/bits.js").BitField<number>;
        readonly Stride: import("../struct/bits.js").BitField<number>;
        readonly NS: import("../struct/bits.js").BitField<number>;
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly SSec: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_CFGI_STE: import("../struct/variants.js").Variant<3, {
        readonly SSec: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_CFGI_STE_RANGE: import("../struct/variants.js").Variant<4, {
        readonly SSec: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
        readonly Range: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_CFGI_CD: import("../struct/variants.js").Variant<5, {
        readonly SSec: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_CFGI_CD_ALL: import("../struct/variants.js").Variant<6, {
        readonly SSec: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_CFGI_VMS_PIDM: import("../struct/variants.js").Variant<7, {
        readonly SSec: import("../struct/bits.js").BitField<number>;
        readonly VMID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_NH_ALL: import("../struct/variants.js").Variant<16, {
        readonly VMID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_NH_ASID: import("../struct/variants.js").Variant<17, {
        readonly VMID: import("../struct/bits.js").BitField<number>;
        readonly ASID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_NH_VA: import("../struct/variants.js").Variant<18, {
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly VMID: import("../struct/bits.js").BitField<number>;
        readonly ASID: import("../struct/bits.js").BitField<number>;
        readonly TTL128: import("../struct/bits.js").BitField<number>;
        readonly TTL: import("../struct/bits.js").BitField<number>;
        readonly TG: import("../struct/bits.js").BitField<number>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
        readonly NUM: import("../struct/bits.js").BitField<number>;
        readonly SCALE: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_NH_VAA: import("../struct/variants.js").Variant<19, {
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly VMID: import("../struct/bits.js").BitField<number>;
        readonly TTL128: import("../struct/bits.js").BitField<number>;
        readonly TTL: import("../struct/bits.js").BitField<number>;
        readonly TG: import("../struct/bits.js").BitField<number>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
        readonly NUM: import("../struct/bits.js").BitField<number>;
        readonly SCALE: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_EL3_ALL: import("../struct/variants.js").Variant<24, {}>;
    readonly CMD_TLBI_EL3_VA: import("../struct/variants.js").Variant<26, {
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly TTL128: import("../struct/bits.js").BitField<number>;
        readonly TTL: import("../struct/bits.js").BitField<number>;
        readonly TG: import("../struct/bits.js").BitField<number>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
        readonly NUM: import("../struct/bits.js").BitField<number>;
        readonly SCALE: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_EL2_ALL: import("../struct/variants.js").Variant<32, {}>;
    readonly CMD_TLBI_EL2_ASID: import("../struct/variants.js").Variant<33, {
        readonly ASID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_EL2_VA: import("../struct/variants.js").Variant<34, {
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly ASID: import("../struct/bits.js").BitField<number>;
        readonly TTL128: import("../struct/bits.js").BitField<number>;
        readonly TTL: import("../struct/bits.js").BitField<number>;
        readonly TG: import("../struct/bits.js").BitField<number>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
        readonly NUM: import("../struct/bits.js").BitField<number>;
        readonly SCALE: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_EL2_VAA: import("../struct/variants.js").Variant<35, {
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly TTL128: import("../struct/bits.js").BitField<number>;
        readonly TTL: import("../struct/bits.js").BitField<number>;
        readonly TG: import("../struct/bits.js").BitField<number>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
        readonly NUM: import("../struct/bits.js").BitField<number>;
        readonly SCALE: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_S12_VMALL: import("../struct/variants.js").Variant<40, {
        readonly VMID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_S2_IPA: import("../struct/variants.js").Variant<42, {
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly VMID: import("../struct/bits.js").BitField<number>;
        readonly TTL128: import("../struct/bits.js").BitField<number>;
        readonly TTL: import("../struct/bits.js").BitField<number>;
        readonly TG: import("../struct/bits.js").BitField<number>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
        readonly NUM: import("../struct/bits.js").BitField<number>;
        readonly SCALE: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_NSNH_ALL: import("../struct/variants.js").Variant<48, {}>;
    readonly CMD_ATC_INV: import("../struct/variants.js").Variant<64, {
        readonly StreamID: import("../struct/bits.js").BitField<number>;
        readonly Size: import("../struct/bits.js").BitField<number>;
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
        readonly Global: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_PRI_RESP: import("../struct/variants.js").Variant<65, {
        readonly StreamID: import("../struct/bits.js").BitField<number>;
        readonly PRGIndex: import("../struct/bits.js").BitField<number>;
        readonly Resp: import("../struct/bits.js").BitField<number>;
        readonly SSV: import("../struct/bits.js").BitField<number>;
        readonly SubstreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_RESUME: import("../struct/variants.js").Variant<68, {
        readonly SSec: import("../struct/bits.js").BitField<number>;
        readonly Action: import("../struct/bits.js").BitField<number>;
        readonly Abort: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
        readonly STAG: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_STALL_TERM: import("../struct/variants.js").Variant<69, {
        readonly SSec: import("../struct/bits.js").BitField<number>;
        readonly StreamID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_SYNC: import("../struct/variants.js").Variant<70, {
        readonly CS: import("../struct/bits.js").BitField<number>;
        readonly MSH: import("../struct/bits.js").BitField<number>;
        readonly MSIAttr: import("../struct/bits.js").BitField<number>;
        readonly MSIData: import("../struct/bits.js").BitField<number>;
        readonly MSIAddress: import("../struct/bits.js").BitField<bigint>;
        readonly MSI_NS: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_S_EL2_ALL: import("../struct/variants.js").Variant<80, {}>;
    readonly CMD_TLBI_S_EL2_ASID: import("../struct/variants.js").Variant<81, {
        readonly ASID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_S_EL2_VA: import("../struct/variants.js").Variant<82, {
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly ASID: import("../struct/bits.js").BitField<number>;
        readonly TTL128: import("../struct/bits.js").BitField<number>;
        readonly TTL: import("../struct/bits.js").BitField<number>;
        readonly TG: import("../struct/bits.js").BitField<number>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
        readonly NUM: import("../struct/bits.js").BitField<number>;
        readonly SCALE: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_S_EL2_VAA: import("../struct/variants.js").Variant<83, {
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly TTL128: import("../struct/bits.js").BitField<number>;
        readonly TTL: import("../struct/bits.js").BitField<number>;
        readonly TG: import("../struct/bits.js").BitField<number>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
        readonly NUM: import("../struct/bits.js").BitField<number>;
        readonly SCALE: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_S_S12_VMALL: import("../struct/variants.js").Variant<88, {
        readonly VMID: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_S_S2_IPA: import("../struct/variants.js").Variant<90, {
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly VMID: import("../struct/bits.js").BitField<number>;
        readonly NS: import("../struct/bits.js").BitField<number>;
        readonly TTL128: import("../struct/bits.js").BitField<number>;
        readonly TTL: import("../struct/bits.js").BitField<number>;
        readonly TG: import("../struct/bits.js").BitField<number>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
        readonly NUM: import("../struct/bits.js").BitField<number>;
        readonly SCALE: import("../struct/bits.js").BitField<number>;
    }>;
    readonly CMD_TLBI_SNH_ALL: import("../struct/variants.js").Variant<96, {}>;
    readonly CMD_DPTI_ALL: import("../struct/variants.js").Variant<112, {}>;
    readonly CMD_DPTI_PA: import("../struct/variants.js").Variant<115, {
        readonly SIZE: import("../struct/bits.js").BitField<number>;
        readonly Address: import("../struct/bits.js").BitField<bigint>;
        readonly Leaf: import("../struct/bits.js").BitField<number>;
    }>;
}>;
/**
 * Drops all cached configuration: the CMD_CFGI_STE_RANGE that covers every stream.
 * Source: Arm IHI 0070, section 4.3.6.
 */
export declare const CMD_CFGI_ALL: Readonly<{
    readonly Opcode: 4;
    readonly SSec: 0;
    readonly StreamID: 0;
    readonly Range: 31;
}>;
/** Is this {@link CMD_CFGI_ALL}, whatever StreamID it has? Source: Arm IHI 0070, section 4.3.6. */
export declare function isCfgiAll(command: Decoded<typeof smmuv3_command>): boolean;
//# sourceMappingURL=command.d.ts.map