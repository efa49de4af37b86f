/**
 * Encoded commands as the driver issues them: `arm_smmu_cmdq_build_cmd()`. One function for each command that Linux uses.
 */
import {
  arm_smmu_constants,
  CMD_CFGI_ALL,
  smmuv3_command,
  smmuv3_pri_response,
  smmuv3_resume_action,
  smmuv3_shareability,
  smmuv3_mem_attr,
  smmuv3_sync_signal,
} from '@iommufd/uapi';
import { encode } from '@iommufd/uapi/struct';
import type { FaultResponse } from '../../iommu/page-fault.js';

const { cases } = smmuv3_command;

/** An entry of the command queue. */
export type CommandBytes = Uint8Array;

/** The range fields of a TLB invalidation; NUM, SCALE and TG are zero for a single page. */
export interface TlbiRange {
  readonly Address: bigint;
  readonly NUM: number;
  readonly SCALE: number;
  readonly TG: number;
}

const anyLevel = { Leaf: 0, TTL128: 0, TTL: 0 };

/** Invalidates an STE, but not the first-level descriptor. */
export function cfgiSte(StreamID: number): CommandBytes {
  return encode(smmuv3_command, { Opcode: cases.CMD_CFGI_STE.tag, SSec: 0, StreamID, Leaf: 1 });
}

/** Invalidates a CD. @param leaf true to keep first-level descriptors */
export function cfgiCd(StreamID: number, SubstreamID: number, leaf: boolean): CommandBytes {
  const Leaf = leaf ? 1 : 0;
  return encode(smmuv3_command, { Opcode: cases.CMD_CFGI_CD.tag, SSec: 0, SubstreamID, StreamID, Leaf });
}

/** Invalidates all configuration. */
export function cfgiAll(): CommandBytes {
  return encode(smmuv3_command, CMD_CFGI_ALL);
}

/** A hint to fetch an STE. */
export function prefetchConfig(StreamID: number): CommandBytes {
  const none = { SSec: 0, SSV: 0, SubstreamID: 0 };
  return encode(smmuv3_command, { Opcode: cases.CMD_PREFETCH_CONFIG.tag, ...none, StreamID });
}

export function tlbiNhAsid(ASID: number): CommandBytes {
  return encode(smmuv3_command, { Opcode: cases.CMD_TLBI_NH_ASID.tag, VMID: 0, ASID });
}

/** Invalidates a range of the kernel's own stage 1 tables, which have VMID 0. */
export function tlbiNhVa(ASID: number, range: TlbiRange): CommandBytes {
  return encode(smmuv3_command, {
    Opcode: cases.CMD_TLBI_NH_VA.tag,
    ...anyLevel,
    ...range,
    VMID: 0,
    ASID,
  });
}

export function tlbiNhAll(VMID: number): CommandBytes {
  return encode(smmuv3_command, { Opcode: cases.CMD_TLBI_NH_ALL.tag, VMID });
}

export function tlbiS12Vmall(VMID: number): CommandBytes {
  return encode(smmuv3_command, { Opcode: cases.CMD_TLBI_S12_VMALL.tag, VMID });
}

export function tlbiS2Ipa(VMID: number, range: TlbiRange): CommandBytes {
  return encode(smmuv3_command, { Opcode: cases.CMD_TLBI_S2_IPA.tag, ...anyLevel, ...range, VMID });
}

export function tlbiNsnhAll(): CommandBytes {
  return encode(smmuv3_command, { Opcode: cases.CMD_TLBI_NSNH_ALL.tag });
}

export function tlbiEl2All(): CommandBytes {
  return encode(smmuv3_command, { Opcode: cases.CMD_TLBI_EL2_ALL.tag });
}

/** Invalidates a device's ATC. @param SubstreamID 0 for all PASIDs @param Size 52 for all addresses */
export function atcInv(
  StreamID: number,
  SubstreamID: number,
  Address = 0n,
  Size: number = arm_smmu_constants.ATC_INV_SIZE_ALL,
): CommandBytes {
  const SSV = SubstreamID === 0 ? 0 : 1;
  const rest = { Global: 0, SSV, SubstreamID, StreamID, Size, Address };
  return encode(smmuv3_command, { Opcode: cases.CMD_ATC_INV.tag, ...rest });
}

/**
 * Ends the wait of a stalled transaction: it is retried, or it is aborted.
 * @param tag the STAG. The number of a page request group that no SMMU has reported may be longer; its low 16 bits are used
 */
export function resume(StreamID: number, tag: number, response: FaultResponse): CommandBytes {
  const { Retry, Terminate } = smmuv3_resume_action;
  const Action = response === 'success' ? Retry : Terminate;
  const Abort = response === 'success' ? 0 : 1;
  // `arm_smmu_page_response()` assigns a u32 to a u16.
  const STAG = tag & 0xffff;
  return encode(smmuv3_command, { Opcode: cases.CMD_RESUME.tag, SSec: 0, Action, Abort, StreamID, STAG });
}

/** Responds to a page request group with ResponseFailure, which disables page requests of the device. */
export function denyPageRequest(request: {
  readonly StreamID: number;
  readonly SSV: number;
  readonly SubstreamID: number;
  readonly PRGIndex: number;
}): CommandBytes {
  const Resp = smmuv3_pri_response.ResponseFailure;
  return encode(smmuv3_command, { Opcode: cases.CMD_PRI_RESP.tag, ...request, Resp });
}

/** A CMD_SYNC that signals by SEV, because MSIs are not used. */
export function cmdSync(): CommandBytes {
  return encode(smmuv3_command, {
    Opcode: cases.CMD_SYNC.tag,
    CS: smmuv3_sync_signal.SIG_SEV,
    MSH: smmuv3_shareability.ISH,
    MSIAttr: smmuv3_mem_attr.OWB_IWB,
    MSIData: 0,
    MSIAddress: 0n,
    MSI_NS: 0,
  });
}
