// Written by `pnpm compile` from event.ts: change that, and run it again.
import type { Compiled } from '../struct/compiled.js';
import { hasOnly, highHalf, isWithin, lowHalf } from '../struct/value-checks.js';
import type { UnknownVariant } from '../struct/variants.js';

/** Unsupported upstream transaction: the SMMU does not support its kind. PnU and InD are the incoming ones. Section 7.3.2. */
export interface F_UUT {
  /** [7:0] Marks this form. */
  EventNumber: 1;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [79:64] Cause; its encoding is IMPLEMENTATION DEFINED. */
  Reason: number;
  /** [97] 1 for a privileged access, 0 for an unprivileged one. */
  PnU: number;
  /** [98] 1 for an instruction fetch, 0 for data; 0 for every write. */
  InD: number;
  /** [99] 1 for a read, 0 for a write. */
  RnW: number;
  /** [191:128] Input address of the transaction. */
  InputAddr: bigint;
}

/** The StreamID is beyond the stream table, or its first-level descriptor does not cover it. Recorded only with SMMU_CR2.RECINVSID. Section 7.3.3. */
export interface C_BAD_STREAMID {
  /** [7:0] Marks this form. */
  EventNumber: 2;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
}

/** The fetch of the stream table entry or of its first-level descriptor failed. Section 7.3.4. */
export interface F_STE_FETCH {
  /** [7:0] Marks this form. */
  EventNumber: 3;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [79:64] Cause; its encoding is IMPLEMENTATION DEFINED. */
  Reason: number;
  /** [80] 1 if a granule protection check caused the abort; 0 without SMMU_IDR0.RME_IMPL. */
  GPCF: number;
  /** [247:195] Physical address of the structure or descriptor that was accessed. */
  FetchAddr: bigint;
}

/** The stream table entry is not valid or is ILLEGAL. Section 7.3.5. */
export interface C_BAD_STE {
  /** [7:0] Marks this form. */
  EventNumber: 4;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
}

/** An ATS translation request on a stream that may not send such requests. P, X, W and R are the requested permissions. Section 7.3.6. */
export interface F_BAD_ATS_TREQ {
  /** [7:0] Marks this form. */
  EventNumber: 5;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [67:64] Number of smallest translation units that were requested. */
  Span: number;
  /** [92] 1 if privileged access was requested. */
  P: number;
  /** [93] 1 if execution was requested. */
  X: number;
  /** [94] 1 if write access was requested. */
  W: number;
  /** [95] 1 if read access was requested, which is always so with PCIe. */
  R: number;
  /** [191:140] Page of the request, aligned to 4 KB. */
  InputAddr: bigint;
}

/** A transaction without a substream while S1DSS is TERMINATE, or one with substream 0 while S1DSS is SUBSTREAM_0. Section 7.3.7. */
export interface F_STREAM_DISABLED {
  /** [7:0] Marks this form. */
  EventNumber: 6;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
}

/** A translated transaction on a stream that may not send such transactions, or one that the device permission table refuses. Section 7.3.8. */
export interface F_TRANSL_FORBIDDEN {
  /** [7:0] Marks this form. */
  EventNumber: 7;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [99] 1 for a read, 0 for a write. */
  RnW: number;
  /** [191:128] Input address of the transaction. */
  InputAddr: bigint;
}

/** A substream on a stream without substreams, or one beyond the table of context descriptors. SubstreamID is always valid. Section 7.3.9. */
export interface C_BAD_SUBSTREAMID {
  /** [7:0] Marks this form. */
  EventNumber: 8;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
}

/** The fetch of the context descriptor or of its first-level descriptor failed. Section 7.3.10. */
export interface F_CD_FETCH {
  /** [7:0] Marks this form. */
  EventNumber: 9;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [79:64] Cause; its encoding is IMPLEMENTATION DEFINED. */
  Reason: number;
  /** [80] 1 if a granule protection check caused the abort; 0 without SMMU_IDR0.RME_IMPL. */
  GPCF: number;
  /** [247:195] Physical address of the structure or descriptor that was accessed. */
  FetchAddr: bigint;
}

/** The context descriptor is not valid or is ILLEGAL. Section 7.3.11. */
export interface C_BAD_CD {
  /** [7:0] Marks this form. */
  EventNumber: 10;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
}

/** An access to a translation table descriptor failed, a read or an update. RnW is that of the transaction, not of the walk. Section 7.3.12. */
export interface F_WALK_EABT {
  /** [7:0] Marks this form. */
  EventNumber: 11;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [79:64] Cause; its encoding is IMPLEMENTATION DEFINED. */
  Reason: number;
  /** [80] 1 if a granule protection check caused the abort; 0 without SMMU_IDR0.RME_IMPL. */
  GPCF: number;
  /** [97] 1 for a privileged access, 0 for an unprivileged one. */
  PnU: number;
  /** [98] 1 for an instruction fetch, 0 for data; 0 for every write. */
  InD: number;
  /** [99] 1 for a read, 0 for a write. */
  RnW: number;
  /** [102] NS attribute of the IPA; 0 except for stage 2 faults in the Secure event queue. */
  NSIPA: number;
  /** [103] Stage that faulted: 0 for stage 1, 1 for stage 2. One of smmuv3_event_stage. */
  S2: number;
  /** [105:104] Kind of the address whose translation faulted. One of smmuv3_event_class. */
  CLASS: number;
  /** [191:128] Input address of the transaction. */
  InputAddr: bigint;
  /** [247:195] Physical address of the structure or descriptor that was accessed. */
  FetchAddr: bigint;
}

