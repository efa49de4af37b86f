/** Structures that software writes for an AMD IOMMU: commands and device table entries. */
import { addressBits, bit, bits, bitStruct, hexBits, streamBits, wideBits } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import { variant, variants } from '../struct/variants.js';

/** The response to a page request. Source: AMD I/O Virtualization, 2.4.7. */
export const amd_ppr_response = enumeration(
  'amd_ppr_response',
  'The response to a page request; other values are reserved.',
  {
    SUCCESS: [0x0, 'The page is available.'],
    INVALID: [0x1, 'The page could not be provided.'],
    FAILURE: [0xf, 'The device must not send page requests.'],
  },
);

const DeviceID = streamBits(15, 0, 'Requester ID of the device.');
const DomainID = hexBits(47, 32, 'Domain.');
const S = bit(64, '1 if the lowest clear bit of Address encodes the number of pages; 0 for one page.');
const GN = bit(66, '1 if Address is a guest address and the PASID is valid.');
const Address = addressBits(127, 76, 'First page, and the number of pages, see S.');

/**
 * A command of the command buffer. `Opcode` selects its form.
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
      F: bit(2, '1 if later commands wait for this one.'),
      StoreAddress: addressBits(51, 3, 'Address of the write, aligned to 8.'),
      StoreData: wideBits(127, 64, 'Word to write.'),
    }),
    INVALIDATE_DEVTAB_ENTRY: variant(0x2, '2.4.2', 'Invalidates the device table entry of a device.', {
      DeviceID,
    }),
    INVALIDATE_IOMMU_PAGES: variant(0x3, '2.4.3', 'Invalidates translations of a domain.', {
      PASID: hexBits(19, 0, 'PASID; valid with GN.'),
      DomainID,
      S,
      PDE: bit(65, '1 to also invalidate entries of upper levels.'),
      GN,
      Address,
    }),
    INVALIDATE_IOTLB_PAGES: variant(0x4, '2.4.4', 'Makes a device invalidate its own translations (ATS).', {
      DeviceID,
      PASID_15_8: hexBits(23, 16, 'PASID, bits 15:8; valid with GN.'),
      MaxPend: bits(31, 24, 'Maximum number of pending invalidations of the device.'),
      QueueID: streamBits(47, 32, 'Queue of the device; its requester ID if it has one queue.'),
      PASID_7_0: hexBits(55, 48, 'PASID, bits 7:0; valid with GN.'),
      PASID_19_16: hexBits(59, 56, 'PASID, bits 19:16; valid with GN.'),
      S,
      GN,
      Type: bits(69, 68, 'Kind of the invalidation.'),
      Address,
    }),
    INVALIDATE_INTERRUPT_TABLE: variant(
      0x5,
      '2.4.5',
      'Invalidates the interrupt remapping table of a device.',
      {
        DeviceID,
      },
    ),
    PREFETCH_IOMMU_PAGES: variant(0x6, '2.4.6', 'Hint: fetch translations of a device.', {
      DeviceID,
      PFCount: bits(31, 24, 'Number of pages.'),
      PASID: hexBits(51, 32, 'PASID; valid with GN.'),
      S: bit(64, 'Size of the pages.'),
      Inval: bit(68, '1 to invalidate the translations first.'),
      GN,
      Address: addressBits(127, 76, 'First page, aligned to 4 KB.'),
    }),
    COMPLETE_PPR_REQUEST: variant(0x7, '2.4.7', 'Responds to a page request.', {
      DeviceID,
      PASID: hexBits(51, 32, 'PASID; valid with GN.'),
      GN,
      Tag: hexBits(105, 96, 'Index of the page request group.'),
      Response: bits(111, 108, 'The response.', amd_ppr_response),
    }),
    INVALIDATE_IOMMU_ALL: variant(0x8, '2.4.8', 'Invalidates everything.', {}),
  },
  { tag: { hi: 63, lo: 60 } },
);

/** Handling of a device's interrupts. Source: AMD I/O Virtualization, 2.2.2.1. */
export const amd_interrupt_control = enumeration(
  'amd_interrupt_control',
  'Handling of fixed and arbitrated interrupts; 3 is reserved.',
  {
    ABORT: [0, 'They are aborted.'],
    FORWARD: [1, 'They are forwarded without remapping.'],
    REMAP: [2, 'They are remapped.'],
  },
);

