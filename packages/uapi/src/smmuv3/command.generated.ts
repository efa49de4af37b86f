// Written by `pnpm compile` from command.ts: change that, and run it again.
import type { Compiled } from '../struct/compiled.js';
import { hasOnly, highHalf, isWithin, lowHalf, wide } from '../struct/value-checks.js';
import type { UnknownVariant } from '../struct/variants.js';

/** Hint: fetch the configuration of a stream. Section 4.2.1. */
export interface CMD_PREFETCH_CONFIG {
  /** [7:0] Marks this form. */
  Opcode: 1;
  /** [10] 1 if the stream or VMID is Secure; 0 in queues other than the Secure command queue. */
  SSec: number;
  /** [11] 1 if SubstreamID is valid. */
  SSV: number;
  /** [31:12] The substream (PASID). */
  SubstreamID: number;
  /** [63:32] The stream. */
  StreamID: number;
}

/** Hint: fetch configuration and translations. Section 4.2.2. */
export interface CMD_PREFETCH_ADDR {
  /** [7:0] Marks this form. */
  Opcode: 2;
  /** [10] 1 if the stream or VMID is Secure; 0 in queues other than the Secure command queue. */
  SSec: number;
  /** [11] 1 if SubstreamID is valid. */
  SSV: number;
  /** [31:12] The substream (PASID). */
  SubstreamID: number;
  /** [63:32] The stream. */
  StreamID: number;
  /** [68:64] Base 2 logarithm of the number of addresses. */
  Size: number;
  /** [73:69] Base 2 logarithm of their distance, in units of 4 KB. */
  Stride: number;
  /** [75] NS attribute of the address, for Secure streams; 0 otherwise. */
  NS: number;
  /** [127:76] First address, aligned to 4 KB. */
  Address: bigint;
}

/** Invalidates the cached stream table entry of a stream and everything derived from it. Section 4.3.1. */
export interface CMD_CFGI_STE {
  /** [7:0] Marks this form. */
  Opcode: 3;
  /** [10] 1 if the stream or VMID is Secure; 0 in queues other than the Secure command queue. */
  SSec: number;
  /** [63:32] The stream. */
  StreamID: number;
  /** [64] 1 if a cached first-level stream table descriptor need not be invalidated. */
  Leaf: number;
}

/** Invalidates the cached configuration of an aligned range of streams. With a Range of 31 it is CMD_CFGI_ALL (4.3.6), for all streams. Section 4.3.2. */
export interface CMD_CFGI_STE_RANGE {
  /** [7:0] Marks this form. */
  Opcode: 4;
  /** [10] 1 if the stream or VMID is Secure; 0 in queues other than the Secure command queue. */
  SSec: number;
  /** [63:32] A stream of the range; ignored with a Range of 31. */
  StreamID: number;
  /** [68:64] The range has 2^(Range + 1) streams. */
  Range: number;
}

/** Invalidates one cached context descriptor. Section 4.3.3. */
export interface CMD_CFGI_CD {
  /** [7:0] Marks this form. */
  Opcode: 5;
  /** [10] 1 if the stream or VMID is Secure; 0 in queues other than the Secure command queue. */
  SSec: number;
  /** [31:12] Index of the context descriptor; 0 without substreams. */
  SubstreamID: number;
  /** [63:32] The stream. */
  StreamID: number;
  /** [64] 1 if a cached first-level context descriptor need not be invalidated. */
  Leaf: number;
}

/** Invalidates all cached context descriptors of a stream. Section 4.3.4. */
export interface CMD_CFGI_CD_ALL {
  /** [7:0] Marks this form. */
  Opcode: 6;
  /** [10] 1 if the stream or VMID is Secure; 0 in queues other than the Secure command queue. */
  SSec: number;
  /** [63:32] The stream. */
  StreamID: number;
}

/** Invalidates the cached PARTID map of a virtual machine. Section 4.3.5. */
export interface CMD_CFGI_VMS_PIDM {
  /** [7:0] Marks this form. */
  Opcode: 7;
  /** [10] 1 if the stream or VMID is Secure; 0 in queues other than the Secure command queue. */
  SSec: number;
  /** [47:32] Tag of the virtual machine; below 256 if VMIDs have 8 bits. */
  VMID: number;
}

/** Invalidates all EL1 translations of a VMID. Section 4.4.2.1. */
export interface CMD_TLBI_NH_ALL {
  /** [7:0] Marks this form. */
  Opcode: 16;
  /** [47:32] Tag of the virtual machine; below 256 if VMIDs have 8 bits. */
  VMID: number;
}

/** Invalidates the EL1 translations of an ASID, except global ones. Section 4.4.2.2. */
export interface CMD_TLBI_NH_ASID {
  /** [7:0] Marks this form. */
  Opcode: 17;
  /** [47:32] Tag of the virtual machine; below 256 if VMIDs have 8 bits. */
  VMID: number;
  /** [63:48] Tag of the address space; below 256 if ASIDs have 8 bits. */
  ASID: number;
}

/** Invalidates the EL1 translations of addresses in an ASID, including global ones. Section 4.4.2.4. */
export interface CMD_TLBI_NH_VA {
  /** [7:0] Marks this form. */
  Opcode: 18;
  /** [16:12] With TG: the range has (NUM + 1) * 2^SCALE granules. 0 without SMMU_IDR3.RIL. */
  NUM: number;
  /** [25:20] Exponent of the range; below 32 without SMMU_IDR5.DS. */
  SCALE: number;
  /** [64] 1 to invalidate only cached last-level entries. */
  Leaf: number;
  /** [71] 1 if TTL refers to tables of 128-bit descriptors. */
  TTL128: number;
  /** [73:72] Level of the last-level entries to invalidate, 1 to 3; 0 for any level. */
  TTL: number;
  /** [75:74] Granule of the range and of the hint. One of smmuv3_tlbi_granule. */
  TG: number;
  /** [47:32] Tag of the virtual machine; below 256 if VMIDs have 8 bits. */
  VMID: number;
  /** [63:48] Tag of the address space; below 256 if ASIDs have 8 bits. */
  ASID: number;
  /** [127:76] First virtual address, aligned to 4 KB. */
  Address: bigint;
}

/** Invalidates the EL1 translations of addresses in every ASID. Section 4.4.2.3. */
export interface CMD_TLBI_NH_VAA {
  /** [7:0] Marks this form. */
  Opcode: 19;
  /** [16:12] With TG: the range has (NUM + 1) * 2^SCALE granules. 0 without SMMU_IDR3.RIL. */
  NUM: number;
  /** [25:20] Exponent of the range; below 32 without SMMU_IDR5.DS. */
  SCALE: number;
  /** [64] 1 to invalidate only cached last-level entries. */
  Leaf: number;
  /** [71] 1 if TTL refers to tables of 128-bit descriptors. */
  TTL128: number;
  /** [73:72] Level of the last-level entries to invalidate, 1 to 3; 0 for any level. */
  TTL: number;
  /** [75:74] Granule of the range and of the hint. One of smmuv3_tlbi_granule. */
  TG: number;
  /** [47:32] Tag of the virtual machine; below 256 if VMIDs have 8 bits. */
  VMID: number;
  /** [127:76] First virtual address, aligned to 4 KB. */
  Address: bigint;
}