/** The address is not mapped. Section 7.3.13. */
export interface F_TRANSLATION {
  /** [7:0] Marks this form. */
  EventNumber: 16;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [79:64] Token of the transaction for CMD_RESUME; valid if Stall is 1. */
  STAG: number;
  /** [95] 1 if the transaction waits for CMD_RESUME, 0 if it was terminated. */
  Stall: number;
  /** [97] 1 for a privileged access, 0 for an unprivileged one. */
  PnU: number;
  /** [98] 1 for an instruction fetch, 0 for data; 0 for every write. */
  InD: number;
  /** [99] 1 for a read, 0 for a write. */
  RnW: number;
  /** [102] NS attribute of the IPA; 0 except for stage 2 faults in the Secure event queue. */
  NSIPA: number;
  /** [103] Stage that faulted: 0 for stage 1, 1 for stage 2. One of smmuv3_event_stage. */
  S2: number;
  /** [105:104] Kind of the address whose translation faulted. One of smmuv3_event_class. */
  CLASS: number;
  /** [127:112] IMPLEMENTATION DEFINED. */
  IMPL_DEF: number;
  /** [191:128] Input address of the transaction. */
  InputAddr: bigint;
  /** [247:204] Page of the intermediate physical address, aligned to 4 KB; valid only if S2 is 1. */
  IPA: bigint;
}

/** The output address of a stage of translation is out of range. Section 7.3.14. */
export interface F_ADDR_SIZE {
  /** [7:0] Marks this form. */
  EventNumber: 17;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [79:64] Token of the transaction for CMD_RESUME; valid if Stall is 1. */
  STAG: number;
  /** [95] 1 if the transaction waits for CMD_RESUME, 0 if it was terminated. */
  Stall: number;
  /** [97] 1 for a privileged access, 0 for an unprivileged one. */
  PnU: number;
  /** [98] 1 for an instruction fetch, 0 for data; 0 for every write. */
  InD: number;
  /** [99] 1 for a read, 0 for a write. */
  RnW: number;
  /** [102] NS attribute of the IPA; 0 except for stage 2 faults in the Secure event queue. */
  NSIPA: number;
  /** [103] Stage that faulted: 0 for stage 1, 1 for stage 2. One of smmuv3_event_stage. */
  S2: number;
  /** [105:104] Kind of the address whose translation faulted. One of smmuv3_event_class. */
  CLASS: number;
  /** [127:112] IMPLEMENTATION DEFINED. */
  IMPL_DEF: number;
  /** [191:128] Input address of the transaction. */
  InputAddr: bigint;
  /** [247:204] Page of the intermediate physical address, aligned to 4 KB; valid only if S2 is 1. */
  IPA: bigint;
}

/** The access flag of the page is 0, and the hardware may not set it. Section 7.3.15. */
export interface F_ACCESS {
  /** [7:0] Marks this form. */
  EventNumber: 18;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [79:64] Token of the transaction for CMD_RESUME; valid if Stall is 1. */
  STAG: number;
  /** [95] 1 if the transaction waits for CMD_RESUME, 0 if it was terminated. */
  Stall: number;
  /** [97] 1 for a privileged access, 0 for an unprivileged one. */
  PnU: number;
  /** [98] 1 for an instruction fetch, 0 for data; 0 for every write. */
  InD: number;
  /** [99] 1 for a read, 0 for a write. */
  RnW: number;
  /** [102] NS attribute of the IPA; 0 except for stage 2 faults in the Secure event queue. */
  NSIPA: number;
  /** [103] Stage that faulted: 0 for stage 1, 1 for stage 2. One of smmuv3_event_stage. */
  S2: number;
  /** [105:104] Kind of the address whose translation faulted. One of smmuv3_event_class. */
  CLASS: number;
  /** [127:112] IMPLEMENTATION DEFINED. */
  IMPL_DEF: number;
  /** [191:128] Input address of the transaction. */
  InputAddr: bigint;
  /** [247:204] Page of the intermediate physical address, aligned to 4 KB; valid only if S2 is 1. */
  IPA: bigint;
}

/** The page does not allow this access. Section 7.3.16. */
export interface F_PERMISSION {
  /** [7:0] Marks this form. */
  EventNumber: 19;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [79:64] Token of the transaction for CMD_RESUME; valid if Stall is 1. */
  STAG: number;
  /** [95] 1 if the transaction waits for CMD_RESUME, 0 if it was terminated. */
  Stall: number;
  /** [97] 1 for a privileged access, 0 for an unprivileged one. */
  PnU: number;
  /** [98] 1 for an instruction fetch, 0 for data; 0 for every write. */
  InD: number;
  /** [99] 1 for a read, 0 for a write. */
  RnW: number;
  /** [102] NS attribute of the IPA; 0 except for stage 2 faults in the Secure event queue. */
  NSIPA: number;
  /** [103] Stage that faulted: 0 for stage 1, 1 for stage 2. One of smmuv3_event_stage. */
  S2: number;
  /** [105:104] Kind of the address whose translation faulted. One of smmuv3_event_class. */
  CLASS: number;
  /** [127:112] IMPLEMENTATION DEFINED. */
  IMPL_DEF: number;
  /** [191:128] Input address of the transaction. */
  InputAddr: bigint;
  /** [247:204] Page of the intermediate physical address, aligned to 4 KB; valid only if S2 is 1. */
  IPA: bigint;
  /** [106] 1 if the write would have succeeded if the hardware were allowed to mark the page dirty. */
  DirtyBit: number;
  /** [107] 1 if only the AssuredOnly check of stage 2 refused the access. */
  AssuredOnly: number;
  /** [108] If CLASS is TT: 1 if the walk read the descriptor, 0 if it wrote it. */
  TTRnW: number;
  /** [109] 1 if the permission overlay of stage 2 refused the access. */
  Overlay: number;
}

/** The TLB had conflicting entries for the address. Section 7.3.17. */
export interface F_TLB_CONFLICT {
  /** [7:0] Marks this form. */
  EventNumber: 32;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [95:64] Cause; its encoding is IMPLEMENTATION DEFINED. */
  Reason: number;
  /** [97] 1 for a privileged access, 0 for an unprivileged one. */
  PnU: number;
  /** [98] 1 for an instruction fetch, 0 for data; 0 for every write. */
  InD: number;
  /** [99] 1 for a read, 0 for a write. */
  RnW: number;
  /** [102] NS attribute of the IPA; 0 except for stage 2 faults in the Secure event queue. */
  NSIPA: number;
  /** [103] Stage that faulted: 0 for stage 1, 1 for stage 2. One of smmuv3_event_stage. */
  S2: number;
  /** [191:128] Input address of the transaction. */
  InputAddr: bigint;
  /** [247:204] Page of the intermediate physical address, aligned to 4 KB; valid only if S2 is 1. */
  IPA: bigint;
}

