/** What an AMD IOMMU writes for software: the event log, and the log of peripheral page requests (PPR). */
import { addressBits, bit, bits, hexBits, streamBits, wideBits } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import { variant, variants } from '../struct/variants.js';

/** What went wrong on the bus. Source: AMD I/O Virtualization, 2.5.4. */
export const amd_hardware_error = enumeration(
  'amd_hardware_error',
  'How an access of the IOMMU itself failed; 0 is reserved.',
  {
    MASTER_ABORT: [1, 'Nothing answered.'],
    TARGET_ABORT: [2, 'The target refused.'],
    DATA_ERROR: [3, 'The data was not right: a parity error, poison.'],
  },
);

/** Why a request was refused. Source: AMD I/O Virtualization, 2.5.9. */
export const amd_invalid_request = enumeration(
  'amd_invalid_request',
  'Why the request was not valid: without TR the kind of access, with TR the kind of translation request.',
  {
    READ_OR_NON_POSTED_WRITE: [
      0,
      'A read or a non-posted write in the range of interrupts; with TR: it may not send any.',
    ],
    PRETRANSLATED: [1, 'A translated request, and the device may not send any.'],
    PORT_IO: [2, 'Port I/O that is not allowed.'],
    SYSTEM_MANAGEMENT: [3, 'A system management request that is not allowed.'],
    INTERRUPT_RANGE: [4, 'An interrupt that is not allowed.'],
    RESERVED_INTERRUPT_RANGE: [5, 'An access to a reserved part of the range of interrupts.'],
    SYSTEM_MANAGEMENT_ADDRESS: [6, 'An access to the range of system management.'],
  },
);

const DeviceID = streamBits(15, 0, 'Requester ID of the device.');
const PASID_HI = hexBits(19, 16, 'PASID, bits 19:16; meaningful with GN.');
const domain = { PASID_HI, DomainID: hexBits(47, 32, 'Domain; with GN the PASID, bits 15:0.') };
const pasid = { PASID_HI, PASID_LO: hexBits(47, 32, 'PASID, bits 15:0; meaningful with GN.') };
const GN = bit(48, '1 if the address is that of a guest: guest virtual, with a PASID.');
const I = bit(51, '1 for an interrupt request, 0 for an access to memory.');
const RW = bit(53, '1 for a write, 0 for a read; meaningful if TR and I are 0.');
const RZ = bit(55, '1 if a reserved bit was not zero, 0 if a level or a mode was not valid.');
const TR = bit(56, '1 for a translation request (ATS), 0 for an access.');
const hardware = { Type: bits(58, 57, 'How the access failed.', amd_hardware_error) };
const Address = wideBits(127, 64, 'Address that the device used.');
const place = (what: string) => ({ Address: addressBits(127, 64, what) });

/**
 * An entry of the event log, told apart by `EventCode`. Bits 59:48 are the flags that Linux prints.
 * Source: AMD I/O Virtualization, 2.5.2 to 2.5.14; `drivers/iommu/amd/amd_iommu_types.h`.
 */
