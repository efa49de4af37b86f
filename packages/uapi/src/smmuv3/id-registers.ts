import { bit, bits, bitStruct } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import { smmuv3_address_size } from './attributes.js';
import * as code from './id-registers.generated.js';

/** Translation table formats. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.TTF. */
export const smmuv3_table_format = enumeration(
  'smmuv3_table_format',
  'Supported formats of translation tables; 0 is reserved.',
  {
    AARCH32: [1, 'VMSAv8-32 LPAE.'],
    AARCH64: [2, 'VMSAv8-64.'],
    AARCH32_AARCH64: [3, 'Both.'],
  },
);

/** Flags that the hardware updates. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.HTTU. */
export const smmuv3_httu = enumeration(
  'smmuv3_httu',
  'Flags in translation tables that the hardware can update.',
  {
    NONE: [0, 'Nothing.'],
    ACCESS: [1, 'The access flag of pages.'],
    ACCESS_DIRTY: [2, 'The access flag and the dirty state of pages.'],
    ACCESS_DIRTY_HAFT: [3, 'Those, and the access flag of table descriptors.'],
  },
);

/** Byte order of translation tables. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.TTENDIAN. */
export const smmuv3_table_endianness = enumeration(
  'smmuv3_table_endianness',
  'Supported byte orders of translation tables; 1 is reserved.',
  {
    MIXED: [0, 'Either, as selected for each stream or context.'],
    LITTLE: [2, 'Little-endian only.'],
    BIG: [3, 'Big-endian only.'],
  },
);

/** Stall and terminate models for faulting transactions. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.STALL_MODEL. */
export const smmuv3_stall_model = enumeration(
  'smmuv3_stall_model',
  'Stall and terminate models for transactions that fault; 3 is reserved.',
  {
    STALL: [0, 'They stall or terminate, as configured.'],
    TERMINATE: [1, 'They always terminate.'],
    FORCE: [2, 'They always stall, and every configuration must select that.'],
  },
);

/** Forms of stream tables. Source: Arm IHI 0070, section 6.3.1, SMMU_IDR0.ST_LEVEL. */
export const smmuv3_stream_table_level = enumeration(
  'smmuv3_stream_table_level',
  'Supported forms of stream tables; 2 and 3 are reserved.',
  {
    LINEAR: [0, 'Linear only.'],
    TWO_LEVEL: [1, 'Linear and of two levels.'],
  },
);

/** Sizes of virtual addresses. Source: Arm IHI 0070, section 6.3.6, SMMU_IDR5.VAX. */
export const smmuv3_virtual_address_size = enumeration(
  'smmuv3_virtual_address_size',
  'Width of virtual addresses that TTB0 and TTB1 can each translate; 3 is reserved.',
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
    S2P: bit(0, '1 if stage 2 is supported.'),
    S1P: bit(1, '1 if stage 1 is supported.'),
    TTF: bits(3, 2, 'Formats of translation tables.', smmuv3_table_format),
    COHACC: bit(4, "1 if the SMMU's own accesses are coherent with the processors' caches."),
    BTM: bit(5, '1 if TLB invalidations that processors broadcast are received.'),
    HTTU: bits(7, 6, 'Flags in translation tables that the hardware can update.', smmuv3_httu),
    DORMHINT: bit(8, '1 if SMMU_STATUSR reports that the SMMU is dormant.'),
    Hyp: bit(9, '1 if stage 1 supports the EL2 regimes.'),
    ATS: bit(10, '1 if PCIe ATS is supported.'),
    NS1ATS: bit(11, '1 if split-stage ATS is NOT supported.'),
    ASID16: bit(12, '1 if ASIDs have 16 bits, 0 if they have 8.'),
    MSI: bit(13, '1 if MSIs are supported.'),
    SEV: bit(14, '1 if the SMMU can wake processors from WFE.'),
    ATOS: bit(15, '1 if software can request address translations (GATOS).'),
    PRI: bit(16, '1 if there is a PRI queue.'),
    VMW: bit(17, '1 if invalidations can ignore bits of the VMID.'),
    VMID16: bit(18, '1 if VMIDs have 16 bits, 0 if they have 8.'),
    CD2L: bit(19, '1 if tables of context descriptors can have two levels.'),
    VATOS: bit(20, '1 if a virtual machine can request address translations (VATOS).'),
    TTENDIAN: bits(22, 21, 'Byte order of translation tables.', smmuv3_table_endianness),
    ATSRECERR: bit(
      23,
      '1 if configuration errors of ATS requests can be recorded, see SMMU_CR2.REC_CFG_ATS.',
    ),
    STALL_MODEL: bits(25, 24, 'Stall and terminate model for transactions that fault.', smmuv3_stall_model),
    TERM_MODEL: bit(26, '1 if terminated faults always abort, 0 if CD.A selects.'),
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
    SIDSIZE: bits(5, 0, 'Width of a StreamID in bits, 0 to 32.'),
    SSIDSIZE: bits(10, 6, 'Width of a SubstreamID in bits, 0 to 20; 0 for no substreams.'),
    PRIQS: bits(15, 11, 'Base 2 logarithm of the maximum number of entries of the PRI queue, up to 19.'),
    EVENTQS: bits(20, 16, 'Base 2 logarithm of the maximum number of entries of the event queue, up to 19.'),
    CMDQS: bits(25, 21, 'Base 2 logarithm of the maximum number of entries of the command queue, up to 19.'),
    ATTR_PERMS_OVR: bit(26, '1 if INSTCFG, PRIVCFG and NSCFG are supported.'),
    ATTR_TYPES_OVR: bit(27, '1 if MTCFG, SHCFG and ALLOCCFG are supported.'),
    REL: bit(28, '1 if preset addresses are relative to the base of the registers.'),
    QUEUES_PRESET: bit(29, '1 if the queues have fixed addresses.'),
    TABLES_PRESET: bit(30, '1 if the stream table has a fixed address.'),
    ECMDQ: bit(31, '1 if enhanced command queues are supported, see SMMU_IDR6.'),
  },
  { code: code.SMMU_IDR1 },
);