/** Invalidates all EL3 translations; in the Secure queue only. Section 4.4.2.5. */
export interface CMD_TLBI_EL3_ALL {
  /** [7:0] Marks this form. */
  Opcode: 24;
}

/** Invalidates EL3 translations of addresses; in the Secure queue only. Section 4.4.2.6. */
export interface CMD_TLBI_EL3_VA {
  /** [7:0] Marks this form. */
  Opcode: 26;
  /** [16:12] With TG: the range has (NUM + 1) * 2^SCALE granules. 0 without SMMU_IDR3.RIL. */
  NUM: number;
  /** [25:20] Exponent of the range; below 32 without SMMU_IDR5.DS. */
  SCALE: number;
  /** [64] 1 to invalidate only cached last-level entries. */
  Leaf: number;
  /** [71] 1 if TTL refers to tables of 128-bit descriptors. */
  TTL128: number;
  /** [73:72] Level of the last-level entries to invalidate, 1 to 3; 0 for any level. */
  TTL: number;
  /** [75:74] Granule of the range and of the hint. One of smmuv3_tlbi_granule. */
  TG: number;
  /** [127:76] First virtual address, aligned to 4 KB. */
  Address: bigint;
}

/** Invalidates all EL2 translations. Section 4.4.2.7. */
export interface CMD_TLBI_EL2_ALL {
  /** [7:0] Marks this form. */
  Opcode: 32;
}

/** Invalidates the EL2-E2H translations of an ASID, except global ones. Section 4.4.2.10. */
export interface CMD_TLBI_EL2_ASID {
  /** [7:0] Marks this form. */
  Opcode: 33;
  /** [63:48] Tag of the address space; below 256 if ASIDs have 8 bits. */
  ASID: number;
}

/** Invalidates EL2 translations of addresses; the ASID is used only with SMMU_CR2.E2H. Section 4.4.2.8. */
export interface CMD_TLBI_EL2_VA {
  /** [7:0] Marks this form. */
  Opcode: 34;
  /** [16:12] With TG: the range has (NUM + 1) * 2^SCALE granules. 0 without SMMU_IDR3.RIL. */
  NUM: number;
  /** [25:20] Exponent of the range; below 32 without SMMU_IDR5.DS. */
  SCALE: number;
  /** [64] 1 to invalidate only cached last-level entries. */
  Leaf: number;
  /** [71] 1 if TTL refers to tables of 128-bit descriptors. */
  TTL128: number;
  /** [73:72] Level of the last-level entries to invalidate, 1 to 3; 0 for any level. */
  TTL: number;
  /** [75:74] Granule of the range and of the hint. One of smmuv3_tlbi_granule. */
  TG: number;
  /** [63:48] Tag of the address space; below 256 if ASIDs have 8 bits. */
  ASID: number;
  /** [127:76] First virtual address, aligned to 4 KB. */
  Address: bigint;
}

/** Invalidates the EL2 translations of addresses in every ASID. Section 4.4.2.9. */
export interface CMD_TLBI_EL2_VAA {
  /** [7:0] Marks this form. */
  Opcode: 35;
  /** [16:12] With TG: the range has (NUM + 1) * 2^SCALE granules. 0 without SMMU_IDR3.RIL. */
  NUM: number;
  /** [25:20] Exponent of the range; below 32 without SMMU_IDR5.DS. */
  SCALE: number;
  /** [64] 1 to invalidate only cached last-level entries. */
  Leaf: number;
  /** [71] 1 if TTL refers to tables of 128-bit descriptors. */
  TTL128: number;
  /** [73:72] Level of the last-level entries to invalidate, 1 to 3; 0 for any level. */
  TTL: number;
  /** [75:74] Granule of the range and of the hint. One of smmuv3_tlbi_granule. */
  TG: number;
  /** [127:76] First virtual address, aligned to 4 KB. */
  Address: bigint;
}

/** Invalidates the translations of a VMID, of both stages. Section 4.4.3.2. */
export interface CMD_TLBI_S12_VMALL {
  /** [7:0] Marks this form. */
  Opcode: 40;
  /** [47:32] Tag of the virtual machine; below 256 if VMIDs have 8 bits. */
  VMID: number;
}

/** Invalidates the stage 2 translations of addresses. Section 4.4.3.1. */
export interface CMD_TLBI_S2_IPA {
  /** [7:0] Marks this form. */
  Opcode: 42;
  /** [16:12] With TG: the range has (NUM + 1) * 2^SCALE granules. 0 without SMMU_IDR3.RIL. */
  NUM: number;
  /** [25:20] Exponent of the range; below 32 without SMMU_IDR5.DS. */
  SCALE: number;
  /** [64] 1 to invalidate only cached last-level entries. */
  Leaf: number;
  /** [71] 1 if TTL refers to tables of 128-bit descriptors. */
  TTL128: number;
  /** [73:72] Level of the last-level entries to invalidate, 1 to 3; 0 for any level. */
  TTL: number;
  /** [75:74] Granule of the range and of the hint. One of smmuv3_tlbi_granule. */
  TG: number;
  /** [47:32] Tag of the virtual machine; below 256 if VMIDs have 8 bits. */
  VMID: number;
  /** [119:76] First intermediate physical address, aligned to 4 KB. */
  Address: bigint;
}

/** Invalidates all translations of the Non-secure world except EL2. Section 4.4.4.1. */
export interface CMD_TLBI_NSNH_ALL {
  /** [7:0] Marks this form. */
  Opcode: 48;
}

/** Makes a device invalidate translations in its own cache (ATC). Section 4.5.1. */
export interface CMD_ATC_INV {
  /** [7:0] Marks this form. */
  Opcode: 64;
  /** [9] 1 to invalidate them for all PASIDs of the device; used only with SSV. */
  Global: number;
  /** [11] 1 if SubstreamID is valid. */
  SSV: number;
  /** [31:12] The substream (PASID). */
  SubstreamID: number;
  /** [63:32] The stream. */
  StreamID: number;
  /** [69:64] The range has 2^Size pages of 4 KB; 52 for all addresses. */
  Size: number;
  /** [127:76] Start of the range; the SMMU aligns it to the size. */
  Address: bigint;
}

/** Responds to a page request group. Section 4.5.2. */
export interface CMD_PRI_RESP {
  /** [7:0] Marks this form. */
  Opcode: 65;
  /** [11] 1 if SubstreamID is valid. */
  SSV: number;
  /** [31:12] The substream (PASID). */
  SubstreamID: number;
  /** [63:32] The stream. */
  StreamID: number;
  /** [72:64] Index of the group, from its requests. */
  PRGIndex: number;
  /** [77:76] The response. One of smmuv3_pri_response. */
  Resp: number;
}

/** Retries or terminates one stalled transaction. Section 4.7.1. */
export interface CMD_RESUME {
  /** [7:0] Marks this form. */
  Opcode: 68;
  /** [10] 1 if the stream or VMID is Secure; 0 in queues other than the Secure command queue. */
  SSec: number;
  /** [12] Retry or terminate (Ac). One of smmuv3_resume_action. */
  Action: number;
  /** [13] If terminated: 1 to report an abort, 0 to read as zero and ignore writes (Ab). */
  Abort: number;
  /** [63:32] The stream. */
  StreamID: number;
  /** [79:64] Token of the event that reported the stall. */
  STAG: number;
}