/** The configuration cache had conflicting entries. Section 7.3.18. */
export interface F_CFG_CONFLICT {
  /** [7:0] Marks this form. */
  EventNumber: 33;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [95:64] Cause; its encoding is IMPLEMENTATION DEFINED. */
  Reason: number;
}

/** A device will access a range of addresses soon. It does not wait for a response. Section 7.3.19. */
export interface E_PAGE_REQUEST {
  /** [7:0] Marks this form. */
  EventNumber: 36;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [97] 1 if unprivileged execution is expected. */
  uX: number;
  /** [98] 1 if unprivileged writes are expected. */
  uW: number;
  /** [99] 1 if unprivileged reads are expected. */
  uR: number;
  /** [101] 1 if privileged execution is expected. */
  pX: number;
  /** [102] 1 if privileged writes are expected. */
  pW: number;
  /** [103] 1 if privileged reads are expected. */
  pR: number;
  /** [115:108] Length of the range, in units of 4 KB. */
  Span: number;
  /** [191:140] Page of the request, aligned to 4 KB. */
  InputAddr: bigint;
}

/** The fetch of the virtual machine structure failed. Section 7.3.20. */
export interface F_VMS_FETCH {
  /** [7:0] Marks this form. */
  EventNumber: 37;
  /** [63:32] Stream that issued the transaction. */
  StreamID: number;
  /** [11] 1 if the transaction had a substream. */
  SSV: number;
  /** [31:12] Substream (PASID) of the transaction; not valid if the record has SSV and it is 0. */
  SubstreamID: number;
  /** [79:64] Cause; its encoding is IMPLEMENTATION DEFINED. */
  Reason: number;
  /** [80] 1 if a granule protection check caused the abort; 0 without SMMU_IDR0.RME_IMPL. */
  GPCF: number;
  /** [247:195] Physical address of the structure or descriptor that was accessed. */
  FetchAddr: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT0 {
  /** [7:0] Marks this form. */
  EventNumber: 224;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT1 {
  /** [7:0] Marks this form. */
  EventNumber: 225;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT2 {
  /** [7:0] Marks this form. */
  EventNumber: 226;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT3 {
  /** [7:0] Marks this form. */
  EventNumber: 227;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT4 {
  /** [7:0] Marks this form. */
  EventNumber: 228;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT5 {
  /** [7:0] Marks this form. */
  EventNumber: 229;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT6 {
  /** [7:0] Marks this form. */
  EventNumber: 230;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT7 {
  /** [7:0] Marks this form. */
  EventNumber: 231;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT8 {
  /** [7:0] Marks this form. */
  EventNumber: 232;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT9 {
  /** [7:0] Marks this form. */
  EventNumber: 233;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT10 {
  /** [7:0] Marks this form. */
  EventNumber: 234;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT11 {
  /** [7:0] Marks this form. */
  EventNumber: 235;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT12 {
  /** [7:0] Marks this form. */
  EventNumber: 236;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT13 {
  /** [7:0] Marks this form. */
  EventNumber: 237;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT14 {
  /** [7:0] Marks this form. */
  EventNumber: 238;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** An IMPLEMENTATION DEFINED event. Software that does not know it must not treat it as fatal. Section 7.3.21. */
export interface IMPDEF_EVENT15 {
  /** [7:0] Marks this form. */
  EventNumber: 239;
  /** [63:8] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_63_8: bigint;
  /** [127:64] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_127_64: bigint;
  /** [191:128] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_191_128: bigint;
  /** [255:192] IMPLEMENTATION DEFINED. */
  IMPLEMENTATION_DEFINED_255_192: bigint;
}

/** A smmuv3_event of a form that is known. */
export type KnownSmmuv3Event =
  | F_UUT
  | C_BAD_STREAMID
  | F_STE_FETCH
  | C_BAD_STE
  | F_BAD_ATS_TREQ
  | F_STREAM_DISABLED
  | F_TRANSL_FORBIDDEN
  | C_BAD_SUBSTREAMID
  | F_CD_FETCH
  | C_BAD_CD
  | F_WALK_EABT
  | F_TRANSLATION
  | F_ADDR_SIZE
  | F_ACCESS
  | F_PERMISSION
  | F_TLB_CONFLICT
  | F_CFG_CONFLICT
  | E_PAGE_REQUEST
  | F_VMS_FETCH
  | IMPDEF_EVENT0
  | IMPDEF_EVENT1
  | IMPDEF_EVENT2
  | IMPDEF_EVENT3
  | IMPDEF_EVENT4
  | IMPDEF_EVENT5
  | IMPDEF_EVENT6
  | IMPDEF_EVENT7
  | IMPDEF_EVENT8
  | IMPDEF_EVENT9
  | IMPDEF_EVENT10
  | IMPDEF_EVENT11
  | IMPDEF_EVENT12
  | IMPDEF_EVENT13
  | IMPDEF_EVENT14
  | IMPDEF_EVENT15;

/** A smmuv3_event whose EventNumber has no form. */
export type UnknownSmmuv3Event = UnknownVariant<'EventNumber', KnownSmmuv3Event['EventNumber']>;

/** A record of the event queue. */
export type Smmuv3Event = KnownSmmuv3Event | UnknownSmmuv3Event;

const F_UUT_names = [
  'EventNumber',
  'StreamID',
  'SSV',
  'SubstreamID',
  'Reason',
  'PnU',
  'InD',
  'RnW',
  'InputAddr',
];
function read_F_UUT(view: DataView, at: number): F_UUT | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x1) & 0x7ff) | (w2 & 0xffff0000) | (w3 & 0xfffffff1) | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 1,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2 & 0xffff,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
  };
}

function write_F_UUT(view: DataView, at: number, value: Readonly<F_UUT>): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason, PnU, InD, RnW, InputAddr } = value;
  if (EventNumber !== 1) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || (Reason & 0xffff) !== Reason) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!hasOnly(value, F_UUT_names)) return false;
  view.setUint32(at, 0x1 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason, true);
  view.setUint32(at + 12, (PnU << 1) | (InD << 2) | (RnW << 3), true);
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

const C_BAD_STREAMID_names = ['EventNumber', 'StreamID', 'SSV', 'SubstreamID'];
function read_C_BAD_STREAMID(view: DataView, at: number): C_BAD_STREAMID | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x2) & 0x7ff) | w2 | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 2,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
  };
}

function write_C_BAD_STREAMID(view: DataView, at: number, value: Readonly<C_BAD_STREAMID>): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID } = value;
  if (EventNumber !== 2) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (!hasOnly(value, C_BAD_STREAMID_names)) return false;
  view.setUint32(at, 0x2 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

const F_STE_FETCH_names = ['EventNumber', 'StreamID', 'SSV', 'SubstreamID', 'Reason', 'GPCF', 'FetchAddr'];
function read_F_STE_FETCH(view: DataView, at: number): F_STE_FETCH | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x3) & 0x7ff) | (w2 & 0xfffe0000) | w3 | w4 | w5 | (w6 & 0x7) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 3,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2 & 0xffff,
    GPCF: (w2 >>> 16) & 0x1,
    FetchAddr: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_STE_FETCH(view: DataView, at: number, value: Readonly<F_STE_FETCH>): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason, GPCF, FetchAddr } = value;
  if (EventNumber !== 3) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || (Reason & 0xffff) !== Reason) return false;
  if (typeof GPCF !== 'number' || (GPCF & 0x1) !== GPCF) return false;
  if (!isWithin(FetchAddr, 0xfffffff8, 0xffffff)) return false;
  const FetchAddr_lo = lowHalf(),
    FetchAddr_hi = highHalf();
  if (!hasOnly(value, F_STE_FETCH_names)) return false;
  view.setUint32(at, 0x3 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason | (GPCF << 16), true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, FetchAddr_lo, true);
  view.setUint32(at + 28, FetchAddr_hi, true);
  return true;
}

