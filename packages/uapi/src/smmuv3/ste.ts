import { addressBits, bit, bits, bitStruct, hexBits } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import {
  smmuv3_address_size,
  smmuv3_cd_cacheability,
  smmuv3_granule,
  smmuv3_instcfg,
  smmuv3_mem_attr,
  smmuv3_privcfg,
  smmuv3_shareability,
  smmuv3_shcfg,
  smmuv3_walk_cacheability,
} from './attributes.js';
import * as code from './ste.generated.js';

/** The stages of translation of a stream. Source: Arm IHI 0070, section 5.2, STE.Config. */
export const smmuv3_ste_config = enumeration(
  'smmuv3_ste_config',
  'The enabled stages of translation; 1 to 3 are reserved and act as ABORT.',
  {
    ABORT: [0b000, 'None: every transaction is aborted, without an event.'],
    BYPASS: [0b100, 'None: transactions bypass translation.'],
    S1_TRANSLATE: [0b101, 'Stage 1 only.'],
    S2_TRANSLATE: [0b110, 'Stage 2 only.'],
    S1_S2_TRANSLATE: [0b111, 'Stage 1, then stage 2.'],
  },
);

/** Form of the table of context descriptors. Source: Arm IHI 0070, section 5.2, STE.S1Fmt. */
export const smmuv3_ste_s1fmt = enumeration(
  'smmuv3_ste_s1fmt',
  'Form of the table at S1ContextPtr; 3 is reserved and acts as LINEAR.',
  {
    LINEAR: [0, 'One array of context descriptors.'],
    TWO_LEVEL_4KB: [1, 'Two levels; each second-level table has 4 KB, which is 64 context descriptors.'],
    TWO_LEVEL_64KB: [2, 'Two levels; each second-level table has 64 KB, which is 1024 context descriptors.'],
  },
);

/** Handling of transactions without a substream. Source: Arm IHI 0070, section 5.2, STE.S1DSS. */
export const smmuv3_ste_s1dss = enumeration(
  'smmuv3_ste_s1dss',
  'Stage 1 of transactions without a substream, on a stream with substreams; 3 is reserved and acts as TERMINATE.',
  {
    TERMINATE: [0, 'They are aborted, with the event F_STREAM_DISABLED.'],
    BYPASS: [1, 'They bypass stage 1.'],
    SUBSTREAM_0: [2, 'They use context descriptor 0, and substream 0 may not be used.'],
  },
);

/** ATS of a stream. Source: Arm IHI 0070, section 5.2, STE.EATS. */
export const smmuv3_ste_eats = enumeration('smmuv3_ste_eats', 'ATS support for the stream.', {
  OFF: [0, 'None; translated transactions are refused.'],
  FULL: [1, 'Full: ATS requests return physical addresses.'],
  SPLIT_STAGE: [2, 'Split-stage: ATS requests return IPAs, and stage 2 translates translated transactions.'],
  FULL_DPT: [
    3,
    'Full, checked by the device permission table. Without that table it is reserved and acts as OFF.',
  ],
});

/** Translation regime of stage 1. Source: Arm IHI 0070, section 5.2, STE.STRW. */
export const smmuv3_ste_strw = enumeration(
  'smmuv3_ste_strw',
  'The StreamWorld. In Secure entries 0 is Secure EL1, 1 is EL3 and 2 is Secure EL2; in Realm entries 0 is Realm EL1 and 2 is Realm EL2. Other values are ILLEGAL.',
  {
    EL1: [0, 'EL1 of the security state.'],
    EL3: [1, 'EL3; in Secure entries only, and not with RME.'],
    EL2: [2, 'EL2 of the security state, with E2H if SMMU_CR2.E2H is set.'],
  },
);