/** Terminates all stalled transactions of a stream. Section 4.7.2. */
export interface CMD_STALL_TERM {
  /** [7:0] Marks this form. */
  Opcode: 69;
  /** [10] 1 if the stream or VMID is Secure; 0 in queues other than the Secure command queue. */
  SSec: number;
  /** [63:32] The stream. */
  StreamID: number;
}

/** Waits for the commands before it and signals their completion. Section 4.7.3. */
export interface CMD_SYNC {
  /** [7:0] Marks this form. */
  Opcode: 70;
  /** [13:12] How completion is signalled. One of smmuv3_sync_signal. */
  CS: number;
  /** [23:22] Shareability of the MSI write. One of smmuv3_shareability. */
  MSH: number;
  /** [27:24] Memory type of the MSI write. One of smmuv3_mem_attr. */
  MSIAttr: number;
  /** [63:32] Word that the MSI writes. */
  MSIData: number;
  /** [119:66] Address of the MSI, aligned to 4; 0 for no MSI. */
  MSIAddress: bigint;
  /** [127] In the Realm queue: 1 if MSIAddress is Non-secure, 0 if it is Realm; 0 otherwise. */
  MSI_NS: number;
}

/** Invalidates all Secure EL2 translations. Section 4.4.2.11. */
export interface CMD_TLBI_S_EL2_ALL {
  /** [7:0] Marks this form. */
  Opcode: 80;
}

/** Invalidates the Secure EL2-E2H translations of an ASID, except global ones. Section 4.4.2.14. */
export interface CMD_TLBI_S_EL2_ASID {
  /** [7:0] Marks this form. */
  Opcode: 81;
  /** [63:48] Tag of the address space; below 256 if ASIDs have 8 bits. */
  ASID: number;
}

/** Invalidates Secure EL2 translations of addresses. Section 4.4.2.12. */
export interface CMD_TLBI_S_EL2_VA {
  /** [7:0] Marks this form. */
  Opcode: 82;
  /** [16:12] With TG: the range has (NUM + 1) * 2^SCALE granules. 0 without SMMU_IDR3.RIL. */
  NUM: number;
  /** [25:20] Exponent of the range; below 32 without SMMU_IDR5.DS. */
  SCALE: number;
  /** [64] 1 to invalidate only cached last-level entries. */
  Leaf: number;
  /** [71] 1 if TTL refers to tables of 128-bit descriptors. */
  TTL128: number;
  /** [73:72] Level of the last-level entries to invalidate, 1 to 3; 0 for any level. */
  TTL: number;
  /** [75:74] Granule of the range and of the hint. One of smmuv3_tlbi_granule. */
  TG: number;
  /** [63:48] Tag of the address space; below 256 if ASIDs have 8 bits. */
  ASID: number;
  /** [127:76] First virtual address, aligned to 4 KB. */
  Address: bigint;
}

/** Invalidates Secure EL2 translations of addresses in every ASID. Section 4.4.2.13. */
export interface CMD_TLBI_S_EL2_VAA {
  /** [7:0] Marks this form. */
  Opcode: 83;
  /** [16:12] With TG: the range has (NUM + 1) * 2^SCALE granules. 0 without SMMU_IDR3.RIL. */
  NUM: number;
  /** [25:20] Exponent of the range; below 32 without SMMU_IDR5.DS. */
  SCALE: number;
  /** [64] 1 to invalidate only cached last-level entries. */
  Leaf: number;
  /** [71] 1 if TTL refers to tables of 128-bit descriptors. */
  TTL128: number;
  /** [73:72] Level of the last-level entries to invalidate, 1 to 3; 0 for any level. */
  TTL: number;
  /** [75:74] Granule of the range and of the hint. One of smmuv3_tlbi_granule. */
  TG: number;
  /** [127:76] First virtual address, aligned to 4 KB. */
  Address: bigint;
}

/** Invalidates the Secure translations of a VMID, of both stages. Section 4.4.3.4. */
export interface CMD_TLBI_S_S12_VMALL {
  /** [7:0] Marks this form. */
  Opcode: 88;
  /** [47:32] Tag of the virtual machine; below 256 if VMIDs have 8 bits. */
  VMID: number;
}

/** Invalidates the Secure stage 2 translations of addresses. Section 4.4.3.3. */
export interface CMD_TLBI_S_S2_IPA {
  /** [7:0] Marks this form. */
  Opcode: 90;
  /** [16:12] With TG: the range has (NUM + 1) * 2^SCALE granules. 0 without SMMU_IDR3.RIL. */
  NUM: number;
  /** [25:20] Exponent of the range; below 32 without SMMU_IDR5.DS. */
  SCALE: number;
  /** [64] 1 to invalidate only cached last-level entries. */
  Leaf: number;
  /** [71] 1 if TTL refers to tables of 128-bit descriptors. */
  TTL128: number;
  /** [73:72] Level of the last-level entries to invalidate, 1 to 3; 0 for any level. */
  TTL: number;
  /** [75:74] Granule of the range and of the hint. One of smmuv3_tlbi_granule. */
  TG: number;
  /** [47:32] Tag of the virtual machine; below 256 if VMIDs have 8 bits. */
  VMID: number;
  /** [65] IPA space of the addresses: 0 Secure, 1 Non-secure. */
  NS: number;
  /** [119:76] First intermediate physical address, aligned to 4 KB. */
  Address: bigint;
}

/** Invalidates all translations of the Secure world except EL2. Section 4.4.4.2. */
export interface CMD_TLBI_SNH_ALL {
  /** [7:0] Marks this form. */
  Opcode: 96;
}

/** Invalidates all cached entries of the device permission table. Section 4.6.1. */
export interface CMD_DPTI_ALL {
  /** [7:0] Marks this form. */
  Opcode: 112;
}

/** Invalidates the cached device permissions of a physical region. Section 4.6.2. */
export interface CMD_DPTI_PA {
  /** [7:0] Marks this form. */
  Opcode: 115;
  /** [64] 1 to invalidate only cached last-level entries. */
  Leaf: number;
  /** [75:72] Size of the region. One of smmuv3_dpti_size. */
  SIZE: number;
  /** [119:76] Start of the region, aligned to its size. */
  Address: bigint;
}

/** A smmuv3_command of a form that is known. */
export type KnownSmmuv3Command =
  | CMD_PREFETCH_CONFIG
  | CMD_PREFETCH_ADDR
  | CMD_CFGI_STE
  | CMD_CFGI_STE_RANGE
  | CMD_CFGI_CD
  | CMD_CFGI_CD_ALL
  | CMD_CFGI_VMS_PIDM
  | CMD_TLBI_NH_ALL
  | CMD_TLBI_NH_ASID
  | CMD_TLBI_NH_VA
  | CMD_TLBI_NH_VAA
  | CMD_TLBI_EL3_ALL
  | CMD_TLBI_EL3_VA
  | CMD_TLBI_EL2_ALL
  | CMD_TLBI_EL2_ASID
  | CMD_TLBI_EL2_VA
  | CMD_TLBI_EL2_VAA
  | CMD_TLBI_S12_VMALL
  | CMD_TLBI_S2_IPA
  | CMD_TLBI_NSNH_ALL
  | CMD_ATC_INV
  | CMD_PRI_RESP
  | CMD_RESUME
  | CMD_STALL_TERM
  | CMD_SYNC
  | CMD_TLBI_S_EL2_ALL
  | CMD_TLBI_S_EL2_ASID
  | CMD_TLBI_S_EL2_VA
  | CMD_TLBI_S_EL2_VAA
  | CMD_TLBI_S_S12_VMALL
  | CMD_TLBI_S_S2_IPA
  | CMD_TLBI_SNH_ALL
  | CMD_DPTI_ALL
  | CMD_DPTI_PA;