const C_BAD_STE_names = ['EventNumber', 'StreamID', 'SSV', 'SubstreamID'];
function read_C_BAD_STE(view: DataView, at: number): C_BAD_STE | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x4) & 0x7ff) | w2 | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 4,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
  };
}

function write_C_BAD_STE(view: DataView, at: number, value: Readonly<C_BAD_STE>): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID } = value;
  if (EventNumber !== 4) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (!hasOnly(value, C_BAD_STE_names)) return false;
  view.setUint32(at, 0x4 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

const F_BAD_ATS_TREQ_names = [
  'EventNumber',
  'StreamID',
  'SSV',
  'SubstreamID',
  'Span',
  'P',
  'X',
  'W',
  'R',
  'InputAddr',
];
function read_F_BAD_ATS_TREQ(view: DataView, at: number): F_BAD_ATS_TREQ | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x5) & 0x7ff) | (w2 & 0xffffff0) | w3 | (w4 & 0xfff) | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 5,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Span: w2 & 0xf,
    P: (w2 >>> 28) & 0x1,
    X: (w2 >>> 29) & 0x1,
    W: (w2 >>> 30) & 0x1,
    R: w2 >>> 31,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
  };
}

function write_F_BAD_ATS_TREQ(view: DataView, at: number, value: Readonly<F_BAD_ATS_TREQ>): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Span, P, X, W, R, InputAddr } = value;
  if (EventNumber !== 5) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Span !== 'number' || (Span & 0xf) !== Span) return false;
  if (typeof P !== 'number' || (P & 0x1) !== P) return false;
  if (typeof X !== 'number' || (X & 0x1) !== X) return false;
  if (typeof W !== 'number' || (W & 0x1) !== W) return false;
  if (typeof R !== 'number' || (R & 0x1) !== R) return false;
  if (!isWithin(InputAddr, 0xfffff000, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!hasOnly(value, F_BAD_ATS_TREQ_names)) return false;
  view.setUint32(at, 0x5 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Span | (P << 28) | (X << 29) | (W << 30) | (R << 31), true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

const F_STREAM_DISABLED_names = ['EventNumber', 'StreamID'];
function read_F_STREAM_DISABLED(view: DataView, at: number): F_STREAM_DISABLED | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if (((w0 ^ 0x6) | w2 | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 6,
    StreamID: w1,
  };
}

function write_F_STREAM_DISABLED(view: DataView, at: number, value: Readonly<F_STREAM_DISABLED>): boolean {
  const { EventNumber, StreamID } = value;
  if (EventNumber !== 6) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (!hasOnly(value, F_STREAM_DISABLED_names)) return false;
  view.setUint32(at, 0x6, true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

const F_TRANSL_FORBIDDEN_names = ['EventNumber', 'StreamID', 'RnW', 'InputAddr'];
function read_F_TRANSL_FORBIDDEN(view: DataView, at: number): F_TRANSL_FORBIDDEN | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if (((w0 ^ 0x7) | w2 | (w3 & 0xfffffff7) | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 7,
    StreamID: w1,
    RnW: (w3 >>> 3) & 0x1,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
  };
}

function write_F_TRANSL_FORBIDDEN(view: DataView, at: number, value: Readonly<F_TRANSL_FORBIDDEN>): boolean {
  const { EventNumber, StreamID, RnW, InputAddr } = value;
  if (EventNumber !== 7) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!hasOnly(value, F_TRANSL_FORBIDDEN_names)) return false;
  view.setUint32(at, 0x7, true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, RnW << 3, true);
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

const C_BAD_SUBSTREAMID_names = ['EventNumber', 'StreamID', 'SubstreamID'];
function read_C_BAD_SUBSTREAMID(view: DataView, at: number): C_BAD_SUBSTREAMID | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x8) & 0xfff) | w2 | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 8,
    StreamID: w1,
    SubstreamID: w0 >>> 12,
  };
}