export const amd_event = variants(
  'amd_event',
  'An entry of the event log of an AMD IOMMU.',
  16,
  'EventCode',
  {
    ILLEGAL_DEV_TABLE_ENTRY: variant(0x1, '2.5.2', 'The device table entry is not valid.', {
      DeviceID,
      ...pasid,
      GN,
      I,
      RW,
      RZ,
      TR,
      Address,
    }),
    IO_PAGE_FAULT: variant(
      0x2,
      '2.5.3',
      'A page table, or the interrupt remapping table, does not allow the access.',
      {
        DeviceID,
        ...domain,
        GN,
        NX: bit(49, '1 if execution was wanted and is forbidden; meaningful with GN.'),
        US: bit(50, '1 for a user access, 0 for one of the supervisor; meaningful with GN.'),
        I,
        PR: bit(52, '1 if the page is present, or the interrupt remapped; 0 if not.'),
        RW,
        PE: bit(54, '1 if the device lacks the permission; meaningful with PR.'),
        RZ,
        TR,
        Address,
      },
    ),
    DEV_TAB_HARDWARE_ERROR: variant(0x3, '2.5.4', 'The device table could not be read.', {
      DeviceID,
      I,
      RW,
      TR,
      ...hardware,
      ...place('Where the IOMMU read.'),
    }),
    PAGE_TAB_HARDWARE_ERROR: variant(0x4, '2.5.5', 'A page table could not be read.', {
      DeviceID,
      ...domain,
      GN,
      I,
      RW,
      TR,
      ...hardware,
      ...place('Where the IOMMU read.'),
    }),
    ILLEGAL_COMMAND_ERROR: variant(0x5, '2.5.6', 'A command is not valid; the IOMMU reads no more of them.', {
      ...place('Where the command is.'),
    }),
    COMMAND_HARDWARE_ERROR: variant(
      0x6,
      '2.5.7',
      'A command could not be read; the IOMMU reads no more of them.',
      {
        ...hardware,
        ...place('Where the IOMMU read.'),
      },
    ),
    IOTLB_INV_TIMEOUT: variant(0x7, '2.5.8', 'A device did not answer an invalidation in time.', {
      DeviceID,
      ...place('Where the command is.'),
    }),
    INVALID_DEVICE_REQUEST: variant(0x8, '2.5.9', 'A device sent a request that is not valid.', {
      DeviceID,
      ...pasid,
      GN,
      US: bit(49, '1 for a user access, 0 for one of the supervisor; meaningful with GN.'),
      TR,
      Type: bits(59, 57, 'Why it is not valid.', amd_invalid_request),
      Address,
    }),
    INVALID_PPR_REQUEST: variant(0x9, '2.5.10', 'A device sent a page request that is not valid.', {
      DeviceID,
      PASID_LO: hexBits(31, 16, 'PASID, bits 15:0; meaningful with GN.'),
      Tag: hexBits(41, 32, 'Tag of the page request.'),
      PASID_HI: hexBits(45, 42, 'PASID, bits 19:16; meaningful with GN.'),
      GN,
      RZ,
      TR,
      Type: bits(
        59,
        57,
        'Why it is not valid: 0 if the device may not send page requests, 1 if it has no guest tables.',
      ),
      US: bit(50, '1 for a user access, 0 for one of the supervisor; meaningful with GN.'),
      I,
      PR: bit(52, '1 if the page is present.'),
      RW,
      PE: bit(54, '1 if the device lacks the permission.'),
      NX: bit(49, '1 if execution was wanted; meaningful with GN.'),
      Address,
    }),
    EVENT_COUNTER_ZERO: variant(0xa, '2.5.11', 'A performance counter wrapped.', {
      CounterNoteHi: hexBits(83, 64, 'Note of the counter, bits 51:32.'),
      CounterNoteLo: hexBits(127, 96, 'Note of the counter, bits 31:0.'),
    }),
    RMP_PAGE_FAULT: variant(0xd, '2.5.14', 'The reverse map table does not allow the access (SEV-SNP).', {
      DeviceID,
      FlagsRMP: hexBits(23, 16, 'Flags of the reverse map table.'),
      VMGTag: hexBits(47, 32, 'Tag of the virtual machine.'),
      Flags: hexBits(59, 48, 'Flags.'),
      ...place('Guest-physical address.'),
    }),
    RMP_HARDWARE_ERROR: variant(0xe, '2.5.15', 'The reverse map table could not be read (SEV-SNP).', {
      DeviceID,
      VMGTag: hexBits(47, 32, 'Tag of the virtual machine.'),
      Flags: hexBits(59, 48, 'Flags.'),
      ...place('System-physical address.'),
    }),
  },
  { tag: { hi: 63, lo: 60 } },
);

/**
 * An entry of the log of peripheral page requests, told apart by `PPRCode`.
 * Source: AMD I/O Virtualization, 2.6; `drivers/iommu/amd/amd_iommu_types.h`.
 */
export const amd_ppr = variants(
  'amd_ppr',
  'An entry of the log of peripheral page requests of an AMD IOMMU.',
  16,
  'PPRCode',
  {
    PAGE_SERVICE_REQUEST: variant(0x1, '2.6', 'A device asks for a page.', {
      DeviceID,
      PASID_LO: hexBits(31, 16, 'PASID, bits 15:0; meaningful with GN.'),
      PRGIndex: hexBits(41, 32, 'Index of the page request group; bit 9 is 1 for the last request of it.'),
      PASID_HI: hexBits(45, 42, 'PASID, bits 19:16; meaningful with GN.'),
      EXEC: bit(49, '1 if the page is to be executed.'),
      READ: bit(50, '1 if the page is to be read.'),
      WRITE: bit(53, '1 if the page is to be written.'),
      US: bit(54, '1 for a user access, 0 for one of the supervisor.'),
      RZ: bit(55, '1 if a reserved bit was not zero.'),
      GN: bit(56, '1 if the address is guest virtual, and the PASID meaningful.'),
      Address: addressBits(127, 76, 'Page that is wanted, aligned to 4 KB.'),
    }),
  },
  { tag: { hi: 63, lo: 60 } },
);
