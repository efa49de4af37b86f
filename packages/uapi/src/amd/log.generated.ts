// Written by `pnpm compile` from log.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';
import type { UnknownVariant } from '../struct/variants.js';

/** The device table entry is invalid. Section 2.5.2. */
export interface ILLEGAL_DEV_TABLE_ENTRY {
  /** [63:60] Marks this form. */
  EventCode: 1;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [19:16] PASID, bits 19:16; valid with GN. */
  PASID_HI: number;
  /** [47:32] PASID, bits 15:0; valid with GN. */
  PASID_LO: number;
  /** [48] 1 if the address is guest-virtual, with a PASID. */
  GN: number;
  /** [51] 1 for an interrupt request, 0 for an access to memory. */
  I: number;
  /** [53] 1 for a write, 0 for a read; valid if TR and I are 0. */
  RW: number;
  /** [55] 1 if a reserved bit was not zero, 0 if a level or a mode was invalid. */
  RZ: number;
  /** [56] 1 for a translation request (ATS), 0 for an access. */
  TR: number;
  /** [127:64] Address that the device used. */
  Address: bigint;
}

/** A page table, or the interrupt remapping table, does not allow the access. Section 2.5.3. */
export interface IO_PAGE_FAULT {
  /** [63:60] Marks this form. */
  EventCode: 2;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [19:16] PASID, bits 19:16; valid with GN. */
  PASID_HI: number;
  /** [47:32] Domain; with GN the PASID, bits 15:0. */
  DomainID: number;
  /** [48] 1 if the address is guest-virtual, with a PASID. */
  GN: number;
  /** [49] 1 if execution was requested and is forbidden; valid with GN. */
  NX: number;
  /** [50] 1 for a user access, 0 for a supervisor access; valid with GN. */
  US: number;
  /** [51] 1 for an interrupt request, 0 for an access to memory. */
  I: number;
  /** [52] 1 if the page is present, or the interrupt is remapped; 0 if not. */
  PR: number;
  /** [53] 1 for a write, 0 for a read; valid if TR and I are 0. */
  RW: number;
  /** [54] 1 if the device lacks the permission; valid with PR. */
  PE: number;
  /** [55] 1 if a reserved bit was not zero, 0 if a level or a mode was invalid. */
  RZ: number;
  /** [56] 1 for a translation request (ATS), 0 for an access. */
  TR: number;
  /** [127:64] Address that the device used. */
  Address: bigint;
}

/** The device table could not be read. Section 2.5.4. */
export interface DEV_TAB_HARDWARE_ERROR {
  /** [63:60] Marks this form. */
  EventCode: 3;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [51] 1 for an interrupt request, 0 for an access to memory. */
  I: number;
  /** [53] 1 for a write, 0 for a read; valid if TR and I are 0. */
  RW: number;
  /** [56] 1 for a translation request (ATS), 0 for an access. */
  TR: number;
  /** [58:57] Error of the access. One of amd_hardware_error. */
  Type: number;
  /** [127:64] Address that the IOMMU read. */
  Address: bigint;
}

/** A page table could not be read. Section 2.5.5. */
export interface PAGE_TAB_HARDWARE_ERROR {
  /** [63:60] Marks this form. */
  EventCode: 4;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [19:16] PASID, bits 19:16; valid with GN. */
  PASID_HI: number;
  /** [47:32] Domain; with GN the PASID, bits 15:0. */
  DomainID: number;
  /** [48] 1 if the address is guest-virtual, with a PASID. */
  GN: number;
  /** [51] 1 for an interrupt request, 0 for an access to memory. */
  I: number;
  /** [53] 1 for a write, 0 for a read; valid if TR and I are 0. */
  RW: number;
  /** [56] 1 for a translation request (ATS), 0 for an access. */
  TR: number;
  /** [58:57] Error of the access. One of amd_hardware_error. */
  Type: number;
  /** [127:64] Address that the IOMMU read. */
  Address: bigint;
}

/** A command is invalid. The IOMMU has stopped reading commands. Section 2.5.6. */
export interface ILLEGAL_COMMAND_ERROR {
  /** [63:60] Marks this form. */
  EventCode: 5;
  /** [127:64] Address of the command. */
  Address: bigint;
}

/** A command could not be read. The IOMMU has stopped reading commands. Section 2.5.7. */
export interface COMMAND_HARDWARE_ERROR {
  /** [63:60] Marks this form. */
  EventCode: 6;
  /** [58:57] Error of the access. One of amd_hardware_error. */
  Type: number;
  /** [127:64] Address that the IOMMU read. */
  Address: bigint;
}

/** A device did not complete an invalidation in time. Section 2.5.8. */
export interface IOTLB_INV_TIMEOUT {
  /** [63:60] Marks this form. */
  EventCode: 7;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [127:64] Address of the command. */
  Address: bigint;
}

/** A device sent an invalid request. Section 2.5.9. */
export interface INVALID_DEVICE_REQUEST {
  /** [63:60] Marks this form. */
  EventCode: 8;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [19:16] PASID, bits 19:16; valid with GN. */
  PASID_HI: number;
  /** [47:32] PASID, bits 15:0; valid with GN. */
  PASID_LO: number;
  /** [48] 1 if the address is guest-virtual, with a PASID. */
  GN: number;
  /** [49] 1 for a user access, 0 for a supervisor access; valid with GN. */
  US: number;
  /** [56] 1 for a translation request (ATS), 0 for an access. */
  TR: number;
  /** [59:57] Why it is invalid. One of amd_invalid_request. */
  Type: number;
  /** [127:64] Address that the device used. */
  Address: bigint;
}