function write_C_BAD_SUBSTREAMID(view: DataView, at: number, value: Readonly<C_BAD_SUBSTREAMID>): boolean {
  const { EventNumber, StreamID, SubstreamID } = value;
  if (EventNumber !== 8) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (!hasOnly(value, C_BAD_SUBSTREAMID_names)) return false;
  view.setUint32(at, 0x8 | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

const F_CD_FETCH_names = ['EventNumber', 'StreamID', 'SSV', 'SubstreamID', 'Reason', 'GPCF', 'FetchAddr'];
function read_F_CD_FETCH(view: DataView, at: number): F_CD_FETCH | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x9) & 0x7ff) | (w2 & 0xfffe0000) | w3 | w4 | w5 | (w6 & 0x7) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 9,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2 & 0xffff,
    GPCF: (w2 >>> 16) & 0x1,
    FetchAddr: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_CD_FETCH(view: DataView, at: number, value: Readonly<F_CD_FETCH>): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason, GPCF, FetchAddr } = value;
  if (EventNumber !== 9) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || (Reason & 0xffff) !== Reason) return false;
  if (typeof GPCF !== 'number' || (GPCF & 0x1) !== GPCF) return false;
  if (!isWithin(FetchAddr, 0xfffffff8, 0xffffff)) return false;
  const FetchAddr_lo = lowHalf(),
    FetchAddr_hi = highHalf();
  if (!hasOnly(value, F_CD_FETCH_names)) return false;
  view.setUint32(at, 0x9 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason | (GPCF << 16), true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, FetchAddr_lo, true);
  view.setUint32(at + 28, FetchAddr_hi, true);
  return true;
}

const C_BAD_CD_names = ['EventNumber', 'StreamID', 'SSV', 'SubstreamID'];
function read_C_BAD_CD(view: DataView, at: number): C_BAD_CD | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0xa) & 0x7ff) | w2 | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 10,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
  };
}

function write_C_BAD_CD(view: DataView, at: number, value: Readonly<C_BAD_CD>): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID } = value;
  if (EventNumber !== 10) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (!hasOnly(value, C_BAD_CD_names)) return false;
  view.setUint32(at, 0xa | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

const F_WALK_EABT_names = [
  'EventNumber',
  'StreamID',
  'SSV',
  'SubstreamID',
  'Reason',
  'GPCF',
  'PnU',
  'InD',
  'RnW',
  'NSIPA',
  'S2',
  'CLASS',
  'InputAddr',
  'FetchAddr',
];
function read_F_WALK_EABT(view: DataView, at: number): F_WALK_EABT | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0xb) & 0x7ff) | (w2 & 0xfffe0000) | (w3 & 0xfffffc31) | (w6 & 0x7) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 11,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2 & 0xffff,
    GPCF: (w2 >>> 16) & 0x1,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    CLASS: (w3 >>> 8) & 0x3,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    FetchAddr: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_WALK_EABT(view: DataView, at: number, value: Readonly<F_WALK_EABT>): boolean {
  const {
    EventNumber,
    StreamID,
    SSV,
    SubstreamID,
    Reason,
    GPCF,
    PnU,
    InD,
    RnW,
    NSIPA,
    S2,
    CLASS,
    InputAddr,
    FetchAddr,
  } = value;
  if (EventNumber !== 11) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || (Reason & 0xffff) !== Reason) return false;
  if (typeof GPCF !== 'number' || (GPCF & 0x1) !== GPCF) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (typeof CLASS !== 'number' || (CLASS & 0x3) !== CLASS) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(FetchAddr, 0xfffffff8, 0xffffff)) return false;
  const FetchAddr_lo = lowHalf(),
    FetchAddr_hi = highHalf();
  if (!hasOnly(value, F_WALK_EABT_names)) return false;
  view.setUint32(at, 0xb | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason | (GPCF << 16), true);
  view.setUint32(
    at + 12,
    (PnU << 1) | (InD << 2) | (RnW << 3) | (NSIPA << 6) | (S2 << 7) | (CLASS << 8),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, FetchAddr_lo, true);
  view.setUint32(at + 28, FetchAddr_hi, true);
  return true;
}

const F_TRANSLATION_names = [
  'EventNumber',
  'StreamID',
  'SSV',
  'SubstreamID',
  'STAG',
  'Stall',
  'PnU',
  'InD',
  'RnW',
  'NSIPA',
  'S2',
  'CLASS',
  'IMPL_DEF',
  'InputAddr',
  'IPA',
];
function read_F_TRANSLATION(view: DataView, at: number): F_TRANSLATION | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x10) & 0x7ff) | (w2 & 0x7fff0000) | (w3 & 0xfc31) | (w6 & 0xfff) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 16,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    STAG: w2 & 0xffff,
    Stall: w2 >>> 31,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    CLASS: (w3 >>> 8) & 0x3,
    IMPL_DEF: w3 >>> 16,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    IPA: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_TRANSLATION(view: DataView, at: number, value: Readonly<F_TRANSLATION>): boolean {
  const {
    EventNumber,
    StreamID,
    SSV,
    SubstreamID,
    STAG,
    Stall,
    PnU,
    InD,
    RnW,
    NSIPA,
    S2,
    CLASS,
    IMPL_DEF,
    InputAddr,
    IPA,
  } = value;
  if (EventNumber !== 16) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof STAG !== 'number' || (STAG & 0xffff) !== STAG) return false;
  if (typeof Stall !== 'number' || (Stall & 0x1) !== Stall) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (typeof CLASS !== 'number' || (CLASS & 0x3) !== CLASS) return false;
  if (typeof IMPL_DEF !== 'number' || (IMPL_DEF & 0xffff) !== IMPL_DEF) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(IPA, 0xfffff000, 0xffffff)) return false;
  const IPA_lo = lowHalf(),
    IPA_hi = highHalf();
  if (!hasOnly(value, F_TRANSLATION_names)) return false;
  view.setUint32(at, 0x10 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, STAG | (Stall << 31), true);
  view.setUint32(
    at + 12,
    (PnU << 1) | (InD << 2) | (RnW << 3) | (NSIPA << 6) | (S2 << 7) | (CLASS << 8) | (IMPL_DEF << 16),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, IPA_lo, true);
  view.setUint32(at + 28, IPA_hi, true);
  return true;
}

