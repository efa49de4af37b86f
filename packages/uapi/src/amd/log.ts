/** Structures that an AMD IOMMU writes for software: the event log, and the log of peripheral page requests (PPR). */
import { addressBits, bit, bits, hexBits, streamBits, wideBits } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import { variant, variants } from '../struct/variants.js';

/** Errors of the IOMMU's own accesses. Source: AMD I/O Virtualization, 2.5.4. */
export const amd_hardware_error = enumeration(
  'amd_hardware_error',
  "Error of an access of the IOMMU's own; 0 is reserved.",
  {
    MASTER_ABORT: [1, 'Master abort: no target responded.'],
    TARGET_ABORT: [2, 'Target abort: the target refused the access.'],
    DATA_ERROR: [3, 'The data was invalid: a parity error or poisoned data.'],
  },
);

/** Why a request was refused. Source: AMD I/O Virtualization, 2.5.9. */
export const amd_invalid_request = enumeration(
  'amd_invalid_request',
  'Why a request was invalid: without TR the kind of access, with TR the kind of translation request.',
  {
    READ_OR_NON_POSTED_WRITE: [
      0,
      'A read or a non-posted write in the interrupt range; with TR: the device may not send translation requests.',
    ],
    PRETRANSLATED: [1, 'A translated request of a device that may not send such requests.'],
    PORT_IO: [2, 'Port I/O that is not allowed.'],
    SYSTEM_MANAGEMENT: [3, 'A system management request that is not allowed.'],
    INTERRUPT_RANGE: [4, 'An interrupt that is not allowed.'],
    RESERVED_INTERRUPT_RANGE: [5, 'An access to a reserved part of the interrupt range.'],
    SYSTEM_MANAGEMENT_ADDRESS: [6, 'An access to the system management range.'],
  },
);

const DeviceID = streamBits(15, 0, 'Requester ID of the device.');
const PASID_HI = hexBits(19, 16, 'PASID, bits 19:16; valid with GN.');
const domain = { PASID_HI, DomainID: hexBits(47, 32, 'Domain; with GN the PASID, bits 15:0.') };
const pasid = { PASID_HI, PASID_LO: hexBits(47, 32, 'PASID, bits 15:0; valid with GN.') };
const GN = bit(48, '1 if the address is guest-virtual, with a PASID.');
const I = bit(51, '1 for an interrupt request, 0 for an access to memory.');
const RW = bit(53, '1 for a write, 0 for a read; valid if TR and I are 0.');
const RZ = bit(55, '1 if a reserved bit was not zero, 0 if a level or a mode was invalid.');
const TR = bit(56, '1 for a translation request (ATS), 0 for an access.');
const hardware = { Type: bits(58, 57, 'Error of the access.', amd_hardware_error) };
const Address = wideBits(127, 64, 'Address that the device used.');
const place = (what: string) => ({ Address: addressBits(127, 64, what) });

/**
 * An entry of the event log. `EventCode` selects its form. Bits 59:48 are the flags that Linux prints.
 * Source: AMD I/O Virtualization, 2.5.2 to 2.5.14; `drivers/iommu/amd/amd_iommu_types.h`.
 */
export const amd_event = variants(
  'amd_event',
  'An entry of the event log of an AMD IOMMU.',
  16,
  'EventCode',
  {
    ILLEGAL_DEV_TABLE_ENTRY: variant(0x1, '2.5.2', 'The device table entry is invalid.', {
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
        NX: bit(49, '1 if execution was requested and is forbidden; valid with GN.'),
        US: bit(50, '1 for a user access, 0 for a supervisor access; valid with GN.'),
        I,
        PR: bit(52, '1 if the page is present, or the interrupt is remapped; 0 if not.'),
        RW,
        PE: bit(54, '1 if the device lacks the permission; valid with PR.'),
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
      ...place('Address that the IOMMU read.'),
    }),
    PAGE_TAB_HARDWARE_ERROR: variant(0x4, '2.5.5', 'A page table could not be read.', {
      DeviceID,
      ...domain,
      GN,
      I,
      RW,
      TR,
      ...hardware,
      ...place('Address that the IOMMU read.'),
    }),
    ILLEGAL_COMMAND_ERROR: variant(
      0x5,
      '2.5.6',
      'A command is invalid. The IOMMU has stopped reading commands.',
      {
        ...place('Address of the command.'),
      },
    ),
    COMMAND_HARDWARE_ERROR: variant(
      0x6,
      '2.5.7',
      'A command could not be read. The IOMMU has stopped reading commands.',
      {
        ...hardware,
        ...place('Address that the IOMMU read.'),
      },
    ),
    IOTLB_INV_TIMEOUT: variant(0x7, '2.5.8', 'A device did not complete an invalidation in time.', {
      DeviceID,
      ...place('Address of the command.'),
    }),
    INVALID_DEVICE_REQUEST: variant(0x8, '2.5.9', 'A device sent an invalid request.', {
      DeviceID,
      ...pasid,
      GN,
      US: bit(49, '1 for a user access, 0 for a supervisor access; valid with GN.'),
      TR,
      Type: bits(59, 57, 'Why it is invalid.', amd_invalid_request),
      Address,
    }),
    INVALID_PPR_REQUEST: variant(0x9, '2.5.10', 'A device sent an invalid page request.', {
      DeviceID,
      PASID_LO: hexBits(31, 16, 'PASID, bits 15:0; valid with GN.'),
      Tag: hexBits(41, 32, 'Tag of the page request.'),
      PASID_HI: hexBits(45, 42, 'PASID, bits 19:16; valid with GN.'),
      GN,
      RZ,
      TR,
      Type: bits(
        59,
        57,
        'Why it is invalid: 0 if the device may not send page requests, 1 if it has no guest tables.',
      ),
      US: bit(50, '1 for a user access, 0 for a supervisor access; valid with GN.'),
      I,
      PR: bit(52, '1 if the page is present.'),
      RW,
      PE: bit(54, '1 if the device lacks the permission.'),
      NX: bit(49, '1 if execution was requested; valid with GN.'),
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
 * An entry of the log of peripheral page requests. `PPRCode` selects its form.
 * Source: AMD I/O Virtualization, 2.6; `drivers/iommu/amd/amd_iommu_types.h`.
 */
export const amd_ppr = variants(
  'amd_ppr',
  'An entry of the log of peripheral page requests of an AMD IOMMU.',
  16,
  'PPRCode',
  {
    PAGE_SERVICE_REQUEST: variant(0x1, '2.6', 'A page request of a device.', {
      DeviceID,
      PASID_LO: hexBits(31, 16, 'PASID, bits 15:0; valid with GN.'),
      PRGIndex: hexBits(
        41,
        32,
        'Index of the page request group; bit 9 is 1 for the last request of the group.',
      ),
      PASID_HI: hexBits(45, 42, 'PASID, bits 19:16; valid with GN.'),
      EXEC: bit(49, '1 if execution is requested.'),
      READ: bit(50, '1 if read access is requested.'),
      WRITE: bit(53, '1 if write access is requested.'),
      US: bit(54, '1 for a user access, 0 for a supervisor access.'),
      RZ: bit(55, '1 if a reserved bit was not zero.'),
      GN: bit(56, '1 if the address is guest-virtual and the PASID is valid.'),
      Address: addressBits(127, 76, 'Address of the requested page, aligned to 4 KB.'),
    }),
  },
  { tag: { hi: 63, lo: 60 } },
);
