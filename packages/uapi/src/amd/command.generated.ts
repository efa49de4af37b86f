// Written by `pnpm compile` from command.ts: change that, and run it again.
import type { Named } from '../struct/compiled.js';
import type { UnknownVariant } from '../struct/variants.js';

/** Waits for the commands before it. Section 2.4.1. */
export interface COMPLETION_WAIT {
  /** [63:60] Marks this form. */
  Opcode: 1;
  /** [0] 1 to write StoreData to StoreAddress. */
  S: number;
  /** [1] 1 to raise an interrupt. */
  I: number;
  /** [2] 1 if later commands wait for this one. */
  F: number;
  /** [51:3] Address of the write, aligned to 8. */
  StoreAddress: bigint;
  /** [127:64] Word to write. */
  StoreData: bigint;
}

/** Invalidates the device table entry of a device. Section 2.4.2. */
export interface INVALIDATE_DEVTAB_ENTRY {
  /** [63:60] Marks this form. */
  Opcode: 2;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
}

/** Invalidates translations of a domain. Section 2.4.3. */
export interface INVALIDATE_IOMMU_PAGES {
  /** [63:60] Marks this form. */
  Opcode: 3;
  /** [19:0] PASID; valid with GN. */
  PASID: number;
  /** [47:32] Domain. */
  DomainID: number;
  /** [64] 1 if the lowest clear bit of Address encodes the number of pages; 0 for one page. */
  S: number;
  /** [65] 1 to also invalidate entries of upper levels. */
  PDE: number;
  /** [66] 1 if Address is a guest address and the PASID is valid. */
  GN: number;
  /** [127:76] First page, and the number of pages, see S. */
  Address: bigint;
}

/** Makes a device invalidate its own translations (ATS). Section 2.4.4. */
export interface INVALIDATE_IOTLB_PAGES {
  /** [63:60] Marks this form. */
  Opcode: 4;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [23:16] PASID, bits 15:8; valid with GN. */
  PASID_15_8: number;
  /** [31:24] Maximum number of pending invalidations of the device. */
  MaxPend: number;
  /** [47:32] Queue of the device; its requester ID if it has one queue. */
  QueueID: number;
  /** [55:48] PASID, bits 7:0; valid with GN. */
  PASID_7_0: number;
  /** [59:56] PASID, bits 19:16; valid with GN. */
  PASID_19_16: number;
  /** [64] 1 if the lowest clear bit of Address encodes the number of pages; 0 for one page. */
  S: number;
  /** [66] 1 if Address is a guest address and the PASID is valid. */
  GN: number;
  /** [69:68] Kind of the invalidation. */
  Type: number;
  /** [127:76] First page, and the number of pages, see S. */
  Address: bigint;
}

/** Invalidates the interrupt remapping table of a device. Section 2.4.5. */
export interface INVALIDATE_INTERRUPT_TABLE {
  /** [63:60] Marks this form. */
  Opcode: 5;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
}

/** Hint: fetch translations of a device. Section 2.4.6. */
export interface PREFETCH_IOMMU_PAGES {
  /** [63:60] Marks this form. */
  Opcode: 6;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [31:24] Number of pages. */
  PFCount: number;
  /** [51:32] PASID; valid with GN. */
  PASID: number;
  /** [64] Size of the pages. */
  S: number;
  /** [68] 1 to invalidate the translations first. */
  Inval: number;
  /** [66] 1 if Address is a guest address and the PASID is valid. */
  GN: number;
  /** [127:76] First page, aligned to 4 KB. */
  Address: bigint;
}

/** Responds to a page request. Section 2.4.7. */
export interface COMPLETE_PPR_REQUEST {
  /** [63:60] Marks this form. */
  Opcode: 7;
  /** [15:0] Requester ID of the device. */
  DeviceID: number;
  /** [51:32] PASID; valid with GN. */
  PASID: number;
  /** [66] 1 if Address is a guest address and the PASID is valid. */
  GN: number;
  /** [105:96] Index of the page request group. */
  Tag: number;
  /** [111:108] The response. One of amd_ppr_response. */
  Response: number;
}

/** Invalidates everything. Section 2.4.8. */
export interface INVALIDATE_IOMMU_ALL {
  /** [63:60] Marks this form. */
  Opcode: 8;
}

/** A amd_command of a form that is known. */
export type KnownAmdCommand =
  | COMPLETION_WAIT
  | INVALIDATE_DEVTAB_ENTRY
  | INVALIDATE_IOMMU_PAGES
  | INVALIDATE_IOTLB_PAGES
  | INVALIDATE_INTERRUPT_TABLE
  | PREFETCH_IOMMU_PAGES
  | COMPLETE_PPR_REQUEST
  | INVALIDATE_IOMMU_ALL;