const F_ADDR_SIZE_names = [
  'EventNumber',
  'StreamID',
  'SSV',
  'SubstreamID',
  'STAG',
  'Stall',
  'PnU',
  'InD',
  'RnW',
  'NSIPA',
  'S2',
  'CLASS',
  'IMPL_DEF',
  'InputAddr',
  'IPA',
];
function read_F_ADDR_SIZE(view: DataView, at: number): F_ADDR_SIZE | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x11) & 0x7ff) | (w2 & 0x7fff0000) | (w3 & 0xfc31) | (w6 & 0xfff) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 17,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    STAG: w2 & 0xffff,
    Stall: w2 >>> 31,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    CLASS: (w3 >>> 8) & 0x3,
    IMPL_DEF: w3 >>> 16,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    IPA: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_ADDR_SIZE(view: DataView, at: number, value: Readonly<F_ADDR_SIZE>): boolean {
  const {
    EventNumber,
    StreamID,
    SSV,
    SubstreamID,
    STAG,
    Stall,
    PnU,
    InD,
    RnW,
    NSIPA,
    S2,
    CLASS,
    IMPL_DEF,
    InputAddr,
    IPA,
  } = value;
  if (EventNumber !== 17) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof STAG !== 'number' || (STAG & 0xffff) !== STAG) return false;
  if (typeof Stall !== 'number' || (Stall & 0x1) !== Stall) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (typeof CLASS !== 'number' || (CLASS & 0x3) !== CLASS) return false;
  if (typeof IMPL_DEF !== 'number' || (IMPL_DEF & 0xffff) !== IMPL_DEF) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(IPA, 0xfffff000, 0xffffff)) return false;
  const IPA_lo = lowHalf(),
    IPA_hi = highHalf();
  if (!hasOnly(value, F_ADDR_SIZE_names)) return false;
  view.setUint32(at, 0x11 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, STAG | (Stall << 31), true);
  view.setUint32(
    at + 12,
    (PnU << 1) | (InD << 2) | (RnW << 3) | (NSIPA << 6) | (S2 << 7) | (CLASS << 8) | (IMPL_DEF << 16),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, IPA_lo, true);
  view.setUint32(at + 28, IPA_hi, true);
  return true;
}

const F_ACCESS_names = [
  'EventNumber',
  'StreamID',
  'SSV',
  'SubstreamID',
  'STAG',
  'Stall',
  'PnU',
  'InD',
  'RnW',
  'NSIPA',
  'S2',
  'CLASS',
  'IMPL_DEF',
  'InputAddr',
  'IPA',
];
function read_F_ACCESS(view: DataView, at: number): F_ACCESS | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x12) & 0x7ff) | (w2 & 0x7fff0000) | (w3 & 0xfc31) | (w6 & 0xfff) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 18,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    STAG: w2 & 0xffff,
    Stall: w2 >>> 31,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    CLASS: (w3 >>> 8) & 0x3,
    IMPL_DEF: w3 >>> 16,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    IPA: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_ACCESS(view: DataView, at: number, value: Readonly<F_ACCESS>): boolean {
  const {
    EventNumber,
    StreamID,
    SSV,
    SubstreamID,
    STAG,
    Stall,
    PnU,
    InD,
    RnW,
    NSIPA,
    S2,
    CLASS,
    IMPL_DEF,
    InputAddr,
    IPA,
  } = value;
  if (EventNumber !== 18) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof STAG !== 'number' || (STAG & 0xffff) !== STAG) return false;
  if (typeof Stall !== 'number' || (Stall & 0x1) !== Stall) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (typeof CLASS !== 'number' || (CLASS & 0x3) !== CLASS) return false;
  if (typeof IMPL_DEF !== 'number' || (IMPL_DEF & 0xffff) !== IMPL_DEF) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(IPA, 0xfffff000, 0xffffff)) return false;
  const IPA_lo = lowHalf(),
    IPA_hi = highHalf();
  if (!hasOnly(value, F_ACCESS_names)) return false;
  view.setUint32(at, 0x12 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, STAG | (Stall << 31), true);
  view.setUint32(
    at + 12,
    (PnU << 1) | (InD << 2) | (RnW << 3) | (NSIPA << 6) | (S2 << 7) | (CLASS << 8) | (IMPL_DEF << 16),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, IPA_lo, true);
  view.setUint32(at + 28, IPA_hi, true);
  return true;
}

const F_PERMISSION_names = [
  'EventNumber',
  'StreamID',
  'SSV',
  'SubstreamID',
  'STAG',
  'Stall',
  'PnU',
  'InD',
  'RnW',
  'NSIPA',
  'S2',
  'CLASS',
  'IMPL_DEF',
  'InputAddr',
  'IPA',
  'DirtyBit',
  'AssuredOnly',
  'TTRnW',
  'Overlay',
];
function read_F_PERMISSION(view: DataView, at: number): F_PERMISSION | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x13) & 0x7ff) | (w2 & 0x7fff0000) | (w3 & 0xc031) | (w6 & 0xfff) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 19,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    STAG: w2 & 0xffff,
    Stall: w2 >>> 31,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    CLASS: (w3 >>> 8) & 0x3,
    IMPL_DEF: w3 >>> 16,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    IPA: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
    DirtyBit: (w3 >>> 10) & 0x1,
    AssuredOnly: (w3 >>> 11) & 0x1,
    TTRnW: (w3 >>> 12) & 0x1,
    Overlay: (w3 >>> 13) & 0x1,
  };
}

