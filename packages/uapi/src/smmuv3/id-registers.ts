import { bit, bits, bitStruct } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import { smmuv3_address_size } from './attributes.js';
import * as code from './id-registers.generated.js';

/** Translation table formats. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.TTF. */
export const smmuv3_table_format = enumeration(
  'smmuv3_table_format',
  'Formats of translation tables that are understood; 0 is reserved.',
  {
    AARCH32: [1, 'VMSAv8-32 LPAE.'],
    AARCH64: [2, 'VMSAv8-64.'],
    AARCH32_AARCH64: [3, 'Both.'],
  },
);

/** Flags that the hardware updates. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.HTTU. */
export const smmuv3_httu = enumeration('smmuv3_httu', 'What the hardware can update in translation tables.', {
  NONE: [0, 'Nothing.'],
  ACCESS: [1, 'The access flag of pages.'],
  ACCESS_DIRTY: [2, 'The access flag and the dirty state of pages.'],
  ACCESS_DIRTY_HAFT: [3, 'Those, and the access flag of table descriptors.'],
});

/** Byte order of translation tables. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.TTENDIAN. */
export const smmuv3_table_endianness = enumeration(
  'smmuv3_table_endianness',
  'Byte order of translation tables that is supported; 1 is reserved.',
  {
    MIXED: [0, 'Either, as each stream or context says.'],
    LITTLE: [2, 'Little-endian only.'],
    BIG: [3, 'Big-endian only.'],
  },
);

/** What can happen to faulting transactions. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.STALL_MODEL. */
export const smmuv3_stall_model = enumeration(
  'smmuv3_stall_model',
  'What can happen to transactions that fault; 3 is reserved.',
  {
    STALL: [0, 'They stall or terminate, as configured.'],
    TERMINATE: [1, 'They always terminate.'],
    FORCE: [2, 'They always stall: every configuration must ask for that.'],
  },
);

/** Forms of stream tables. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.ST_LEVEL. */
export const smmuv3_stream_table_level = enumeration(
  'smmuv3_stream_table_level',
  'Forms of stream tables that are supported; 2 and 3 are reserved.',
  {
    LINEAR: [0, 'Linear only.'],
    TWO_LEVEL: [1, 'Linear and of two levels.'],
  },
);

/** Sizes of virtual addresses. Source: Arm IHI 0070, section 6.3.6, SMMU_IDR5.VAX. */
export const smmuv3_virtual_address_size = enumeration(
  'smmuv3_virtual_address_size',
  'Bits of virtual address that TTB0 and TTB1 can each translate; 3 is reserved.',
  {
    BITS_48: [0, '48 bits.'],
    BITS_52: [1, '52 bits.'],
    BITS_56: [2, '56 bits.'],
  },
);

/** Features. Source: Arm IHI 0070, section 6.3.1. */
export const SMMU_IDR0 = bitStruct(
  'SMMU_IDR0',
  'Identification register 0: features.',
  4,
  {
    S2P: bit(0, '1 if there is stage 2.'),
    S1P: bit(1, '1 if there is stage 1.'),
    TTF: bits(3, 2, 'Formats of translation tables.', smmuv3_table_format),
    COHACC: bit(4, "1 if the SMMU's own accesses are coherent with the processors' caches."),
    BTM: bit(5, '1 if TLB invalidations that processors broadcast reach it.'),
    HTTU: bits(7, 6, 'What it can update in translation tables.', smmuv3_httu),
    DORMHINT: bit(8, '1 if SMMU_STATUSR tells when it is dormant.'),
    Hyp: bit(9, '1 if stage 1 can be that of EL2.'),
    ATS: bit(10, '1 if PCIe ATS is supported.'),
    NS1ATS: bit(11, '1 if split-stage ATS is NOT supported.'),
    ASID16: bit(12, '1 if ASIDs have 16 bits, 0 if they have 8.'),
    MSI: bit(13, '1 if it can send MSIs.'),
    SEV: bit(14, '1 if it can wake processors from WFE.'),
    ATOS: bit(15, '1 if it translates addresses on request (GATOS).'),
    PRI: bit(16, '1 if there is a PRI queue.'),
    VMW: bit(17, '1 if invalidations can ignore bits of the VMID.'),
    VMID16: bit(18, '1 if VMIDs have 16 bits, 0 if they have 8.'),
    CD2L: bit(19, '1 if tables of context descriptors can have two levels.'),
    VATOS: bit(20, '1 if a virtual machine can have translations on request.'),
    TTENDIAN: bits(22, 21, 'Byte order of translation tables.', smmuv3_table_endianness),
    ATSRECERR: bit(
      23,
      '1 if configuration errors of ATS requests can be recorded, see SMMU_CR2.REC_CFG_ATS.',
    ),
    STALL_MODEL: bits(25, 24, 'What can happen to transactions that fault.', smmuv3_stall_model),
    TERM_MODEL: bit(26, '1 if terminated faults always abort, 0 if CD.A chooses.'),
    ST_LEVEL: bits(28, 27, 'Forms of stream tables.', smmuv3_stream_table_level),
    RME_IMPL: bit(30, '1 if the Realm Management Extension is supported.'),
  },
  { code: code.SMMU_IDR0 },
);

