/** What software writes for an AMD IOMMU: commands, and the entries of the device table. */
import { addressBits, bit, bits, bitStruct, hexBits, streamBits, wideBits } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import { variant, variants } from '../struct/variants.js';

/** How a page request was served. Source: AMD I/O Virtualization, 2.4.7. */
export const amd_ppr_response = enumeration(
  'amd_ppr_response',
  'What a device is answered about a page request; others are reserved.',
  {
    SUCCESS: [0x0, 'The page is there.'],
    INVALID: [0x1, 'The page could not be provided.'],
    FAILURE: [0xf, 'Page requests do not work for this device.'],
  },
);

const DeviceID = streamBits(15, 0, 'Requester ID of the device.');
const DomainID = hexBits(47, 32, 'Domain.');
const S = bit(64, '1 if the lowest clear bit of Address says how many pages; 0 for one page.');
const GN = bit(66, '1 if Address is that of a guest, and the PASID meaningful.');
const Address = addressBits(127, 76, 'First page, and how many, see S.');

/**
 * A command of the command buffer, told apart by `Opcode`.
 * Source: AMD I/O Virtualization, 2.4.1 to 2.4.8; `drivers/iommu/amd/iommu.c`.
 */
export const amd_command = variants(
  'amd_command',
  'A command of the command buffer of an AMD IOMMU.',
  16,
  'Opcode',
  {
    COMPLETION_WAIT: variant(0x1, '2.4.1', 'Waits for the commands before it.', {
      S: bit(0, '1 to write StoreData to StoreAddress.'),
      I: bit(1, '1 to raise an interrupt.'),
      F: bit(2, '1 if later commands wait for it as well.'),
      StoreAddress: addressBits(51, 3, 'Where it is written, aligned to 8.'),
      StoreData: wideBits(127, 64, 'Word that is written.'),
    }),
    INVALIDATE_DEVTAB_ENTRY: variant(0x2, '2.4.2', 'Drops the device table entry of a device.', { DeviceID }),
    INVALIDATE_IOMMU_PAGES: variant(0x3, '2.4.3', 'Drops translations of a domain.', {
      PASID: hexBits(19, 0, 'PASID; meaningful with GN.'),
      DomainID,
      S,
      PDE: bit(65, '1 if entries of upper levels are dropped, too.'),
      GN,
      Address,
    }),
    INVALIDATE_IOTLB_PAGES: variant(0x4, '2.4.4', 'Has a device drop its own translations (ATS).', {
      DeviceID,
      PASID_15_8: hexBits(23, 16, 'PASID, bits 15:8; meaningful with GN.'),
      MaxPend: bits(31, 24, 'How many invalidations the device takes at a time.'),
      QueueID: streamBits(47, 32, 'Which queue of the device; its requester ID, where it has one queue.'),
      PASID_7_0: hexBits(55, 48, 'PASID, bits 7:0; meaningful with GN.'),
      PASID_19_16: hexBits(59, 56, 'PASID, bits 19:16; meaningful with GN.'),
      S,
      GN,
      Type: bits(69, 68, 'Kind of the invalidation.'),
      Address,
    }),
    INVALIDATE_INTERRUPT_TABLE: variant(0x5, '2.4.5', 'Drops the interrupt remapping table of a device.', {
      DeviceID,
    }),
    PREFETCH_IOMMU_PAGES: variant(0x6, '2.4.6', 'Hint: fetch translations of a device.', {
      DeviceID,
      PFCount: bits(31, 24, 'How many pages.'),
      PASID: hexBits(51, 32, 'PASID; meaningful with GN.'),
      S: bit(64, 'Size of the pages.'),
      Inval: bit(68, '1 to drop the translations first.'),
      GN,
      Address: addressBits(127, 76, 'First page, aligned to 4 KB.'),
    }),
    COMPLETE_PPR_REQUEST: variant(0x7, '2.4.7', 'Answers a page request.', {
      DeviceID,
      PASID: hexBits(51, 32, 'PASID; meaningful with GN.'),
      GN,
      Tag: hexBits(105, 96, 'Index of the page request group.'),
      Response: bits(111, 108, 'How it was served.', amd_ppr_response),
    }),
    INVALIDATE_IOMMU_ALL: variant(0x8, '2.4.8', 'Drops everything.', {}),
  },
  { tag: { hi: 63, lo: 60 } },
);

/** How interrupts of a device are treated. Source: AMD I/O Virtualization, 2.2.2.1. */
export const amd_interrupt_control = enumeration(
  'amd_interrupt_control',
  'What becomes of fixed and arbitrated interrupts; 3 is reserved.',
  {
    ABORT: [0, 'They are refused.'],
    FORWARD: [1, 'They pass without remapping.'],
    REMAP: [2, 'They are remapped.'],
  },
);

