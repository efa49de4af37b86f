// Written by `pnpm compile` from fault.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';

/** A request that a VT-d unit refused, as its fault recording register has it. */
export interface VtdFaultRecord {
  /** [63:12] Page that the request was for; of an interrupt request bits 63:48 are the index in the remapping table. */
  FI: bigint;
  /** [79:64] Requester ID of the device. */
  SID: number;
  /** [92] With T1 the type: 0 and 0 a write, 0 and 1 a page request, 1 and 0 a read, 1 and 1 an AtomicOp. */
  T2: number;
  /** [93] 1 if privileged access was wanted; meaningful with PP. */
  PRIV: number;
  /** [94] 1 if execution was wanted; meaningful with PP. */
  EXE: number;
  /** [95] 1 if the request had a PASID. */
  PP: number;
  /** [103:96] Why it was refused. One of vtd_fault_reason. */
  FR: number;
  /** [123:104] PASID of the request; meaningful with PP. */
  PASID: number;
  /** [125:124] What address it had. One of vtd_address_type. */
  AT: number;
  /** [126] 1 for a read or an AtomicOp, 0 for a write or a page request; see T2. */
  T1: number;
  /** [127] 1 if the register holds a fault; writing 1 clears it. */
  F: number;
}

export const vtd_fault_record: Named<VtdFaultRecord> = undefined;

/** What a VT-d unit reports. */
export interface VtdFaultStatus {
  /** [0] 1 if faults were lost, because all recording registers were in use. */
  PFO: number;
  /** [1] 1 if a recording register holds a fault. */
  PPF: number;
  /** [2] 1 if faults were lost from the advanced fault log. */
  AFO: number;
  /** [3] 1 if the advanced fault log holds a fault. */
  APF: number;
  /** [4] 1 if the invalidation queue stopped at a descriptor. */
  IQE: number;
  /** [5] 1 if a device completed an invalidation that was not sent. */
  ICE: number;
  /** [6] 1 if a device did not complete an invalidation in time. */
  ITE: number;
  /** [7] 1 if page requests were lost; reserved since revision 3.0. */
  PRO: number;
  /** [15:8] Recording register of the oldest fault; meaningful with PPF. */
  FRI: number;
}

export const vtd_fault_status: Named<VtdFaultStatus> = undefined;

/** Why the invalidation queue stopped, and which devices did not complete an invalidation. */
export interface VtdIqeRecord {
  /** [3:0] Why the queue stopped; meaningful with IQE of the fault status register. One of vtd_iqe_info. */
  IQEI: number;
  /** [47:32] Device whose invalidation timed out; meaningful with ITE. */
  ITESID: number;
  /** [63:48] Device whose completion was not valid; meaningful with ICE. */
  ICESID: number;
}

export const vtd_iqe_record: Named<VtdIqeRecord> = undefined;