/** The VMID match rule of device permissions. Source: Arm IHI 0070, section 5.2, STE.DPT_VMATCH. */
export const smmuv3_ste_dpt_vmatch = enumeration(
  'smmuv3_ste_dpt_vmatch',
  'When a device permission table entry applies; AC is its access control field. 3 is reserved and acts as 0.',
  {
    MATCH_OR_AC_2: [0, 'Its VMID is S2VMID, or its AC is 2.'],
    MATCH_OR_AC_1_2: [1, 'Its VMID is S2VMID, or its AC is 1 or 2.'],
    ANY: [2, 'Always.'],
  },
);

/** Permissions of the stage 2 overlay. Source: Arm IHI 0070, section 5.2, STE.S2POI. */
export const smmuv3_s2_overlay = enumeration(
  'smmuv3_s2_overlay',
  'Permissions of the stage 2 permission overlay; MRO is mostly read-only. 1 and 5 are reserved and ILLEGAL.',
  {
    NONE: [0, 'Nothing.'],
    MRO: [2, 'Mostly read-only.'],
    MRO_TL1: [3, 'Mostly read-only, TopLevel 1.'],
    WO: [4, 'Writes.'],
    MRO_TL0: [6, 'Mostly read-only, TopLevel 0.'],
    MRO_TL01: [7, 'Mostly read-only, TopLevel 0 and 1.'],
    RO: [8, 'Reads.'],
    RO_uX: [9, 'Reads, unprivileged execution.'],
    RO_pX: [10, 'Reads, privileged execution.'],
    RO_puX: [11, 'Reads, all execution.'],
    RW: [12, 'Reads and writes.'],
    RW_uX: [13, 'Reads and writes, unprivileged execution.'],
    RW_pX: [14, 'Reads and writes, privileged execution.'],
    RW_puX: [15, 'Reads and writes, all execution.'],
  },
);

/** The overlay permission with this index. The POIndex of page descriptors selects one. */
const overlay = (index: number) =>
  bits(451 + 4 * index, 448 + 4 * index, `Permissions of pages with POIndex ${index}.`, smmuv3_s2_overlay);