function write_F_PERMISSION(view: DataView, at: number, value: Readonly<F_PERMISSION>): boolean {
  const {
    EventNumber,
    StreamID,
    SSV,
    SubstreamID,
    STAG,
    Stall,
    PnU,
    InD,
    RnW,
    NSIPA,
    S2,
    CLASS,
    IMPL_DEF,
    InputAddr,
    IPA,
    DirtyBit,
    AssuredOnly,
    TTRnW,
    Overlay,
  } = value;
  if (EventNumber !== 19) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof STAG !== 'number' || (STAG & 0xffff) !== STAG) return false;
  if (typeof Stall !== 'number' || (Stall & 0x1) !== Stall) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (typeof CLASS !== 'number' || (CLASS & 0x3) !== CLASS) return false;
  if (typeof IMPL_DEF !== 'number' || (IMPL_DEF & 0xffff) !== IMPL_DEF) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(IPA, 0xfffff000, 0xffffff)) return false;
  const IPA_lo = lowHalf(),
    IPA_hi = highHalf();
  if (typeof DirtyBit !== 'number' || (DirtyBit & 0x1) !== DirtyBit) return false;
  if (typeof AssuredOnly !== 'number' || (AssuredOnly & 0x1) !== AssuredOnly) return false;
  if (typeof TTRnW !== 'number' || (TTRnW & 0x1) !== TTRnW) return false;
  if (typeof Overlay !== 'number' || (Overlay & 0x1) !== Overlay) return false;
  if (!hasOnly(value, F_PERMISSION_names)) return false;
  view.setUint32(at, 0x13 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, STAG | (Stall << 31), true);
  view.setUint32(
    at + 12,
    (PnU << 1) |
      (InD << 2) |
      (RnW << 3) |
      (NSIPA << 6) |
      (S2 << 7) |
      (CLASS << 8) |
      (IMPL_DEF << 16) |
      (DirtyBit << 10) |
      (AssuredOnly << 11) |
      (TTRnW << 12) |
      (Overlay << 13),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, IPA_lo, true);
  view.setUint32(at + 28, IPA_hi, true);
  return true;
}

const F_TLB_CONFLICT_names = [
  'EventNumber',
  'StreamID',
  'SSV',
  'SubstreamID',
  'Reason',
  'PnU',
  'InD',
  'RnW',
  'NSIPA',
  'S2',
  'InputAddr',
  'IPA',
];
function read_F_TLB_CONFLICT(view: DataView, at: number): F_TLB_CONFLICT | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x20) & 0x7ff) | (w3 & 0xffffff31) | (w6 & 0xfff) | (w7 & 0xff000000)) !== 0) return undefined;
  return {
    EventNumber: 32,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2,
    PnU: (w3 >>> 1) & 0x1,
    InD: (w3 >>> 2) & 0x1,
    RnW: (w3 >>> 3) & 0x1,
    NSIPA: (w3 >>> 6) & 0x1,
    S2: (w3 >>> 7) & 0x1,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
    IPA: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_TLB_CONFLICT(view: DataView, at: number, value: Readonly<F_TLB_CONFLICT>): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason, PnU, InD, RnW, NSIPA, S2, InputAddr, IPA } = value;
  if (EventNumber !== 32) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || Reason >>> 0 !== Reason) return false;
  if (typeof PnU !== 'number' || (PnU & 0x1) !== PnU) return false;
  if (typeof InD !== 'number' || (InD & 0x1) !== InD) return false;
  if (typeof RnW !== 'number' || (RnW & 0x1) !== RnW) return false;
  if (typeof NSIPA !== 'number' || (NSIPA & 0x1) !== NSIPA) return false;
  if (typeof S2 !== 'number' || (S2 & 0x1) !== S2) return false;
  if (!isWithin(InputAddr, 0xffffffff, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!isWithin(IPA, 0xfffff000, 0xffffff)) return false;
  const IPA_lo = lowHalf(),
    IPA_hi = highHalf();
  if (!hasOnly(value, F_TLB_CONFLICT_names)) return false;
  view.setUint32(at, 0x20 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason, true);
  view.setUint32(at + 12, (PnU << 1) | (InD << 2) | (RnW << 3) | (NSIPA << 6) | (S2 << 7), true);
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, IPA_lo, true);
  view.setUint32(at + 28, IPA_hi, true);
  return true;
}

const F_CFG_CONFLICT_names = ['EventNumber', 'StreamID', 'SSV', 'SubstreamID', 'Reason'];
function read_F_CFG_CONFLICT(view: DataView, at: number): F_CFG_CONFLICT | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x21) & 0x7ff) | w3 | w4 | w5 | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 33,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2,
  };
}

function write_F_CFG_CONFLICT(view: DataView, at: number, value: Readonly<F_CFG_CONFLICT>): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason } = value;
  if (EventNumber !== 33) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || Reason >>> 0 !== Reason) return false;
  if (!hasOnly(value, F_CFG_CONFLICT_names)) return false;
  view.setUint32(at, 0x21 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason, true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

const E_PAGE_REQUEST_names = [
  'EventNumber',
  'StreamID',
  'SSV',
  'SubstreamID',
  'uX',
  'uW',
  'uR',
  'pX',
  'pW',
  'pR',
  'Span',
  'InputAddr',
];
function read_E_PAGE_REQUEST(view: DataView, at: number): E_PAGE_REQUEST | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x24) & 0x7ff) | w2 | (w3 & 0xfff00f11) | (w4 & 0xfff) | w6 | w7) !== 0) return undefined;
  return {
    EventNumber: 36,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    uX: (w3 >>> 1) & 0x1,
    uW: (w3 >>> 2) & 0x1,
    uR: (w3 >>> 3) & 0x1,
    pX: (w3 >>> 5) & 0x1,
    pW: (w3 >>> 6) & 0x1,
    pR: (w3 >>> 7) & 0x1,
    Span: (w3 >>> 12) & 0xff,
    InputAddr: (w4 | w5) === 0 ? 0n : view.getBigUint64(at + 16, true),
  };
}

function write_E_PAGE_REQUEST(view: DataView, at: number, value: Readonly<E_PAGE_REQUEST>): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, uX, uW, uR, pX, pW, pR, Span, InputAddr } = value;
  if (EventNumber !== 36) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof uX !== 'number' || (uX & 0x1) !== uX) return false;
  if (typeof uW !== 'number' || (uW & 0x1) !== uW) return false;
  if (typeof uR !== 'number' || (uR & 0x1) !== uR) return false;
  if (typeof pX !== 'number' || (pX & 0x1) !== pX) return false;
  if (typeof pW !== 'number' || (pW & 0x1) !== pW) return false;
  if (typeof pR !== 'number' || (pR & 0x1) !== pR) return false;
  if (typeof Span !== 'number' || (Span & 0xff) !== Span) return false;
  if (!isWithin(InputAddr, 0xfffff000, 0xffffffff)) return false;
  const InputAddr_lo = lowHalf(),
    InputAddr_hi = highHalf();
  if (!hasOnly(value, E_PAGE_REQUEST_names)) return false;
  view.setUint32(at, 0x24 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(
    at + 12,
    (uX << 1) | (uW << 2) | (uR << 3) | (pX << 5) | (pW << 6) | (pR << 7) | (Span << 12),
    true,
  );
  view.setUint32(at + 16, InputAddr_lo, true);
  view.setUint32(at + 20, InputAddr_hi, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + 28, 0, true);
  return true;
}