/** A smmuv3_command whose Opcode has no form. */
export type UnknownSmmuv3Command = UnknownVariant<'Opcode', KnownSmmuv3Command['Opcode']>;

/** A command of the command queue. */
export type Smmuv3Command = KnownSmmuv3Command | UnknownSmmuv3Command;

const CMD_PREFETCH_CONFIG_names = ['Opcode', 'SSec', 'SSV', 'SubstreamID', 'StreamID'];
function read_CMD_PREFETCH_CONFIG(view: DataView, at: number): CMD_PREFETCH_CONFIG | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x1) & 0x3ff) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 1,
    SSec: (w0 >>> 10) & 0x1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    StreamID: w1,
  };
}

function write_CMD_PREFETCH_CONFIG(
  view: DataView,
  at: number,
  value: Readonly<CMD_PREFETCH_CONFIG>,
): boolean {
  const { Opcode, SSec, SSV, SubstreamID, StreamID } = value;
  if (Opcode !== 1) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (!hasOnly(value, CMD_PREFETCH_CONFIG_names)) return false;
  view.setUint32(at, 0x1 | (SSec << 10) | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_PREFETCH_ADDR_names = [
  'Opcode',
  'SSec',
  'SSV',
  'SubstreamID',
  'StreamID',
  'Size',
  'Stride',
  'NS',
  'Address',
];
function read_CMD_PREFETCH_ADDR(view: DataView, at: number): CMD_PREFETCH_ADDR | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x2) & 0x3ff) | (w2 & 0x400)) !== 0) return undefined;
  return {
    Opcode: 2,
    SSec: (w0 >>> 10) & 0x1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    StreamID: w1,
    Size: w2 & 0x1f,
    Stride: (w2 >>> 5) & 0x1f,
    NS: (w2 >>> 11) & 0x1,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_PREFETCH_ADDR(view: DataView, at: number, value: Readonly<CMD_PREFETCH_ADDR>): boolean {
  const { Opcode, SSec, SSV, SubstreamID, StreamID, Size, Stride, NS, Address } = value;
  if (Opcode !== 2) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof Size !== 'number' || (Size & 0x1f) !== Size) return false;
  if (typeof Stride !== 'number' || (Stride & 0x1f) !== Stride) return false;
  if (typeof NS !== 'number' || (NS & 0x1) !== NS) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_PREFETCH_ADDR_names)) return false;
  view.setUint32(at, 0x2 | (SSec << 10) | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Size | (Stride << 5) | (NS << 11) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

const CMD_CFGI_STE_names = ['Opcode', 'SSec', 'StreamID', 'Leaf'];
function read_CMD_CFGI_STE(view: DataView, at: number): CMD_CFGI_STE | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x3) & 0xfffffbff) | (w2 & 0xfffffffe) | w3) !== 0) return undefined;
  return {
    Opcode: 3,
    SSec: (w0 >>> 10) & 0x1,
    StreamID: w1,
    Leaf: w2 & 0x1,
  };
}

function write_CMD_CFGI_STE(view: DataView, at: number, value: Readonly<CMD_CFGI_STE>): boolean {
  const { Opcode, SSec, StreamID, Leaf } = value;
  if (Opcode !== 3) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (!hasOnly(value, CMD_CFGI_STE_names)) return false;
  view.setUint32(at, 0x3 | (SSec << 10), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Leaf, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_CFGI_STE_RANGE_names = ['Opcode', 'SSec', 'StreamID', 'Range'];
function read_CMD_CFGI_STE_RANGE(view: DataView, at: number): CMD_CFGI_STE_RANGE | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x4) & 0xfffffbff) | (w2 & 0xffffffe0) | w3) !== 0) return undefined;
  return {
    Opcode: 4,
    SSec: (w0 >>> 10) & 0x1,
    StreamID: w1,
    Range: w2 & 0x1f,
  };
}

function write_CMD_CFGI_STE_RANGE(view: DataView, at: number, value: Readonly<CMD_CFGI_STE_RANGE>): boolean {
  const { Opcode, SSec, StreamID, Range } = value;
  if (Opcode !== 4) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof Range !== 'number' || (Range & 0x1f) !== Range) return false;
  if (!hasOnly(value, CMD_CFGI_STE_RANGE_names)) return false;
  view.setUint32(at, 0x4 | (SSec << 10), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Range, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_CFGI_CD_names = ['Opcode', 'SSec', 'SubstreamID', 'StreamID', 'Leaf'];
function read_CMD_CFGI_CD(view: DataView, at: number): CMD_CFGI_CD | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x5) & 0xbff) | (w2 & 0xfffffffe) | w3) !== 0) return undefined;
  return {
    Opcode: 5,
    SSec: (w0 >>> 10) & 0x1,
    SubstreamID: w0 >>> 12,
    StreamID: w1,
    Leaf: w2 & 0x1,
  };
}

function write_CMD_CFGI_CD(view: DataView, at: number, value: Readonly<CMD_CFGI_CD>): boolean {
  const { Opcode, SSec, SubstreamID, StreamID, Leaf } = value;
  if (Opcode !== 5) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (!hasOnly(value, CMD_CFGI_CD_names)) return false;
  view.setUint32(at, 0x5 | (SSec << 10) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Leaf, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_CFGI_CD_ALL_names = ['Opcode', 'SSec', 'StreamID'];
function read_CMD_CFGI_CD_ALL(view: DataView, at: number): CMD_CFGI_CD_ALL | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x6) & 0xfffffbff) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 6,
    SSec: (w0 >>> 10) & 0x1,
    StreamID: w1,
  };
}

function write_CMD_CFGI_CD_ALL(view: DataView, at: number, value: Readonly<CMD_CFGI_CD_ALL>): boolean {
  const { Opcode, SSec, StreamID } = value;
  if (Opcode !== 6) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (!hasOnly(value, CMD_CFGI_CD_ALL_names)) return false;
  view.setUint32(at, 0x6 | (SSec << 10), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_CFGI_VMS_PIDM_names = ['Opcode', 'SSec', 'VMID'];
function read_CMD_CFGI_VMS_PIDM(view: DataView, at: number): CMD_CFGI_VMS_PIDM | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x7) & 0xfffffbff) | (w1 & 0xffff0000) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 7,
    SSec: (w0 >>> 10) & 0x1,
    VMID: w1 & 0xffff,
  };
}

function write_CMD_CFGI_VMS_PIDM(view: DataView, at: number, value: Readonly<CMD_CFGI_VMS_PIDM>): boolean {
  const { Opcode, SSec, VMID } = value;
  if (Opcode !== 7) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!hasOnly(value, CMD_CFGI_VMS_PIDM_names)) return false;
  view.setUint32(at, 0x7 | (SSec << 10), true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_TLBI_NH_ALL_names = ['Opcode', 'VMID'];
function read_CMD_TLBI_NH_ALL(view: DataView, at: number): CMD_TLBI_NH_ALL | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x10) | (w1 & 0xffff0000) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 16,
    VMID: w1 & 0xffff,
  };
}

