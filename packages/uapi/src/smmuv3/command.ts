import { addressBits, bit, bits, hexBits, streamBits } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import type { Decoded } from '../struct/type.js';
import { variant, variants } from '../struct/variants.js';
import { smmuv3_mem_attr, smmuv3_shareability } from './attributes.js';
import * as code from './command.generated.js';

/** How CMD_SYNC signals its completion. Source: Arm IHI 0070, section 4.7.3. */
export const smmuv3_sync_signal = enumeration(
  'smmuv3_sync_signal',
  'Signal of the completion of a CMD_SYNC; 3 is ILLEGAL.',
  {
    SIG_NONE: [0, 'None: only the read index of the queue advances.'],
    SIG_IRQ: [1, 'An interrupt: the MSI of the command, or a wired one.'],
    SIG_SEV: [2, 'An event that wakes processors from WFE.'],
  },
);

/** The response to a page request group. Source: Arm IHI 0070, section 4.5.2. */
export const smmuv3_pri_response = enumeration(
  'smmuv3_pri_response',
  'The response to the page requests of a device; 3 is ILLEGAL.',
  {
    ResponseFailure: [0, 'The device must not send page requests.'],
    InvalidRequest: [1, 'At least one page of the group could not be provided.'],
    Success: [2, 'All pages of the group are available.'],
  },
);

/** Granules in TLB invalidations. Source: Arm IHI 0070, section 4.4.1. */
export const smmuv3_tlbi_granule = enumeration(
  'smmuv3_tlbi_granule',
  'Page size of the tables whose entries are invalidated.',
  {
    ANY: [0, 'Not specified: one address, no range, no level hint.'],
    GRANULE_4KB: [1, '4 KB.'],
    GRANULE_16KB: [2, '16 KB.'],
    GRANULE_64KB: [3, '64 KB.'],
  },
);

/** Regions of CMD_DPTI_PA. Source: Arm IHI 0070, section 4.6.2. */
export const smmuv3_dpti_size = enumeration(
  'smmuv3_dpti_size',
  'Size of the region whose device permissions are invalidated; other values are reserved.',
  {
    SIZE_4KB: [0, '4 KB.'],
    SIZE_16KB: [1, '16 KB.'],
    SIZE_64KB: [2, '64 KB.'],
    SIZE_2MB: [3, '2 MB.'],
    SIZE_32MB: [4, '32 MB.'],
    SIZE_512MB: [5, '512 MB.'],
    SIZE_1GB: [6, '1 GB.'],
    SIZE_16GB: [7, '16 GB.'],
    SIZE_64GB: [8, '64 GB.'],
    SIZE_512GB: [9, '512 GB.'],
  },
);

/** The action of CMD_RESUME. Source: Arm IHI 0070, section 4.7.1. */
export const smmuv3_resume_action = enumeration(
  'smmuv3_resume_action',
  'What CMD_RESUME does with the stalled transaction.',
  {
    Terminate: [0, 'Terminate it, as Abort selects.'],
    Retry: [1, 'Retry it, as if it had just arrived.'],
  },
);

const SSec = bit(10, '1 if the stream or VMID is Secure; 0 in queues other than the Secure command queue.');
const StreamID = streamBits(63, 32, 'The stream.');
const substream = {
  SSV: bit(11, '1 if SubstreamID is valid.'),
  SubstreamID: hexBits(31, 12, 'The substream (PASID).'),
};
const VMID = hexBits(47, 32, 'Tag of the virtual machine; below 256 if VMIDs have 8 bits.');
const ASID = hexBits(63, 48, 'Tag of the address space; below 256 if ASIDs have 8 bits.');

const leaf = { Leaf: bit(64, '1 to invalidate only cached last-level entries.') };

/** The range and the hints of TLB invalidations by address, without the address. */
const range = {
  NUM: bits(16, 12, 'With TG: the range has (NUM + 1) * 2^SCALE granules. 0 without SMMU_IDR3.RIL.'),
  SCALE: bits(25, 20, 'Exponent of the range; below 32 without SMMU_IDR5.DS.'),
  ...leaf,
  TTL128: bit(71, '1 if TTL refers to tables of 128-bit descriptors.'),
  TTL: bits(73, 72, 'Level of the last-level entries to invalidate, 1 to 3; 0 for any level.'),
  TG: bits(75, 74, 'Granule of the range and of the hint.', smmuv3_tlbi_granule),
};
const va = { Address: addressBits(127, 76, 'First virtual address, aligned to 4 KB.') };
const ipa = { Address: addressBits(119, 76, 'First intermediate physical address, aligned to 4 KB.') };

/**
 * A command of the command queue. `Opcode` selects its form. CMD_CFGI_ALL has no form of its own: it is
 * CMD_CFGI_STE_RANGE with a Range of 31, see {@link CMD_CFGI_ALL}. Opcodes 0x80 to 0x8f are IMPLEMENTATION DEFINED. The
 * other opcodes without a name are reserved and stop the queue with CERROR_ILL. Source: Arm IHI 0070, chapter 4.
 */