/** A amd_command whose Opcode has no form. */
export type UnknownAmdCommand = UnknownVariant<'Opcode', KnownAmdCommand['Opcode']>;

/** A command of the command buffer of an AMD IOMMU. */
export type AmdCommand = KnownAmdCommand | UnknownAmdCommand;

export const amd_command: Named<AmdCommand> = undefined;

/** An entry of the device table of an AMD IOMMU. */
export interface AmdDte {
  /** [0] 1 if bits 127:1 are valid. */
  V: number;
  /** [1] 1 if the page table fields are valid. */
  TV: number;
  /** [8:7] Update of accessed and dirty bits in the host page table; 0 for no update. */
  HAD: number;
  /** [11:9] Levels of the host page table. One of amd_paging_mode. */
  Mode: number;
  /** [51:12] Address of the host page table. */
  HostPageTableRoot: bigint;
  /** [52] 1 if the device may send page requests. */
  PPR: number;
  /** [53] 1 if responses to its page requests have a PASID. */
  GPRP: number;
  /** [54] 1 if requests without a PASID are translated by the guest table of PASID 0. */
  GIoV: number;
  /** [55] 1 if the guest translation fields are valid. */
  GV: number;
  /** [57:56] Levels of the table of guest CR3s, minus one. */
  GLX: number;
  /** [60:58] Address of the table of guest CR3s, bits 14:12. */
  GCR3TableRoot_14_12: number;
  /** [61] 1 if the device may read. */
  IR: number;
  /** [62] 1 if the device may write. */
  IW: number;
  /** [79:64] Domain: the tag of cached translations. */
  DomainID: number;
  /** [95:80] Address of the table of guest CR3s, bits 30:15. */
  GCR3TableRoot_30_15: number;
  /** [96] 1 if the device may send translation requests (ATS). */
  I: number;
  /** [97] 1 if only the first page fault is logged. */
  SE: number;
  /** [98] 1 to log no page faults. */
  SA: number;
  /** [100:99] Handling of port I/O: 0 aborted, 1 forwarded, 2 translated. */
  IOCtl: number;
  /** [101] 1 if translations of ATS are not cached. */
  Cache: number;
  /** [102] 1 if the IOMMU does not snoop when it reads tables. */
  SD: number;
  /** [103] 1 if the exclusion range is not translated. */
  EX: number;
  /** [105:104] Handling of system management messages: 0 aborted, 1 and 2 forwarded, 3 translated. */
  SysMgt: number;
  /** [106] 1 for secure ATS. */
  SATS: number;
  /** [127:107] Address of the table of guest CR3s, bits 51:31. */
  GCR3TableRoot_51_31: number;
  /** [128] 1 if the interrupt fields are valid. */
  IV: number;
  /** [132:129] Base 2 logarithm of the length of the interrupt remapping table. */
  IntTabLen: number;
  /** [133] 1 if unmapped interrupts are not logged. */
  IG: number;
  /** [179:134] Address of the interrupt remapping table, aligned to 64. */
  InterruptTableRoot: bigint;
  /** [183:182] Levels of the guest page table: 0 for 4, 1 for 5. */
  GuestPagingMode: number;
  /** [184] 1 if INIT is forwarded. */
  InitPass: number;
  /** [185] 1 if ExtInt is forwarded. */
  EIntPass: number;
  /** [186] 1 if NMI is forwarded. */
  NMIPass: number;
  /** [187] 1 if the host page table has the guest format. */
  HPTMode: number;
  /** [189:188] Handling of interrupts. One of amd_interrupt_control. */
  IntCtl: number;
  /** [190] 1 if LINT0 is forwarded. */
  Lint0Pass: number;
  /** [191] 1 if LINT1 is forwarded. */
  Lint1Pass: number;
  /** [207] 1 with a virtual IOMMU. */
  VImuEn: number;
  /** [223:208] With a virtual IOMMU: the requester ID in the guest. */
  GDeviceID: number;
  /** [239:224] With a virtual IOMMU: id of the guest. */
  GuestID: number;
  /** [246] 1 if Mode0FC and SnoopAttribute are valid. */
  AttrV: number;
  /** [247] Coherence of untranslated accesses. */
  Mode0FC: number;
  /** [255:248] Attributes of accesses. */
  SnoopAttribute: number;
}

export const amd_dte: Named<AmdDte> = undefined;