function write_CMD_TLBI_NH_ALL(view: DataView, at: number, value: Readonly<CMD_TLBI_NH_ALL>): boolean {
  const { Opcode, VMID } = value;
  if (Opcode !== 16) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!hasOnly(value, CMD_TLBI_NH_ALL_names)) return false;
  view.setUint32(at, 0x10, true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_TLBI_NH_ASID_names = ['Opcode', 'VMID', 'ASID'];
function read_CMD_TLBI_NH_ASID(view: DataView, at: number): CMD_TLBI_NH_ASID | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x11) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 17,
    VMID: w1 & 0xffff,
    ASID: w1 >>> 16,
  };
}

function write_CMD_TLBI_NH_ASID(view: DataView, at: number, value: Readonly<CMD_TLBI_NH_ASID>): boolean {
  const { Opcode, VMID, ASID } = value;
  if (Opcode !== 17) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!hasOnly(value, CMD_TLBI_NH_ASID_names)) return false;
  view.setUint32(at, 0x11, true);
  view.setUint32(at + 4, VMID | (ASID << 16), true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_TLBI_NH_VA_names = [
  'Opcode',
  'NUM',
  'SCALE',
  'Leaf',
  'TTL128',
  'TTL',
  'TG',
  'VMID',
  'ASID',
  'Address',
];
function read_CMD_TLBI_NH_VA(view: DataView, at: number): CMD_TLBI_NH_VA | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x12) & 0xfc0e0fff) | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 18,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    VMID: w1 & 0xffff,
    ASID: w1 >>> 16,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_NH_VA(view: DataView, at: number, value: Readonly<CMD_TLBI_NH_VA>): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, VMID, ASID, Address } = value;
  if (Opcode !== 18) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_TLBI_NH_VA_names)) return false;
  view.setUint32(at, 0x12 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, VMID | (ASID << 16), true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

const CMD_TLBI_NH_VAA_names = ['Opcode', 'NUM', 'SCALE', 'Leaf', 'TTL128', 'TTL', 'TG', 'VMID', 'Address'];
function read_CMD_TLBI_NH_VAA(view: DataView, at: number): CMD_TLBI_NH_VAA | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x13) & 0xfc0e0fff) | (w1 & 0xffff0000) | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 19,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    VMID: w1 & 0xffff,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_NH_VAA(view: DataView, at: number, value: Readonly<CMD_TLBI_NH_VAA>): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, VMID, Address } = value;
  if (Opcode !== 19) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_TLBI_NH_VAA_names)) return false;
  view.setUint32(at, 0x13 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

const CMD_TLBI_EL3_ALL_names = ['Opcode'];
function read_CMD_TLBI_EL3_ALL(view: DataView, at: number): CMD_TLBI_EL3_ALL | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x18) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 24,
  };
}

function write_CMD_TLBI_EL3_ALL(view: DataView, at: number, value: Readonly<CMD_TLBI_EL3_ALL>): boolean {
  const { Opcode } = value;
  if (Opcode !== 24) return false;
  if (!hasOnly(value, CMD_TLBI_EL3_ALL_names)) return false;
  view.setUint32(at, 0x18, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_TLBI_EL3_VA_names = ['Opcode', 'NUM', 'SCALE', 'Leaf', 'TTL128', 'TTL', 'TG', 'Address'];
function read_CMD_TLBI_EL3_VA(view: DataView, at: number): CMD_TLBI_EL3_VA | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x1a) & 0xfc0e0fff) | w1 | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 26,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_EL3_VA(view: DataView, at: number, value: Readonly<CMD_TLBI_EL3_VA>): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, Address } = value;
  if (Opcode !== 26) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_TLBI_EL3_VA_names)) return false;
  view.setUint32(at, 0x1a | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

const CMD_TLBI_EL2_ALL_names = ['Opcode'];
function read_CMD_TLBI_EL2_ALL(view: DataView, at: number): CMD_TLBI_EL2_ALL | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x20) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 32,
  };
}

function write_CMD_TLBI_EL2_ALL(view: DataView, at: number, value: Readonly<CMD_TLBI_EL2_ALL>): boolean {
  const { Opcode } = value;
  if (Opcode !== 32) return false;
  if (!hasOnly(value, CMD_TLBI_EL2_ALL_names)) return false;
  view.setUint32(at, 0x20, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_TLBI_EL2_ASID_names = ['Opcode', 'ASID'];
function read_CMD_TLBI_EL2_ASID(view: DataView, at: number): CMD_TLBI_EL2_ASID | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x21) | (w1 & 0xffff) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 33,
    ASID: w1 >>> 16,
  };
}

function write_CMD_TLBI_EL2_ASID(view: DataView, at: number, value: Readonly<CMD_TLBI_EL2_ASID>): boolean {
  const { Opcode, ASID } = value;
  if (Opcode !== 33) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!hasOnly(value, CMD_TLBI_EL2_ASID_names)) return false;
  view.setUint32(at, 0x21, true);
  view.setUint32(at + 4, ASID << 16, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_TLBI_EL2_VA_names = ['Opcode', 'NUM', 'SCALE', 'Leaf', 'TTL128', 'TTL', 'TG', 'ASID', 'Address'];
function read_CMD_TLBI_EL2_VA(view: DataView, at: number): CMD_TLBI_EL2_VA | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x22) & 0xfc0e0fff) | (w1 & 0xffff) | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 34,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    ASID: w1 >>> 16,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_EL2_VA(view: DataView, at: number, value: Readonly<CMD_TLBI_EL2_VA>): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, ASID, Address } = value;
  if (Opcode !== 34) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_TLBI_EL2_VA_names)) return false;
  view.setUint32(at, 0x22 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, ASID << 16, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

const CMD_TLBI_EL2_VAA_names = ['Opcode', 'NUM', 'SCALE', 'Leaf', 'TTL128', 'TTL', 'TG', 'Address'];
function read_CMD_TLBI_EL2_VAA(view: DataView, at: number): CMD_TLBI_EL2_VAA | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x23) & 0xfc0e0fff) | w1 | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 35,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_EL2_VAA(view: DataView, at: number, value: Readonly<CMD_TLBI_EL2_VAA>): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, Address } = value;
  if (Opcode !== 35) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_TLBI_EL2_VAA_names)) return false;
  view.setUint32(at, 0x23 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

const CMD_TLBI_S12_VMALL_names = ['Opcode', 'VMID'];
function read_CMD_TLBI_S12_VMALL(view: DataView, at: number): CMD_TLBI_S12_VMALL | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x28) | (w1 & 0xffff0000) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 40,
    VMID: w1 & 0xffff,
  };
}