/** Address of the VATOS page. Source: Arm IHI 0070, section 6.3.3. */
export const SMMU_IDR2 = bitStruct(
  'SMMU_IDR2',
  'Identification register 2: address of the VATOS page.',
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
    PBHA: bit(3, '1 if descriptor bits 59 to 62 can have an IMPLEMENTATION DEFINED use.'),
    XNX: bit(4, '1 if stage 2 can forbid execution separately for privileged and unprivileged accesses.'),
    PPS: bit(5, '1 if automatic responses to page requests always carry the PASID.'),
    MPAM: bit(7, '1 if MPAM is supported.'),
    FWB: bit(8, '1 if STE.S2FWB is supported.'),
    STT: bit(9, '1 if small translation tables are supported.'),
    RIL: bit(10, '1 if TLB invalidations support ranges and level hints.'),
    BBML: bits(12, 11, 'Level of break-before-make support for changes of the size of a mapping: 0, 1 or 2.'),
    E0PD: bit(13, '1 if CD.E0PD0 and E0PD1 are supported.'),
    PTWNNC: bit(14, '1 if walks to Device memory are Normal Non-cacheable when S2PTW is 0.'),
    DPT: bit(15, '1 if device permission tables are supported.'),
    PASIDTT: bit(16, '1 if translated transactions can carry a PASID.'),
    EPAN: bit(17, '1 if CD.EPAN is supported.'),
    S1PI: bit(18, '1 if stage 1 permissions can be indirect.'),
    S2PI: bit(19, '1 if stage 2 permissions can be indirect.'),
    S2PO: bit(20, '1 if the stage 2 permission overlay is supported.'),
    THE: bit(21, '1 if translation hardening is supported.'),
    MTEPERM: bit(22, '1 if stage 2 can forbid access to memory tags.'),
    AIE: bit(23, '1 if CD.AIE is supported.'),
  },
  { code: code.SMMU_IDR3 },
);

/** IMPLEMENTATION DEFINED. Source: Arm IHI 0070, section 6.3.5. */
export const SMMU_IDR4 = bitStruct(
  'SMMU_IDR4',
  'Identification register 4: IMPLEMENTATION DEFINED.',
  4,
  {
    IMPLEMENTATION_DEFINED_31_0: bits(31, 0, 'IMPLEMENTATION DEFINED.'),
  },
  { code: code.SMMU_IDR4 },
);

/** Addresses and page sizes. Source: Arm IHI 0070, section 6.3.6. */
export const SMMU_IDR5 = bitStruct(
  'SMMU_IDR5',
  'Identification register 5: addresses and page sizes.',
  4,
  {
    OAS: bits(2, 0, 'Width of a physical address.', smmuv3_address_size),
    GRAN4K: bit(4, '1 if pages of 4 KB are supported.'),
    GRAN16K: bit(5, '1 if pages of 16 KB are supported.'),
    GRAN64K: bit(6, '1 if pages of 64 KB are supported.'),
    DS: bit(7, '1 if 52-bit addresses are supported with 4 KB and 16 KB pages.'),
    D128: bit(8, '1 if translation table descriptors can have 128 bits.'),
    VAX: bits(11, 10, 'Width of a virtual address.', smmuv3_virtual_address_size),
    STALL_MAX: bits(31, 16, 'Maximum number of transactions that can be stalled at once.'),
  },
  { code: code.SMMU_IDR5 },
);

/** Implementer, product and revision. Source: Arm IHI 0070, section 6.3.7. */
export const SMMU_IIDR = bitStruct(
  'SMMU_IIDR',
  'Implementation identification register.',
  4,
  {
    Implementer: bits(
      11,
      0,
      'JEP106 code of the implementer: bits 11 to 8 continuation, 6 to 0 identity; 0x43b is Arm.',
    ),
    Revision: bits(15, 12, 'Minor revision.'),
    Variant: bits(19, 16, 'Major revision.'),
    ProductID: bits(31, 20, 'Product, as numbered by the implementer.'),
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