export const smmuv3_command = variants(
  'smmuv3_command',
  'A command of the command queue.',
  16,
  'Opcode',
  {
    CMD_PREFETCH_CONFIG: variant(0x01, '4.2.1', 'Hint: fetch the configuration of a stream.', {
      SSec,
      ...substream,
      StreamID,
    }),
    CMD_PREFETCH_ADDR: variant(0x02, '4.2.2', 'Hint: fetch configuration and translations.', {
      SSec,
      ...substream,
      StreamID,
      Size: bits(68, 64, 'Base 2 logarithm of the number of addresses.'),
      Stride: bits(73, 69, 'Base 2 logarithm of their distance, in units of 4 KB.'),
      NS: bit(75, 'NS attribute of the address, for Secure streams; 0 otherwise.'),
      Address: addressBits(127, 76, 'First address, aligned to 4 KB.'),
    }),
    CMD_CFGI_STE: variant(
      0x03,
      '4.3.1',
      'Invalidates the cached stream table entry of a stream and everything derived from it.',
      {
        SSec,
        StreamID,
        Leaf: bit(64, '1 if a cached first-level stream table descriptor need not be invalidated.'),
      },
    ),
    CMD_CFGI_STE_RANGE: variant(
      0x04,
      '4.3.2',
      'Invalidates the cached configuration of an aligned range of streams. With a Range of 31 it is CMD_CFGI_ALL (4.3.6), for all streams.',
      {
        SSec,
        StreamID: streamBits(63, 32, 'A stream of the range; ignored with a Range of 31.'),
        Range: bits(68, 64, 'The range has 2^(Range + 1) streams.'),
      },
    ),
    CMD_CFGI_CD: variant(0x05, '4.3.3', 'Invalidates one cached context descriptor.', {
      SSec,
      SubstreamID: hexBits(31, 12, 'Index of the context descriptor; 0 without substreams.'),
      StreamID,
      Leaf: bit(64, '1 if a cached first-level context descriptor need not be invalidated.'),
    }),
    CMD_CFGI_CD_ALL: variant(0x06, '4.3.4', 'Invalidates all cached context descriptors of a stream.', {
      SSec,
      StreamID,
    }),
    CMD_CFGI_VMS_PIDM: variant(0x07, '4.3.5', 'Invalidates the cached PARTID map of a virtual machine.', {
      SSec,
      VMID,
    }),
    CMD_TLBI_NH_ALL: variant(0x10, '4.4.2.1', 'Invalidates all EL1 translations of a VMID.', { VMID }),
    CMD_TLBI_NH_ASID: variant(
      0x11,
      '4.4.2.2',
      'Invalidates the EL1 translations of an ASID, except global ones.',
      {
        VMID,
        ASID,
      },
    ),
    CMD_TLBI_NH_VA: variant(
      0x12,
      '4.4.2.4',
      'Invalidates the EL1 translations of addresses in an ASID, including global ones.',
      { ...range, VMID, ASID, ...va },
    ),
    CMD_TLBI_NH_VAA: variant(
      0x13,
      '4.4.2.3',
      'Invalidates the EL1 translations of addresses in every ASID.',
      {
        ...range,
        VMID,
        ...va,
      },
    ),
    CMD_TLBI_EL3_ALL: variant(
      0x18,
      '4.4.2.5',
      'Invalidates all EL3 translations; in the Secure queue only.',
      {},
    ),
    CMD_TLBI_EL3_VA: variant(
      0x1a,
      '4.4.2.6',
      'Invalidates EL3 translations of addresses; in the Secure queue only.',
      {
        ...range,
        ...va,
      },
    ),
    CMD_TLBI_EL2_ALL: variant(0x20, '4.4.2.7', 'Invalidates all EL2 translations.', {}),
    CMD_TLBI_EL2_ASID: variant(
      0x21,
      '4.4.2.10',
      'Invalidates the EL2-E2H translations of an ASID, except global ones.',
      {
        ASID,
      },
    ),
    CMD_TLBI_EL2_VA: variant(
      0x22,
      '4.4.2.8',
      'Invalidates EL2 translations of addresses; the ASID is used only with SMMU_CR2.E2H.',
      { ...range, ASID, ...va },
    ),
    CMD_TLBI_EL2_VAA: variant(
      0x23,
      '4.4.2.9',
      'Invalidates the EL2 translations of addresses in every ASID.',
      {
        ...range,
        ...va,
      },
    ),
    CMD_TLBI_S12_VMALL: variant(0x28, '4.4.3.2', 'Invalidates the translations of a VMID, of both stages.', {
      VMID,
    }),
    CMD_TLBI_S2_IPA: variant(0x2a, '4.4.3.1', 'Invalidates the stage 2 translations of addresses.', {
      ...range,
      VMID,
      ...ipa,
    }),
    CMD_TLBI_NSNH_ALL: variant(
      0x30,
      '4.4.4.1',
      'Invalidates all translations of the Non-secure world except EL2.',
      {},
    ),
    CMD_ATC_INV: variant(0x40, '4.5.1', 'Makes a device invalidate translations in its own cache (ATC).', {
      Global: bit(9, '1 to invalidate them for all PASIDs of the device; used only with SSV.'),
      ...substream,
      StreamID,
      Size: bits(69, 64, 'The range has 2^Size pages of 4 KB; 52 for all addresses.'),
      Address: addressBits(127, 76, 'Start of the range; the SMMU aligns it to the size.'),
    }),
    CMD_PRI_RESP: variant(0x41, '4.5.2', 'Responds to a page request group.', {
      ...substream,
      StreamID,
      PRGIndex: bits(72, 64, 'Index of the group, from its requests.'),
      Resp: bits(77, 76, 'The response.', smmuv3_pri_response),
    }),
    CMD_RESUME: variant(0x44, '4.7.1', 'Retries or terminates one stalled transaction.', {
      SSec,
      Action: bits(12, 12, 'Retry or terminate (Ac).', smmuv3_resume_action),
      Abort: bit(13, 'If terminated: 1 to report an abort, 0 to read as zero and ignore writes (Ab).'),
      StreamID,
      STAG: hexBits(79, 64, 'Token of the event that reported the stall.'),
    }),
    CMD_STALL_TERM: variant(0x45, '4.7.2', 'Terminates all stalled transactions of a stream.', {
      SSec,
      StreamID,
    }),
    CMD_SYNC: variant(0x46, '4.7.3', 'Waits for the commands before it and signals their completion.', {
      CS: bits(13, 12, 'How completion is signalled.', smmuv3_sync_signal),
      MSH: bits(23, 22, 'Shareability of the MSI write.', smmuv3_shareability),
      MSIAttr: bits(27, 24, 'Memory type of the MSI write.', smmuv3_mem_attr),
      MSIData: hexBits(63, 32, 'Word that the MSI writes.'),
      MSIAddress: addressBits(119, 66, 'Address of the MSI, aligned to 4; 0 for no MSI.'),
      MSI_NS: bit(127, 'In the Realm queue: 1 if MSIAddress is Non-secure, 0 if it is Realm; 0 otherwise.'),
    }),
    CMD_TLBI_S_EL2_ALL: variant(0x50, '4.4.2.11', 'Invalidates all Secure EL2 translations.', {}),
    CMD_TLBI_S_EL2_ASID: variant(
      0x51,
      '4.4.2.14',
      'Invalidates the Secure EL2-E2H translations of an ASID, except global ones.',
      { ASID },
    ),
    CMD_TLBI_S_EL2_VA: variant(0x52, '4.4.2.12', 'Invalidates Secure EL2 translations of addresses.', {
      ...range,
      ASID,
      ...va,
    }),
    CMD_TLBI_S_EL2_VAA: variant(
      0x53,
      '4.4.2.13',
      'Invalidates Secure EL2 translations of addresses in every ASID.',
      {
        ...range,
        ...va,
      },
    ),
    CMD_TLBI_S_S12_VMALL: variant(
      0x58,
      '4.4.3.4',
      'Invalidates the Secure translations of a VMID, of both stages.',
      {
        VMID,
      },
    ),
    CMD_TLBI_S_S2_IPA: variant(0x5a, '4.4.3.3', 'Invalidates the Secure stage 2 translations of addresses.', {
      ...range,
      VMID,
      NS: bit(65, 'IPA space of the addresses: 0 Secure, 1 Non-secure.'),
      ...ipa,
    }),
    CMD_TLBI_SNH_ALL: variant(
      0x60,
      '4.4.4.2',
      'Invalidates all translations of the Secure world except EL2.',
      {},
    ),
    CMD_DPTI_ALL: variant(
      0x70,
      '4.6.1',
      'Invalidates all cached entries of the device permission table.',
      {},
    ),
    CMD_DPTI_PA: variant(0x73, '4.6.2', 'Invalidates the cached device permissions of a physical region.', {
      ...leaf,
      SIZE: bits(75, 72, 'Size of the region.', smmuv3_dpti_size),
      Address: addressBits(119, 76, 'Start of the region, aligned to its size.'),
    }),
  },
  { code: code.smmuv3_command },
);

/**
 * Invalidates all cached configuration: the CMD_CFGI_STE_RANGE that covers every stream.
 * Source: Arm IHI 0070, section 4.3.6.
 */
export const CMD_CFGI_ALL = Object.freeze({ Opcode: 0x04, SSec: 0, StreamID: 0, Range: 31 } as const);

/** True if the command is {@link CMD_CFGI_ALL}, with any StreamID. Source: Arm IHI 0070, section 4.3.6. */
export function isCfgiAll(command: Decoded<typeof smmuv3_command>): boolean {
  return command.Opcode === CMD_CFGI_ALL.Opcode && command.Range === CMD_CFGI_ALL.Range;
}