/** A stream table entry. Source: Arm IHI 0070, section 5.2. */
export const smmuv3_ste = bitStruct(
  'smmuv3_ste',
  'A stream table entry (STE): the configuration of one stream. A nested page table of iommufd is allocated from its words 0 and 1.',
  64,
  {
    V: bit(0, '1 if the entry is valid; otherwise its other fields are ignored.'),
    Config: bits(3, 1, 'The enabled stages of translation.', smmuv3_ste_config),
    S1Fmt: bits(5, 4, 'Form of the table at S1ContextPtr; used if S1CDMax is not 0.', smmuv3_ste_s1fmt),
    S1ContextPtr: addressBits(
      55,
      6,
      'Address of the context descriptor, or of the table of context descriptors; an IPA if stage 2 is enabled.',
    ),
    S1CDMax: bits(63, 59, 'Base 2 logarithm of the number of context descriptors; 0 for no substreams.'),

    S1DSS: bits(
      65,
      64,
      'Handling of transactions without a substream; used if S1CDMax is not 0.',
      smmuv3_ste_s1dss,
    ),
    S1CIR: bits(67, 66, 'Inner cacheability of context descriptor fetches.', smmuv3_cd_cacheability),
    S1COR: bits(69, 68, 'Outer cacheability of context descriptor fetches.', smmuv3_cd_cacheability),
    S1CSH: bits(71, 70, 'Shareability of context descriptor fetches.', smmuv3_shareability),
    S2HWU59: bit(72, '1 if the implementation may use bit 59 of stage 2 descriptors.'),
    S2HWU60: bit(73, '1 if the implementation may use bit 60 of stage 2 descriptors.'),
    S2HWU61: bit(74, '1 if the implementation may use bit 61 of stage 2 descriptors.'),
    S2HWU62: bit(75, '1 if the implementation may use bit 62 of stage 2 descriptors.'),
    DRE: bit(76, '1 if destructive reads and destructive cache invalidations are allowed.'),
    CONT: bits(80, 77, 'Hint: this entry is one of 2^CONT aligned, contiguous, identical entries.'),
    DCP: bit(81, '1 if the device may place data into a cache (directed cache prefetch).'),
    PPAR: bit(
      82,
      '1 if the automatic response to a page request that overflows the PRI queue carries its PASID.',
    ),
    MEV: bit(83, '1 if similar events may be merged into one.'),
    SW_RESERVED: bits(87, 84, 'For software; the SMMU ignores it.'),
    S1PIE: bit(88, '1 if context descriptors may turn on indirect permissions.'),
    S2FWB: bit(
      89,
      '1 if stage 2 descriptors can force the memory type, in particular Write-back, as with HCR_EL2.FWB.',
    ),
    S1MPAM: bit(90, '1 if PARTID and PMG come from the context descriptor.'),
    S1STALLD: bit(91, '1 if stage 1 faults must not stall; then CD.S must be 0.'),
    EATS: bits(93, 92, 'ATS support for the stream.', smmuv3_ste_eats),
    STRW: bits(95, 94, 'Translation regime of stage 1.', smmuv3_ste_strw),
    MemAttr: bits(99, 96, 'Memory type that MTCFG selects.', smmuv3_mem_attr),
    MTCFG: bit(100, '1 to replace the memory type of transactions by MemAttr.'),
    ALLOCCFG: bits(
      104,
      101,
      'Allocation hints: below 8, those of the transaction; otherwise 8 plus read 4, write 2, transient 1.',
    ),
    SHCFG: bits(109, 108, 'Shareability of transactions.', smmuv3_shcfg),
    NSCFG: bits(
      111,
      110,
      'NS attribute of transactions. Secure entries: 0 incoming, 2 Secure, 3 Non-secure; Realm entries: 0 incoming, 2 Realm, 3 Non-secure; other entries: 0.',
    ),
    PRIVCFG: bits(113, 112, 'Privilege of transactions.', smmuv3_privcfg),
    INSTCFG: bits(115, 114, 'Whether reads are treated as instruction fetches.', smmuv3_instcfg),
    IMPLEMENTATION_DEFINED_127_116: bits(127, 116, 'IMPLEMENTATION DEFINED.'),

    S2VMID: hexBits(143, 128, 'Tag of cached translations of the virtual machine.'),
    IMPLEMENTATION_DEFINED_159_144: bits(159, 144, 'IMPLEMENTATION DEFINED.'),
    S2T0SZ: bits(165, 160, 'The IPA space of stage 2 has 2^(64 - S2T0SZ) bytes (VMSAv8-64).'),
    S2SL0: bits(
      167,
      166,
      'Start level of stage 2 walks; together with S2SL0_2, encoded as VTCR_EL2.SL2 and SL0.',
    ),
    S2IR0: bits(169, 168, 'Inner cacheability of stage 2 walks.', smmuv3_walk_cacheability),
    S2OR0: bits(171, 170, 'Outer cacheability of stage 2 walks.', smmuv3_walk_cacheability),
    S2SH0: bits(173, 172, 'Shareability of stage 2 walks.', smmuv3_shareability),
    S2TG: bits(175, 174, 'Page size of stage 2.', smmuv3_granule),
    S2PS: bits(178, 176, 'Width of the output addresses of stage 2.', smmuv3_address_size),
    S2AA64: bit(179, '1 for VMSAv8-64 tables; 0 for VMSAv8-32 LPAE or VMSAv9-128, whichever is implemented.'),
    S2ENDI: bit(180, '1 if the stage 2 tables are big-endian.'),
    S2AFFD: bit(181, '1 if a cleared access flag does not cause a stage 2 fault.'),
    S2PTW: bit(182, '1 if stage 2 faults when stage 1 tables or context descriptors are in Device memory.'),
    S2HD: bit(183, '1 if the hardware marks stage 2 pages dirty; needs S2HA.'),
    S2HA: bit(184, '1 if the hardware sets the access flag of stage 2 pages.'),
    S2S: bit(185, '1 to stall transactions that fault at stage 2.'),
    S2R: bit(186, '1 if stage 2 faults are recorded as events.'),
    S2HAFT: bit(187, '1 if the hardware sets the access flag of stage 2 table descriptors.'),
    S2PIE: bit(188, '1 to enable indirect permissions of stage 2.'),
    S2POE: bit(189, '1 to enable the stage 2 permission overlay.'),
    DPT_VMATCH: bits(191, 190, 'The VMID match rule of device permissions.', smmuv3_ste_dpt_vmatch),

    S2NSW: bit(192, 'Secure entries: NS attribute of the walks through S2TTB.'),
    S2NSA: bit(193, 'Secure entries: NS attribute of the output addresses of Non-secure IPAs.'),
    S2SL0_2: bit(194, 'Bit 2 of S2SL0, for 52-bit addresses in 4 KB pages.'),
    S2DS: bit(195, '1 if stage 2 has 52-bit addresses in 4 KB or 16 KB pages.'),
    S2TTB: addressBits(247, 196, 'Address of the stage 2 tables.'),
    S2SKL: bits(254, 253, 'Number of levels that the first lookup of stage 2 skips (VMSAv9-128).'),

    IMPLEMENTATION_DEFINED_271_256: bits(271, 256, 'IMPLEMENTATION DEFINED.'),
    PARTID: bits(287, 272, 'MPAM partition of the stream.'),
    S_S2T0SZ: bits(293, 288, 'S2T0SZ of the Secure IPA space.'),
    S_S2SL0: bits(295, 294, 'S2SL0 of the Secure IPA space.'),
    S_S2TG: bits(303, 302, 'Page size of stage 2 for the Secure IPA space.', smmuv3_granule),
    MECID: bits(319, 304, 'Realm entries: memory encryption context.'),

    PMG: bits(327, 320, 'MPAM monitoring group of the stream.'),
    MPAM_NS: bit(328, '1 if PARTID is in the Non-secure PARTID space.'),
    AssuredOnly: bit(329, '1 if stage 2 checks the AssuredOnly attribute.'),
    TL0: bit(330, '1 if stage 2 checks for TopLevel 0.'),
    TL1: bit(331, '1 if stage 2 checks for TopLevel 1.'),
    VMSPtr: addressBits(375, 332, 'Address of the virtual machine structure, aligned to 4 KB.'),

    S2SW: bit(384, 'Secure entries: NS attribute of the walks through S_S2TTB.'),
    S2SA: bit(
      385,
      'Secure entries: NS attribute of the output addresses of Secure IPAs; acts as 1 if S2SW is 1.',
    ),
    S_S2SL0_2: bit(386, 'Bit 2 of S_S2SL0.'),
    S_S2TTB: addressBits(439, 388, 'Address of the stage 2 tables of the Secure IPA space.'),
    S_S2SKL: bits(446, 445, 'S2SKL of the Secure IPA space.'),

    S2POI0: overlay(0),
    S2POI1: overlay(1),
    S2POI2: overlay(2),
    S2POI3: overlay(3),
    S2POI4: overlay(4),
    S2POI5: overlay(5),
    S2POI6: overlay(6),
    S2POI7: overlay(7),
    S2POI8: overlay(8),
    S2POI9: overlay(9),
    S2POI10: overlay(10),
    S2POI11: overlay(11),
    S2POI12: overlay(12),
    S2POI13: overlay(13),
    S2POI14: overlay(14),
    S2POI15: overlay(15),
  },
  { code: code.smmuv3_ste },
);

/** A first-level stream table descriptor. Source: Arm IHI 0070, section 5.1. */
export const smmuv3_l1std = bitStruct(
  'smmuv3_l1std',
  'An entry of the first level of a two-level stream table (L1STD).',
  8,
  {
    Span: bits(
      4,
      0,
      '0 without a second-level array; 1 to 11 for an array of 2^(Span - 1) entries; other values act as 0.',
    ),
    L2Ptr: addressBits(55, 6, 'Address of the second-level array, aligned to its size.'),
  },
  { code: code.smmuv3_l1std },
);
