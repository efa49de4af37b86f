// Written by `pnpm compile` from fault.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** A fault recording register of a VT-d unit. */
export interface VtdFaultRecord {
  /** [63:12] Page of the request; for an interrupt request, bits 63:48 are the index in the remapping table. */
  FI: bigint;
  /** [79:64] Requester ID of the device. */
  SID: number;
  /** [92] Type of the request together with T1. T1 and T2 are 0 and 0 for a write, 0 and 1 for a page request, 1 and 0 for a read, 1 and 1 for an AtomicOp. */
  T2: number;
  /** [93] 1 if privileged access was requested; valid with PP. */
  PRIV: number;
  /** [94] 1 if execution was requested; valid with PP. */
  EXE: number;
  /** [95] 1 if the request had a PASID. */
  PP: number;
  /** [103:96] Reason for the fault. One of vtd_fault_reason. */
  FR: number;
  /** [123:104] PASID of the request; valid with PP. */
  PASID: number;
  /** [125:124] Address type of the request. One of vtd_address_type. */
  AT: number;
  /** [126] 1 for a read or an AtomicOp, 0 for a write or a page request; see T2. */
  T1: number;
  /** [127] 1 if the register has a fault; writing 1 clears it. */
  F: number;
}

export const vtd_fault_record: Named<VtdFaultRecord> = undefined;

/** Fault status of a VT-d unit. */
export interface VtdFaultStatus {
  /** [0] 1 if faults were lost, because all recording registers were in use. */
  PFO: number;
  /** [1] 1 if a recording register has a fault. */
  PPF: number;
  /** [2] 1 if faults were lost from the advanced fault log. */
  AFO: number;
  /** [3] 1 if the advanced fault log has a fault. */
  APF: number;
  /** [4] 1 if the invalidation queue has stopped at a descriptor. */
  IQE: number;
  /** [5] 1 if a device completed an invalidation that was not sent. */
  ICE: number;
  /** [6] 1 if a device did not complete an invalidation in time. */
  ITE: number;
  /** [7] 1 if page requests were lost; reserved since revision 3.0. */
  PRO: number;
  /** [15:8] Recording register of the oldest fault; valid with PPF. */
  FRI: number;
}

export const vtd_fault_status: Named<VtdFaultStatus> = undefined;

/** Why the invalidation queue stopped, and which devices did not complete an invalidation. */
export interface VtdIqeRecord {
  /** [3:0] Why the queue stopped; valid with IQE of the fault status register. One of vtd_iqe_info. */
  IQEI: number;
  /** [47:32] Device whose invalidation timed out; valid with ITE. */
  ITESID: number;
  /** [63:48] Device whose completion was invalid; valid with ICE. */
  ICESID: number;
}

export const vtd_iqe_record: Named<VtdIqeRecord> = undefined;