/** How deep the page table of the host is. Source: AMD I/O Virtualization, 2.2.2.1. */
export const amd_paging_mode = enumeration('amd_paging_mode', 'Levels of the page table; 7 is reserved.', {
  NONE: [0, 'Addresses are not translated.'],
  LEVELS_1: [1, '1 level.'],
  LEVELS_2: [2, '2 levels.'],
  LEVELS_3: [3, '3 levels.'],
  LEVELS_4: [4, '4 levels.'],
  LEVELS_5: [5, '5 levels.'],
  LEVELS_6: [6, '6 levels.'],
});

/**
 * An entry of the device table; `DTE[0]` to `DTE[3]` of Linux' log are its words.
 * Source: AMD I/O Virtualization, 2.2.2.1; `drivers/iommu/amd/amd_iommu_types.h`.
 */
export const amd_dte = bitStruct('amd_dte', 'An entry of the device table of an AMD IOMMU.', 32, {
  V: bit(0, '1 if bits 127:1 are valid.'),
  TV: bit(1, '1 if the page table fields are valid.'),
  HAD: bits(8, 7, 'Who updates accessed and dirty bits in the host page table; 0 for nothing.'),
  Mode: bits(11, 9, 'Levels of the host page table.', amd_paging_mode),
  HostPageTableRoot: addressBits(51, 12, 'Where the host page table is.'),
  PPR: bit(52, '1 if the device may send page requests.'),
  GPRP: bit(53, '1 if answers to its page requests have a PASID.'),
  GIoV: bit(54, '1 if requests without a PASID are translated by the guest table of PASID 0.'),
  GV: bit(55, '1 if the guest translation fields are valid.'),
  GLX: bits(57, 56, 'Levels of the table of guest CR3s, less one.'),
  GCR3TableRoot_14_12: hexBits(60, 58, 'Where the table of guest CR3s is, bits 14:12.'),
  IR: bit(61, '1 if the device may read.'),
  IW: bit(62, '1 if the device may write.'),
  DomainID: hexBits(79, 64, 'Domain, which translations are cached under.'),
  GCR3TableRoot_30_15: hexBits(95, 80, 'Where the table of guest CR3s is, bits 30:15.'),
  I: bit(96, '1 if the device may send translation requests (ATS).'),
  SE: bit(97, '1 if after one page fault no more are logged.'),
  SA: bit(98, '1 if no page faults are logged.'),
  IOCtl: bits(100, 99, 'What becomes of port I/O: 0 refused, 1 passed, 2 translated.'),
  Cache: bit(101, '1 if translations of ATS are not cached.'),
  SD: bit(102, '1 if the IOMMU does not snoop when it reads tables.'),
  EX: bit(103, '1 if the exclusion range is not translated.'),
  SysMgt: bits(
    105,
    104,
    'What becomes of system management messages: 0 refused, 1 and 2 passed, 3 translated.',
  ),
  SATS: bit(106, '1 for secure ATS.'),
  GCR3TableRoot_51_31: hexBits(127, 107, 'Where the table of guest CR3s is, bits 51:31.'),
  IV: bit(128, '1 if the interrupt fields are valid.'),
  IntTabLen: bits(132, 129, 'Base 2 logarithm of the length of the interrupt remapping table.'),
  IG: bit(133, '1 if interrupts that are not mapped are not logged.'),
  InterruptTableRoot: addressBits(179, 134, 'Where the interrupt remapping table is, aligned to 64.'),
  GuestPagingMode: bits(183, 182, 'Levels of the guest page table: 0 for 4, 1 for 5.'),
  InitPass: bit(184, '1 if INIT passes.'),
  EIntPass: bit(185, '1 if ExtInt passes.'),
  NMIPass: bit(186, '1 if NMI passes.'),
  HPTMode: bit(187, '1 if the host page table is in guest format.'),
  IntCtl: bits(189, 188, 'What becomes of interrupts.', amd_interrupt_control),
  Lint0Pass: bit(190, '1 if LINT0 passes.'),
  Lint1Pass: bit(191, '1 if LINT1 passes.'),
  VImuEn: bit(207, '1 with a virtual IOMMU.'),
  GDeviceID: streamBits(223, 208, 'With a virtual IOMMU: the requester ID that the guest sees.'),
  GuestID: hexBits(239, 224, 'With a virtual IOMMU: which guest.'),
  AttrV: bit(246, '1 if Mode0FC and SnoopAttribute are valid.'),
  Mode0FC: bit(247, 'Coherence of accesses that are not translated.'),
  SnoopAttribute: hexBits(255, 248, 'Attributes of accesses.'),
});