function write_CMD_TLBI_S12_VMALL(view: DataView, at: number, value: Readonly<CMD_TLBI_S12_VMALL>): boolean {
  const { Opcode, VMID } = value;
  if (Opcode !== 40) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!hasOnly(value, CMD_TLBI_S12_VMALL_names)) return false;
  view.setUint32(at, 0x28, true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_TLBI_S2_IPA_names = ['Opcode', 'NUM', 'SCALE', 'Leaf', 'TTL128', 'TTL', 'TG', 'VMID', 'Address'];
function read_CMD_TLBI_S2_IPA(view: DataView, at: number): CMD_TLBI_S2_IPA | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x2a) & 0xfc0e0fff) | (w1 & 0xffff0000) | (w2 & 0x7e) | (w3 & 0xff000000)) !== 0)
    return undefined;
  return {
    Opcode: 42,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    VMID: w1 & 0xffff,
    Address: wide(w2 & 0xfffff000, w3 & 0xffffff),
  };
}

function write_CMD_TLBI_S2_IPA(view: DataView, at: number, value: Readonly<CMD_TLBI_S2_IPA>): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, VMID, Address } = value;
  if (Opcode !== 42) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_TLBI_S2_IPA_names)) return false;
  view.setUint32(at, 0x2a | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

const CMD_TLBI_NSNH_ALL_names = ['Opcode'];
function read_CMD_TLBI_NSNH_ALL(view: DataView, at: number): CMD_TLBI_NSNH_ALL | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x30) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 48,
  };
}

function write_CMD_TLBI_NSNH_ALL(view: DataView, at: number, value: Readonly<CMD_TLBI_NSNH_ALL>): boolean {
  const { Opcode } = value;
  if (Opcode !== 48) return false;
  if (!hasOnly(value, CMD_TLBI_NSNH_ALL_names)) return false;
  view.setUint32(at, 0x30, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_ATC_INV_names = ['Opcode', 'Global', 'SSV', 'SubstreamID', 'StreamID', 'Size', 'Address'];
function read_CMD_ATC_INV(view: DataView, at: number): CMD_ATC_INV | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x40) & 0x5ff) | (w2 & 0xfc0)) !== 0) return undefined;
  return {
    Opcode: 64,
    Global: (w0 >>> 9) & 0x1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    StreamID: w1,
    Size: w2 & 0x3f,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_ATC_INV(view: DataView, at: number, value: Readonly<CMD_ATC_INV>): boolean {
  const { Opcode, Global, SSV, SubstreamID, StreamID, Size, Address } = value;
  if (Opcode !== 64) return false;
  if (typeof Global !== 'number' || (Global & 0x1) !== Global) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof Size !== 'number' || (Size & 0x3f) !== Size) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_ATC_INV_names)) return false;
  view.setUint32(at, 0x40 | (Global << 9) | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Size | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

const CMD_PRI_RESP_names = ['Opcode', 'SSV', 'SubstreamID', 'StreamID', 'PRGIndex', 'Resp'];
function read_CMD_PRI_RESP(view: DataView, at: number): CMD_PRI_RESP | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x41) & 0x7ff) | (w2 & 0xffffce00) | w3) !== 0) return undefined;
  return {
    Opcode: 65,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    StreamID: w1,
    PRGIndex: w2 & 0x1ff,
    Resp: (w2 >>> 12) & 0x3,
  };
}

function write_CMD_PRI_RESP(view: DataView, at: number, value: Readonly<CMD_PRI_RESP>): boolean {
  const { Opcode, SSV, SubstreamID, StreamID, PRGIndex, Resp } = value;
  if (Opcode !== 65) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof PRGIndex !== 'number' || (PRGIndex & 0x1ff) !== PRGIndex) return false;
  if (typeof Resp !== 'number' || (Resp & 0x3) !== Resp) return false;
  if (!hasOnly(value, CMD_PRI_RESP_names)) return false;
  view.setUint32(at, 0x41 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, PRGIndex | (Resp << 12), true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_RESUME_names = ['Opcode', 'SSec', 'Action', 'Abort', 'StreamID', 'STAG'];
function read_CMD_RESUME(view: DataView, at: number): CMD_RESUME | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x44) & 0xffffcbff) | (w2 & 0xffff0000) | w3) !== 0) return undefined;
  return {
    Opcode: 68,
    SSec: (w0 >>> 10) & 0x1,
    Action: (w0 >>> 12) & 0x1,
    Abort: (w0 >>> 13) & 0x1,
    StreamID: w1,
    STAG: w2 & 0xffff,
  };
}

function write_CMD_RESUME(view: DataView, at: number, value: Readonly<CMD_RESUME>): boolean {
  const { Opcode, SSec, Action, Abort, StreamID, STAG } = value;
  if (Opcode !== 68) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof Action !== 'number' || (Action & 0x1) !== Action) return false;
  if (typeof Abort !== 'number' || (Abort & 0x1) !== Abort) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof STAG !== 'number' || (STAG & 0xffff) !== STAG) return false;
  if (!hasOnly(value, CMD_RESUME_names)) return false;
  view.setUint32(at, 0x44 | (SSec << 10) | (Action << 12) | (Abort << 13), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, STAG, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_STALL_TERM_names = ['Opcode', 'SSec', 'StreamID'];
function read_CMD_STALL_TERM(view: DataView, at: number): CMD_STALL_TERM | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x45) & 0xfffffbff) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 69,
    SSec: (w0 >>> 10) & 0x1,
    StreamID: w1,
  };
}

function write_CMD_STALL_TERM(view: DataView, at: number, value: Readonly<CMD_STALL_TERM>): boolean {
  const { Opcode, SSec, StreamID } = value;
  if (Opcode !== 69) return false;
  if (typeof SSec !== 'number' || (SSec & 0x1) !== SSec) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (!hasOnly(value, CMD_STALL_TERM_names)) return false;
  view.setUint32(at, 0x45 | (SSec << 10), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_SYNC_names = ['Opcode', 'CS', 'MSH', 'MSIAttr', 'MSIData', 'MSIAddress', 'MSI_NS'];
function read_CMD_SYNC(view: DataView, at: number): CMD_SYNC | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x46) & 0xf03fcfff) | (w2 & 0x3) | (w3 & 0x7f000000)) !== 0) return undefined;
  return {
    Opcode: 70,
    CS: (w0 >>> 12) & 0x3,
    MSH: (w0 >>> 22) & 0x3,
    MSIAttr: (w0 >>> 24) & 0xf,
    MSIData: w1,
    MSIAddress: wide(w2 & 0xfffffffc, w3 & 0xffffff),
    MSI_NS: w3 >>> 31,
  };
}

function write_CMD_SYNC(view: DataView, at: number, value: Readonly<CMD_SYNC>): boolean {
  const { Opcode, CS, MSH, MSIAttr, MSIData, MSIAddress, MSI_NS } = value;
  if (Opcode !== 70) return false;
  if (typeof CS !== 'number' || (CS & 0x3) !== CS) return false;
  if (typeof MSH !== 'number' || (MSH & 0x3) !== MSH) return false;
  if (typeof MSIAttr !== 'number' || (MSIAttr & 0xf) !== MSIAttr) return false;
  if (typeof MSIData !== 'number' || MSIData >>> 0 !== MSIData) return false;
  if (!isWithin(MSIAddress, 0xfffffffc, 0xffffff)) return false;
  const MSIAddress_lo = lowHalf(),
    MSIAddress_hi = highHalf();
  if (typeof MSI_NS !== 'number' || (MSI_NS & 0x1) !== MSI_NS) return false;
  if (!hasOnly(value, CMD_SYNC_names)) return false;
  view.setUint32(at, 0x46 | (CS << 12) | (MSH << 22) | (MSIAttr << 24), true);
  view.setUint32(at + 4, MSIData, true);
  view.setUint32(at + 8, MSIAddress_lo, true);
  view.setUint32(at + 12, MSIAddress_hi | (MSI_NS << 31), true);
  return true;
}