/** Levels of the host page table. Source: AMD I/O Virtualization, 2.2.2.1. */
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
  HAD: bits(8, 7, 'Update of accessed and dirty bits in the host page table; 0 for no update.'),
  Mode: bits(11, 9, 'Levels of the host page table.', amd_paging_mode),
  HostPageTableRoot: addressBits(51, 12, 'Address of the host page table.'),
  PPR: bit(52, '1 if the device may send page requests.'),
  GPRP: bit(53, '1 if responses to its page requests have a PASID.'),
  GIoV: bit(54, '1 if requests without a PASID are translated by the guest table of PASID 0.'),
  GV: bit(55, '1 if the guest translation fields are valid.'),
  GLX: bits(57, 56, 'Levels of the table of guest CR3s, minus one.'),
  GCR3TableRoot_14_12: hexBits(60, 58, 'Address of the table of guest CR3s, bits 14:12.'),
  IR: bit(61, '1 if the device may read.'),
  IW: bit(62, '1 if the device may write.'),
  DomainID: hexBits(79, 64, 'Domain: the tag of cached translations.'),
  GCR3TableRoot_30_15: hexBits(95, 80, 'Address of the table of guest CR3s, bits 30:15.'),
  I: bit(96, '1 if the device may send translation requests (ATS).'),
  SE: bit(97, '1 if only the first page fault is logged.'),
  SA: bit(98, '1 to log no page faults.'),
  IOCtl: bits(100, 99, 'Handling of port I/O: 0 aborted, 1 forwarded, 2 translated.'),
  Cache: bit(101, '1 if translations of ATS are not cached.'),
  SD: bit(102, '1 if the IOMMU does not snoop when it reads tables.'),
  EX: bit(103, '1 if the exclusion range is not translated.'),
  SysMgt: bits(
    105,
    104,
    'Handling of system management messages: 0 aborted, 1 and 2 forwarded, 3 translated.',
  ),
  SATS: bit(106, '1 for secure ATS.'),
  GCR3TableRoot_51_31: hexBits(127, 107, 'Address of the table of guest CR3s, bits 51:31.'),
  IV: bit(128, '1 if the interrupt fields are valid.'),
  IntTabLen: bits(132, 129, 'Base 2 logarithm of the length of the interrupt remapping table.'),
  IG: bit(133, '1 if unmapped interrupts are not logged.'),
  InterruptTableRoot: addressBits(179, 134, 'Address of the interrupt remapping table, aligned to 64.'),
  GuestPagingMode: bits(183, 182, 'Levels of the guest page table: 0 for 4, 1 for 5.'),
  InitPass: bit(184, '1 if INIT is forwarded.'),
  EIntPass: bit(185, '1 if ExtInt is forwarded.'),
  NMIPass: bit(186, '1 if NMI is forwarded.'),
  HPTMode: bit(187, '1 if the host page table has the guest format.'),
  IntCtl: bits(189, 188, 'Handling of interrupts.', amd_interrupt_control),
  Lint0Pass: bit(190, '1 if LINT0 is forwarded.'),
  Lint1Pass: bit(191, '1 if LINT1 is forwarded.'),
  VImuEn: bit(207, '1 with a virtual IOMMU.'),
  GDeviceID: streamBits(223, 208, 'With a virtual IOMMU: the requester ID in the guest.'),
  GuestID: hexBits(239, 224, 'With a virtual IOMMU: id of the guest.'),
  AttrV: bit(246, '1 if Mode0FC and SnoopAttribute are valid.'),
  Mode0FC: bit(247, 'Coherence of untranslated accesses.'),
  SnoopAttribute: hexBits(255, 248, 'Attributes of accesses.'),
});