/** Features and sizes. Source: Arm IHI 0070, section 6.3.2. */
export const SMMU_IDR1 = bitStruct(
  'SMMU_IDR1',
  'Identification register 1: features and sizes.',
  4,
  {
    SIDSIZE: bits(5, 0, 'Bits of a StreamID, 0 to 32.'),
    SSIDSIZE: bits(10, 6, 'Bits of a SubstreamID, 0 to 20; 0 for no substreams.'),
    PRIQS: bits(15, 11, 'Base 2 logarithm of the most entries of the PRI queue, up to 19.'),
    EVENTQS: bits(20, 16, 'Base 2 logarithm of the most entries of the event queue, up to 19.'),
    CMDQS: bits(25, 21, 'Base 2 logarithm of the most entries of the command queue, up to 19.'),
    ATTR_PERMS_OVR: bit(26, '1 if INSTCFG, PRIVCFG and NSCFG work.'),
    ATTR_TYPES_OVR: bit(27, '1 if MTCFG, SHCFG and ALLOCCFG work.'),
    REL: bit(28, '1 if preset addresses are counted from the base of the registers.'),
    QUEUES_PRESET: bit(29, '1 if the queues have fixed places.'),
    TABLES_PRESET: bit(30, '1 if the stream table has a fixed place.'),
    ECMDQ: bit(31, '1 if there are enhanced command queues, see SMMU_IDR6.'),
  },
  { code: code.SMMU_IDR1 },
);

/** Place of the VATOS page. Source: Arm IHI 0070, section 6.3.3. */
export const SMMU_IDR2 = bitStruct(
  'SMMU_IDR2',
  'Identification register 2: place of the VATOS page.',
  4,
  {
    BA_VATOS: bits(9, 0, 'The page is at 0x20000 + BA_VATOS * 0x10000; 0 without SMMU_IDR0.VATOS.'),
  },
  { code: code.SMMU_IDR2 },
);

/** Features of later versions. Source: Arm IHI 0070, section 6.3.4. */
export const SMMU_IDR3 = bitStruct(
  'SMMU_IDR3',
  'Identification register 3: features of later versions.',
  4,
  {
    HAD: bit(2, '1 if attributes of table descriptors can be ignored.'),
    PBHA: bit(3, '1 if descriptor bits 59 to 62 can have a use of the implementation.'),
    XNX: bit(4, '1 if stage 2 forbids execution by privilege.'),
    PPS: bit(5, '1 if automatic answers to page requests always carry the PASID.'),
    MPAM: bit(7, '1 if MPAM is supported.'),
    FWB: bit(8, '1 if STE.S2FWB is supported.'),
    STT: bit(9, '1 if small translation tables are supported.'),
    RIL: bit(10, '1 if TLB invalidations take ranges and level hints.'),
    BBML: bits(12, 11, 'Level of break-before-make that mappings may change size with: 0, 1 or 2.'),
    E0PD: bit(13, '1 if CD.E0PD0 and E0PD1 are supported.'),
    PTWNNC: bit(14, '1 if walks to Device memory become Normal Non-cacheable ones where S2PTW is 0.'),
    DPT: bit(15, '1 if there is a device permission table.'),
    PASIDTT: bit(16, '1 if translated transactions can carry a PASID.'),
    EPAN: bit(17, '1 if CD.EPAN is supported.'),
    S1PI: bit(18, '1 if stage 1 permissions can be indirect.'),
    S2PI: bit(19, '1 if stage 2 permissions can be indirect.'),
    S2PO: bit(20, '1 if there is a stage 2 permission overlay.'),
    THE: bit(21, '1 if translation hardening is supported.'),
    MTEPERM: bit(22, '1 if stage 2 can forbid access to memory tags.'),
    AIE: bit(23, '1 if CD.AIE is supported.'),
  },
  { code: code.SMMU_IDR3 },
);

/** Up to the implementation. Source: Arm IHI 0070, section 6.3.5. */
export const SMMU_IDR4 = bitStruct(
  'SMMU_IDR4',
  'Identification register 4: up to the implementation.',
  4,
  {
    IMPLEMENTATION_DEFINED_31_0: bits(31, 0, 'Up to the implementation.'),
  },
  { code: code.SMMU_IDR4 },
);

/** Addresses and page sizes. Source: Arm IHI 0070, section 6.3.6. */
export const SMMU_IDR5 = bitStruct(
  'SMMU_IDR5',
  'Identification register 5: addresses and page sizes.',
  4,
  {
    OAS: bits(2, 0, 'Bits of a physical address.', smmuv3_address_size),
    GRAN4K: bit(4, '1 if pages of 4 KB are supported.'),
    GRAN16K: bit(5, '1 if pages of 16 KB are supported.'),
    GRAN64K: bit(6, '1 if pages of 64 KB are supported.'),
    DS: bit(7, '1 if 52-bit addresses work with 4 KB and 16 KB pages.'),
    D128: bit(8, '1 if translation table descriptors can have 128 bits.'),
    VAX: bits(11, 10, 'Bits of a virtual address.', smmuv3_virtual_address_size),
    STALL_MAX: bits(31, 16, 'Most transactions that can be stalled at once.'),
  },
  { code: code.SMMU_IDR5 },
);

/** Who made it. Source: Arm IHI 0070, section 6.3.7. */
export const SMMU_IIDR = bitStruct(
  'SMMU_IIDR',
  'Implementation identification register.',
  4,
  {
    Implementer: bits(
      11,
      0,
      'JEP106 code of the maker: bits 11 to 8 continuation, 6 to 0 identity; 0x43b is Arm.',
    ),
    Revision: bits(15, 12, 'Minor revision.'),
    Variant: bits(19, 16, 'Major revision.'),
    ProductID: bits(31, 20, 'Product, in the numbering of the maker.'),
  },
  { code: code.SMMU_IIDR },
);

/** Version of the architecture. Source: Arm IHI 0070, section 6.3.8. */
export const SMMU_AIDR = bitStruct(
  'SMMU_AIDR',
  'Architecture identification register.',
  4,
  {
    ArchMinorRev: bits(3, 0, 'Minor version: 4 for SMMUv3.4.'),
    ArchMajorRev: bits(7, 4, 'Major version: 0 for SMMUv3.'),
  },
  { code: code.SMMU_AIDR },
);