/** A device sent an invalid page request. Section 2.5.10. */
export interface INVALID_PPR_REQUEST {
  /** [63:60] Marks this form. */
  EventCode: 9;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [31:16] PASID, bits 15:0; valid with GN. */
  PASID_LO: number;
  /** [41:32] Tag of the page request. */
  Tag: number;
  /** [45:42] PASID, bits 19:16; valid with GN. */
  PASID_HI: number;
  /** [48] 1 if the address is guest-virtual, with a PASID. */
  GN: number;
  /** [55] 1 if a reserved bit was not zero, 0 if a level or a mode was invalid. */
  RZ: number;
  /** [56] 1 for a translation request (ATS), 0 for an access. */
  TR: number;
  /** [59:57] Why it is invalid: 0 if the device may not send page requests, 1 if it has no guest tables. */
  Type: number;
  /** [50] 1 for a user access, 0 for a supervisor access; valid with GN. */
  US: number;
  /** [51] 1 for an interrupt request, 0 for an access to memory. */
  I: number;
  /** [52] 1 if the page is present. */
  PR: number;
  /** [53] 1 for a write, 0 for a read; valid if TR and I are 0. */
  RW: number;
  /** [54] 1 if the device lacks the permission. */
  PE: number;
  /** [49] 1 if execution was requested; valid with GN. */
  NX: number;
  /** [127:64] Address that the device used. */
  Address: bigint;
}

/** A performance counter wrapped. Section 2.5.11. */
export interface EVENT_COUNTER_ZERO {
  /** [63:60] Marks this form. */
  EventCode: 10;
  /** [83:64] Note of the counter, bits 51:32. */
  CounterNoteHi: number;
  /** [127:96] Note of the counter, bits 31:0. */
  CounterNoteLo: number;
}

/** The reverse map table does not allow the access (SEV-SNP). Section 2.5.14. */
export interface RMP_PAGE_FAULT {
  /** [63:60] Marks this form. */
  EventCode: 13;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [23:16] Flags of the reverse map table. */
  FlagsRMP: number;
  /** [47:32] Tag of the virtual machine. */
  VMGTag: number;
  /** [59:48] Flags. */
  Flags: number;
  /** [127:64] Guest-physical address. */
  Address: bigint;
}

/** The reverse map table could not be read (SEV-SNP). Section 2.5.15. */
export interface RMP_HARDWARE_ERROR {
  /** [63:60] Marks this form. */
  EventCode: 14;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [47:32] Tag of the virtual machine. */
  VMGTag: number;
  /** [59:48] Flags. */
  Flags: number;
  /** [127:64] System-physical address. */
  Address: bigint;
}

/** A amd_event of a form that is known. */
export type KnownAmdEvent =
  | ILLEGAL_DEV_TABLE_ENTRY
  | IO_PAGE_FAULT
  | DEV_TAB_HARDWARE_ERROR
  | PAGE_TAB_HARDWARE_ERROR
  | ILLEGAL_COMMAND_ERROR
  | COMMAND_HARDWARE_ERROR
  | IOTLB_INV_TIMEOUT
  | INVALID_DEVICE_REQUEST
  | INVALID_PPR_REQUEST
  | EVENT_COUNTER_ZERO
  | RMP_PAGE_FAULT
  | RMP_HARDWARE_ERROR;

/** A amd_event whose EventCode has no form. */
export type UnknownAmdEvent = UnknownVariant<'EventCode', KnownAmdEvent['EventCode']>;

/** An entry of the event log of an AMD IOMMU. */
export type AmdEvent = KnownAmdEvent | UnknownAmdEvent;

export const amd_event: Named<AmdEvent> = undefined;

/** A page request of a device. Section 2.6. */
export interface PAGE_SERVICE_REQUEST {
  /** [63:60] Marks this form. */
  PPRCode: 1;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [31:16] PASID, bits 15:0; valid with GN. */
  PASID_LO: number;
  /** [41:32] Index of the page request group; bit 9 is 1 for the last request of the group. */
  PRGIndex: number;
  /** [45:42] PASID, bits 19:16; valid with GN. */
  PASID_HI: number;
  /** [49] 1 if execution is requested. */
  EXEC: number;
  /** [50] 1 if read access is requested. */
  READ: number;
  /** [53] 1 if write access is requested. */
  WRITE: number;
  /** [54] 1 for a user access, 0 for a supervisor access. */
  US: number;
  /** [55] 1 if a reserved bit was not zero. */
  RZ: number;
  /** [56] 1 if the address is guest-virtual and the PASID is valid. */
  GN: number;
  /** [127:76] Address of the requested page, aligned to 4 KB. */
  Address: bigint;
}

/** A amd_ppr of a form that is known. */
export type KnownAmdPpr = PAGE_SERVICE_REQUEST;

/** A amd_ppr whose PPRCode has no form. */
export type UnknownAmdPpr = UnknownVariant<'PPRCode', KnownAmdPpr['PPRCode']>;

/** An entry of the log of peripheral page requests of an AMD IOMMU. */
export type AmdPpr = KnownAmdPpr | UnknownAmdPpr;

export const amd_ppr: Named<AmdPpr> = undefined;