const CMD_TLBI_S_EL2_ALL_names = ['Opcode'];
function read_CMD_TLBI_S_EL2_ALL(view: DataView, at: number): CMD_TLBI_S_EL2_ALL | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x50) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 80,
  };
}

function write_CMD_TLBI_S_EL2_ALL(view: DataView, at: number, value: Readonly<CMD_TLBI_S_EL2_ALL>): boolean {
  const { Opcode } = value;
  if (Opcode !== 80) return false;
  if (!hasOnly(value, CMD_TLBI_S_EL2_ALL_names)) return false;
  view.setUint32(at, 0x50, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_TLBI_S_EL2_ASID_names = ['Opcode', 'ASID'];
function read_CMD_TLBI_S_EL2_ASID(view: DataView, at: number): CMD_TLBI_S_EL2_ASID | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x51) | (w1 & 0xffff) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 81,
    ASID: w1 >>> 16,
  };
}

function write_CMD_TLBI_S_EL2_ASID(
  view: DataView,
  at: number,
  value: Readonly<CMD_TLBI_S_EL2_ASID>,
): boolean {
  const { Opcode, ASID } = value;
  if (Opcode !== 81) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!hasOnly(value, CMD_TLBI_S_EL2_ASID_names)) return false;
  view.setUint32(at, 0x51, true);
  view.setUint32(at + 4, ASID << 16, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_TLBI_S_EL2_VA_names = ['Opcode', 'NUM', 'SCALE', 'Leaf', 'TTL128', 'TTL', 'TG', 'ASID', 'Address'];
function read_CMD_TLBI_S_EL2_VA(view: DataView, at: number): CMD_TLBI_S_EL2_VA | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x52) & 0xfc0e0fff) | (w1 & 0xffff) | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 82,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    ASID: w1 >>> 16,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_S_EL2_VA(view: DataView, at: number, value: Readonly<CMD_TLBI_S_EL2_VA>): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, ASID, Address } = value;
  if (Opcode !== 82) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof ASID !== 'number' || (ASID & 0xffff) !== ASID) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_TLBI_S_EL2_VA_names)) return false;
  view.setUint32(at, 0x52 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, ASID << 16, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

const CMD_TLBI_S_EL2_VAA_names = ['Opcode', 'NUM', 'SCALE', 'Leaf', 'TTL128', 'TTL', 'TG', 'Address'];
function read_CMD_TLBI_S_EL2_VAA(view: DataView, at: number): CMD_TLBI_S_EL2_VAA | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x53) & 0xfc0e0fff) | w1 | (w2 & 0x7e)) !== 0) return undefined;
  return {
    Opcode: 83,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    Address: wide(w2 & 0xfffff000, w3),
  };
}

function write_CMD_TLBI_S_EL2_VAA(view: DataView, at: number, value: Readonly<CMD_TLBI_S_EL2_VAA>): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, Address } = value;
  if (Opcode !== 83) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_TLBI_S_EL2_VAA_names)) return false;
  view.setUint32(at, 0x53 | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

const CMD_TLBI_S_S12_VMALL_names = ['Opcode', 'VMID'];
function read_CMD_TLBI_S_S12_VMALL(view: DataView, at: number): CMD_TLBI_S_S12_VMALL | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x58) | (w1 & 0xffff0000) | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 88,
    VMID: w1 & 0xffff,
  };
}

function write_CMD_TLBI_S_S12_VMALL(
  view: DataView,
  at: number,
  value: Readonly<CMD_TLBI_S_S12_VMALL>,
): boolean {
  const { Opcode, VMID } = value;
  if (Opcode !== 88) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (!hasOnly(value, CMD_TLBI_S_S12_VMALL_names)) return false;
  view.setUint32(at, 0x58, true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_TLBI_S_S2_IPA_names = [
  'Opcode',
  'NUM',
  'SCALE',
  'Leaf',
  'TTL128',
  'TTL',
  'TG',
  'VMID',
  'NS',
  'Address',
];
function read_CMD_TLBI_S_S2_IPA(view: DataView, at: number): CMD_TLBI_S_S2_IPA | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if ((((w0 ^ 0x5a) & 0xfc0e0fff) | (w1 & 0xffff0000) | (w2 & 0x7c) | (w3 & 0xff000000)) !== 0)
    return undefined;
  return {
    Opcode: 90,
    NUM: (w0 >>> 12) & 0x1f,
    SCALE: (w0 >>> 20) & 0x3f,
    Leaf: w2 & 0x1,
    TTL128: (w2 >>> 7) & 0x1,
    TTL: (w2 >>> 8) & 0x3,
    TG: (w2 >>> 10) & 0x3,
    VMID: w1 & 0xffff,
    NS: (w2 >>> 1) & 0x1,
    Address: wide(w2 & 0xfffff000, w3 & 0xffffff),
  };
}

function write_CMD_TLBI_S_S2_IPA(view: DataView, at: number, value: Readonly<CMD_TLBI_S_S2_IPA>): boolean {
  const { Opcode, NUM, SCALE, Leaf, TTL128, TTL, TG, VMID, NS, Address } = value;
  if (Opcode !== 90) return false;
  if (typeof NUM !== 'number' || (NUM & 0x1f) !== NUM) return false;
  if (typeof SCALE !== 'number' || (SCALE & 0x3f) !== SCALE) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof TTL128 !== 'number' || (TTL128 & 0x1) !== TTL128) return false;
  if (typeof TTL !== 'number' || (TTL & 0x3) !== TTL) return false;
  if (typeof TG !== 'number' || (TG & 0x3) !== TG) return false;
  if (typeof VMID !== 'number' || (VMID & 0xffff) !== VMID) return false;
  if (typeof NS !== 'number' || (NS & 0x1) !== NS) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_TLBI_S_S2_IPA_names)) return false;
  view.setUint32(at, 0x5a | (NUM << 12) | (SCALE << 20), true);
  view.setUint32(at + 4, VMID, true);
  view.setUint32(at + 8, Leaf | (TTL128 << 7) | (TTL << 8) | (TG << 10) | (NS << 1) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

const CMD_TLBI_SNH_ALL_names = ['Opcode'];
function read_CMD_TLBI_SNH_ALL(view: DataView, at: number): CMD_TLBI_SNH_ALL | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x60) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 96,
  };
}

function write_CMD_TLBI_SNH_ALL(view: DataView, at: number, value: Readonly<CMD_TLBI_SNH_ALL>): boolean {
  const { Opcode } = value;
  if (Opcode !== 96) return false;
  if (!hasOnly(value, CMD_TLBI_SNH_ALL_names)) return false;
  view.setUint32(at, 0x60, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_DPTI_ALL_names = ['Opcode'];
function read_CMD_DPTI_ALL(view: DataView, at: number): CMD_DPTI_ALL | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x70) | w1 | w2 | w3) !== 0) return undefined;
  return {
    Opcode: 112,
  };
}