const F_VMS_FETCH_names = ['EventNumber', 'StreamID', 'SSV', 'SubstreamID', 'Reason', 'GPCF', 'FetchAddr'];
function read_F_VMS_FETCH(view: DataView, at: number): F_VMS_FETCH | undefined {
  const w0 = view.getUint32(at, true);
  const w1 = view.getUint32(at + 4, true);
  const w2 = view.getUint32(at + 8, true);
  const w3 = view.getUint32(at + 12, true);
  const w4 = view.getUint32(at + 16, true);
  const w5 = view.getUint32(at + 20, true);
  const w6 = view.getUint32(at + 24, true);
  const w7 = view.getUint32(at + 28, true);
  if ((((w0 ^ 0x25) & 0x7ff) | (w2 & 0xfffe0000) | w3 | w4 | w5 | (w6 & 0x7) | (w7 & 0xff000000)) !== 0)
    return undefined;
  return {
    EventNumber: 37,
    StreamID: w1,
    SSV: (w0 >>> 11) & 0x1,
    SubstreamID: w0 >>> 12,
    Reason: w2 & 0xffff,
    GPCF: (w2 >>> 16) & 0x1,
    FetchAddr: (w6 | w7) === 0 ? 0n : view.getBigUint64(at + 24, true),
  };
}

function write_F_VMS_FETCH(view: DataView, at: number, value: Readonly<F_VMS_FETCH>): boolean {
  const { EventNumber, StreamID, SSV, SubstreamID, Reason, GPCF, FetchAddr } = value;
  if (EventNumber !== 37) return false;
  if (typeof StreamID !== 'number' || StreamID >>> 0 !== StreamID) return false;
  if (typeof SSV !== 'number' || (SSV & 0x1) !== SSV) return false;
  if (typeof SubstreamID !== 'number' || (SubstreamID & 0xfffff) !== SubstreamID) return false;
  if (typeof Reason !== 'number' || (Reason & 0xffff) !== Reason) return false;
  if (typeof GPCF !== 'number' || (GPCF & 0x1) !== GPCF) return false;
  if (!isWithin(FetchAddr, 0xfffffff8, 0xffffff)) return false;
  const FetchAddr_lo = lowHalf(),
    FetchAddr_hi = highHalf();
  if (!hasOnly(value, F_VMS_FETCH_names)) return false;
  view.setUint32(at, 0x25 | (SSV << 11) | (SubstreamID << 12), true);
  view.setUint32(at + 4, StreamID, true);
  view.setUint32(at + 8, Reason | (GPCF << 16), true);
  view.setUint32(at + 12, 0, true);
  view.setUint32(at + 16, 0, true);
  view.setUint32(at + 20, 0, true);
  view.setUint32(at + 24, FetchAddr_lo, true);
  view.setUint32(at + 28, FetchAddr_hi, true);
  return true;
}

export const smmuv3_event: Compiled<Smmuv3Event, Readonly<Smmuv3Event>> = {
  read(view, at) {
    switch (view.getUint8(at)) {
      case 1:
        return read_F_UUT(view, at);
      case 2:
        return read_C_BAD_STREAMID(view, at);
      case 3:
        return read_F_STE_FETCH(view, at);
      case 4:
        return read_C_BAD_STE(view, at);
      case 5:
        return read_F_BAD_ATS_TREQ(view, at);
      case 6:
        return read_F_STREAM_DISABLED(view, at);
      case 7:
        return read_F_TRANSL_FORBIDDEN(view, at);
      case 8:
        return read_C_BAD_SUBSTREAMID(view, at);
      case 9:
        return read_F_CD_FETCH(view, at);
      case 10:
        return read_C_BAD_CD(view, at);
      case 11:
        return read_F_WALK_EABT(view, at);
      case 16:
        return read_F_TRANSLATION(view, at);
      case 17:
        return read_F_ADDR_SIZE(view, at);
      case 18:
        return read_F_ACCESS(view, at);
      case 19:
        return read_F_PERMISSION(view, at);
      case 32:
        return read_F_TLB_CONFLICT(view, at);
      case 33:
        return read_F_CFG_CONFLICT(view, at);
      case 36:
        return read_E_PAGE_REQUEST(view, at);
      case 37:
        return read_F_VMS_FETCH(view, at);
      default:
        return undefined;
    }
  },
  write(view, at, value) {
    switch (value.EventNumber) {
      case 1:
        return write_F_UUT(view, at, value);
      case 2:
        return write_C_BAD_STREAMID(view, at, value);
      case 3:
        return write_F_STE_FETCH(view, at, value);
      case 4:
        return write_C_BAD_STE(view, at, value);
      case 5:
        return write_F_BAD_ATS_TREQ(view, at, value);
      case 6:
        return write_F_STREAM_DISABLED(view, at, value);
      case 7:
        return write_F_TRANSL_FORBIDDEN(view, at, value);
      case 8:
        return write_C_BAD_SUBSTREAMID(view, at, value);
      case 9:
        return write_F_CD_FETCH(view, at, value);
      case 10:
        return write_C_BAD_CD(view, at, value);
      case 11:
        return write_F_WALK_EABT(view, at, value);
      case 16:
        return write_F_TRANSLATION(view, at, value);
      case 17:
        return write_F_ADDR_SIZE(view, at, value);
      case 18:
        return write_F_ACCESS(view, at, value);
      case 19:
        return write_F_PERMISSION(view, at, value);
      case 32:
        return write_F_TLB_CONFLICT(view, at, value);
      case 33:
        return write_F_CFG_CONFLICT(view, at, value);
      case 36:
        return write_E_PAGE_REQUEST(view, at, value);
      case 37:
        return write_F_VMS_FETCH(view, at, value);
      default:
        return false;
    }
  },
};