function write_CMD_DPTI_ALL(view: DataView, at: number, value: Readonly<CMD_DPTI_ALL>): boolean {
  const { Opcode } = value;
  if (Opcode !== 112) return false;
  if (!hasOnly(value, CMD_DPTI_ALL_names)) return false;
  view.setUint32(at, 0x70, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  return true;
}

const CMD_DPTI_PA_names = ['Opcode', 'Leaf', 'SIZE', 'Address'];
function read_CMD_DPTI_PA(view: DataView, at: number): CMD_DPTI_PA | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  if (((w0 ^ 0x73) | w1 | (w2 & 0xfe) | (w3 & 0xff000000)) !== 0) return undefined;
  return {
    Opcode: 115,
    Leaf: w2 & 0x1,
    SIZE: (w2 >>> 8) & 0xf,
    Address: wide(w2 & 0xfffff000, w3 & 0xffffff),
  };
}

function write_CMD_DPTI_PA(view: DataView, at: number, value: Readonly<CMD_DPTI_PA>): boolean {
  const { Opcode, Leaf, SIZE, Address } = value;
  if (Opcode !== 115) return false;
  if (typeof Leaf !== 'number' || (Leaf & 0x1) !== Leaf) return false;
  if (typeof SIZE !== 'number' || (SIZE & 0xf) !== SIZE) return false;
  if (!isWithin(Address, 0xfffff000, 0xffffff)) return false;
  const Address_lo = lowHalf(),
    Address_hi = highHalf();
  if (!hasOnly(value, CMD_DPTI_PA_names)) return false;
  view.setUint32(at, 0x73, true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, Leaf | (SIZE << 8) | Address_lo, true);
  view.setUint32(at + 12, Address_hi, true);
  return true;
}

export const smmuv3_command: Compiled<Smmuv3Command, Readonly<Smmuv3Command>> = {
  read(view, at) {
    switch (view.getUint8(at)) {
      case 1:
        return read_CMD_PREFETCH_CONFIG(view, at);
      case 2:
        return read_CMD_PREFETCH_ADDR(view, at);
      case 3:
        return read_CMD_CFGI_STE(view, at);
      case 4:
        return read_CMD_CFGI_STE_RANGE(view, at);
      case 5:
        return read_CMD_CFGI_CD(view, at);
      case 6:
        return read_CMD_CFGI_CD_ALL(view, at);
      case 7:
        return read_CMD_CFGI_VMS_PIDM(view, at);
      case 16:
        return read_CMD_TLBI_NH_ALL(view, at);
      case 17:
        return read_CMD_TLBI_NH_ASID(view, at);
      case 18:
        return read_CMD_TLBI_NH_VA(view, at);
      case 19:
        return read_CMD_TLBI_NH_VAA(view, at);
      case 24:
        return read_CMD_TLBI_EL3_ALL(view, at);
      case 26:
        return read_CMD_TLBI_EL3_VA(view, at);
      case 32:
        return read_CMD_TLBI_EL2_ALL(view, at);
      case 33:
        return read_CMD_TLBI_EL2_ASID(view, at);
      case 34:
        return read_CMD_TLBI_EL2_VA(view, at);
      case 35:
        return read_CMD_TLBI_EL2_VAA(view, at);
      case 40:
        return read_CMD_TLBI_S12_VMALL(view, at);
      case 42:
        return read_CMD_TLBI_S2_IPA(view, at);
      case 48:
        return read_CMD_TLBI_NSNH_ALL(view, at);
      case 64:
        return read_CMD_ATC_INV(view, at);
      case 65:
        return read_CMD_PRI_RESP(view, at);
      case 68:
        return read_CMD_RESUME(view, at);
      case 69:
        return read_CMD_STALL_TERM(view, at);
      case 70:
        return read_CMD_SYNC(view, at);
      case 80:
        return read_CMD_TLBI_S_EL2_ALL(view, at);
      case 81:
        return read_CMD_TLBI_S_EL2_ASID(view, at);
      case 82:
        return read_CMD_TLBI_S_EL2_VA(view, at);
      case 83:
        return read_CMD_TLBI_S_EL2_VAA(view, at);
      case 88:
        return read_CMD_TLBI_S_S12_VMALL(view, at);
      case 90:
        return read_CMD_TLBI_S_S2_IPA(view, at);
      case 96:
        return read_CMD_TLBI_SNH_ALL(view, at);
      case 112:
        return read_CMD_DPTI_ALL(view, at);
      case 115:
        return read_CMD_DPTI_PA(view, at);
      default:
        return undefined;
    }
  },
  write(view, at, value) {
    switch (value.Opcode) {
      case 1:
        return write_CMD_PREFETCH_CONFIG(view, at, value);
      case 2:
        return write_CMD_PREFETCH_ADDR(view, at, value);
      case 3:
        return write_CMD_CFGI_STE(view, at, value);
      case 4:
        return write_CMD_CFGI_STE_RANGE(view, at, value);
      case 5:
        return write_CMD_CFGI_CD(view, at, value);
      case 6:
        return write_CMD_CFGI_CD_ALL(view, at, value);
      case 7:
        return write_CMD_CFGI_VMS_PIDM(view, at, value);
      case 16:
        return write_CMD_TLBI_NH_ALL(view, at, value);
      case 17:
        return write_CMD_TLBI_NH_ASID(view, at, value);
      case 18:
        return write_CMD_TLBI_NH_VA(view, at, value);
      case 19:
        return write_CMD_TLBI_NH_VAA(view, at, value);
      case 24:
        return write_CMD_TLBI_EL3_ALL(view, at, value);
      case 26:
        return write_CMD_TLBI_EL3_VA(view, at, value);
      case 32:
        return write_CMD_TLBI_EL2_ALL(view, at, value);
      case 33:
        return write_CMD_TLBI_EL2_ASID(view, at, value);
      case 34:
        return write_CMD_TLBI_EL2_VA(view, at, value);
      case 35:
        return write_CMD_TLBI_EL2_VAA(view, at, value);
      case 40:
        return write_CMD_TLBI_S12_VMALL(view, at, value);
      case 42:
        return write_CMD_TLBI_S2_IPA(view, at, value);
      case 48:
        return write_CMD_TLBI_NSNH_ALL(view, at, value);
      case 64:
        return write_CMD_ATC_INV(view, at, value);
      case 65:
        return write_CMD_PRI_RESP(view, at, value);
      case 68:
        return write_CMD_RESUME(view, at, value);
      case 69:
        return write_CMD_STALL_TERM(view, at, value);
      case 70:
        return write_CMD_SYNC(view, at, value);
      case 80:
        return write_CMD_TLBI_S_EL2_ALL(view, at, value);
      case 81:
        return write_CMD_TLBI_S_EL2_ASID(view, at, value);
      case 82:
        return write_CMD_TLBI_S_EL2_VA(view, at, value);
      case 83:
        return write_CMD_TLBI_S_EL2_VAA(view, at, value);
      case 88:
        return write_CMD_TLBI_S_S12_VMALL(view, at, value);
      case 90:
        return write_CMD_TLBI_S_S2_IPA(view, at, value);
      case 96:
        return write_CMD_TLBI_SNH_ALL(view, at, value);
      case 112:
        return write_CMD_DPTI_ALL(view, at, value);
      case 115:
        return write_CMD_DPTI_PA(view, at, value);
      default:
        return false;
    }
  },
};
