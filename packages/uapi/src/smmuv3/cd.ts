import { addressBits, bit, bits, bitStruct, hexBits } from '../struct/bits.js';
import { enumeration } from '../struct/enumeration.js';
import {
  smmuv3_address_size,
  smmuv3_granule,
  smmuv3_granule_tg1,
  smmuv3_shareability,
  smmuv3_walk_cacheability,
} from './attributes.js';
import * as code from './cd.generated.js';

/** Permissions of stage 1 indirection. Source: Arm IHI 0070, section 5.4, CD.PIIU and CD.PIIP. */
export const smmuv3_s1_permission = enumeration(
  'smmuv3_s1_permission',
  'Permissions of a stage 1 permission index; 4 and 6 are reserved and ILLEGAL.',
  {
    NONE: [0, 'Nothing.'],
    R: [1, 'Reads.'],
    X: [2, 'Execution.'],
    RX: [3, 'Reads and execution.'],
    RW: [5, 'Reads and writes.'],
    RWX: [7, 'Reads, writes and execution.'],
  },
);

const unprivileged = (index: number) =>
  bits(
    386 + 3 * index,
    384 + 3 * index,
    `Permissions of unprivileged accesses to pages with PIIndex ${index}.`,
    smmuv3_s1_permission,
  );
const privileged = (index: number) =>
  bits(
    450 + 3 * index,
    448 + 3 * index,
    `Permissions of privileged accesses to pages with PIIndex ${index}.`,
    smmuv3_s1_permission,
  );

/** A context descriptor. Source: Arm IHI 0070, section 5.4. */
export const smmuv3_cd = bitStruct(
  'smmuv3_cd',
  'A context descriptor (CD): stage 1 of one substream. TTB0 translates low addresses and TTB1 high ones.',
  64,
  {
    T0SZ: bits(5, 0, 'TTB0 translates 2^(64 - T0SZ) bytes.'),
    TG0: bits(7, 6, 'Page size under TTB0.', smmuv3_granule),
    IR0: bits(9, 8, 'Inner cacheability of walks through TTB0.', smmuv3_walk_cacheability),
    OR0: bits(11, 10, 'Outer cacheability of walks through TTB0.', smmuv3_walk_cacheability),
    SH0: bits(13, 12, 'Shareability of walks through TTB0.', smmuv3_shareability),
    EPD0: bit(14, '1 to disable walks through TTB0: its addresses fault.'),
    ENDI: bit(15, '1 if the tables are big-endian.'),
    T1SZ: bits(21, 16, 'TTB1 translates 2^(64 - T1SZ) bytes.'),
    TG1: bits(23, 22, 'Page size under TTB1. Its encoding differs from TG0.', smmuv3_granule_tg1),
    IR1: bits(25, 24, 'Inner cacheability of walks through TTB1.', smmuv3_walk_cacheability),
    OR1: bits(27, 26, 'Outer cacheability of walks through TTB1.', smmuv3_walk_cacheability),
    SH1: bits(29, 28, 'Shareability of walks through TTB1.', smmuv3_shareability),
    EPD1: bit(30, '1 to disable walks through TTB1: its addresses fault.'),
    V: bit(31, '1 if the descriptor is valid; the use of an invalid one causes C_BAD_CD.'),
    IPS: bits(34, 32, 'Width of the output addresses of stage 1.', smmuv3_address_size),
    AFFD: bit(35, '1 if a cleared access flag does not cause a fault.'),
    WXN: bit(36, '1 if writable pages cannot be executed.'),
    UWXN: bit(37, '1 if pages that unprivileged accesses can write cannot be executed privileged.'),
    TBI0: bit(38, '1 to ignore the top byte of low addresses.'),
    TBI1: bit(39, '1 to ignore the top byte of high addresses.'),
    PAN: bit(40, '1 if privileged accesses to pages that unprivileged accesses can use fault.'),
    AA64: bit(41, '1 for VMSAv8-64 tables; 0 for VMSAv8-32 LPAE or VMSAv9-128, whichever is implemented.'),
    HD: bit(42, '1 if the hardware marks pages dirty; needs HA.'),
    HA: bit(43, '1 if the hardware sets the access flag of pages.'),
    S: bit(44, '1 to stall transactions that fault.'),
    R: bit(45, '1 if faults are recorded as events.'),
    A: bit(46, 'Result of a terminated fault: 1 an abort, 0 reads as zero and ignored writes.'),
    ASET: bit(
      47,
      '0 if the ASID is shared with the processors, so that their broadcast invalidations apply to it; 1 if it is private.',
    ),
    ASID: hexBits(63, 48, 'Tag of cached translations of the address space.'),

    NSCFG0: bit(64, 'Secure descriptors: NS attribute of the first access of walks through TTB0.'),
    HAD0: bit(
      65,
      '1 to ignore attributes in table descriptors under TTB0; with VMSAv9-128 it is DisCH0: 1 to ignore the contiguous bit at the first level.',
    ),
    E0PD0: bit(66, '1 if unprivileged accesses to low addresses fault.'),
    HAFT: bit(67, '1 if the hardware sets the access flag of table descriptors.'),
    TTB0: addressBits(119, 68, 'Address of the tables for low addresses.'),
    PnCH: bit(122, '1 if descriptors have a protected attribute in place of the contiguous bit.'),
    EPAN: bit(123, '1 if PAN also applies to pages that unprivileged accesses can only execute.'),
    HWU059: bit(124, '1 if the implementation may use bit 59 of descriptors under TTB0.'),
    HWU060: bit(125, '1 if the implementation may use bit 60 of descriptors under TTB0.'),
    HWU061: bit(
      126,
      '1 if the implementation may use bit 61 of descriptors under TTB0; with VMSAv9-128 it is bit 0 of SKL0, the number of levels that the first lookup skips.',
    ),
    HWU062: bit(
      127,
      '1 if the implementation may use bit 62 of descriptors under TTB0; with VMSAv9-128 it is bit 1 of SKL0.',
    ),

    NSCFG1: bit(128, 'Secure descriptors: NS attribute of the first access of walks through TTB1.'),
    HAD1: bit(129, 'HAD0 for TTB1; with VMSAv9-128 it is DisCH1.'),
    E0PD1: bit(130, '1 if unprivileged accesses to high addresses fault.'),
    AIE: bit(131, '1 if descriptors have a fourth bit of attribute index, into MAIR and its extension.'),
    TTB1: addressBits(183, 132, 'Address of the tables for high addresses.'),
    DS: bit(186, '1 for 52-bit addresses in 4 KB or 16 KB pages.'),
    PIE: bit(187, '1 to enable indirect permissions, through PIIU and PIIP.'),
    HWU159: bit(188, '1 if the implementation may use bit 59 of descriptors under TTB1.'),
    HWU160: bit(189, '1 if the implementation may use bit 60 of descriptors under TTB1.'),
    HWU161: bit(
      190,
      '1 if the implementation may use bit 61 of descriptors under TTB1; with VMSAv9-128 it is bit 0 of SKL1.',
    ),
    HWU162: bit(
      191,
      '1 if the implementation may use bit 62 of descriptors under TTB1; with VMSAv9-128 it is bit 1 of SKL1.',
    ),

    MAIR0: bits(223, 192, 'Memory attributes 0 to 3, one byte each.'),
    MAIR1: bits(255, 224, 'Memory attributes 4 to 7, one byte each.'),
    AMAIR0: bits(287, 256, 'Further attributes 0 to 3, IMPLEMENTATION DEFINED.'),
    AMAIR1: bits(319, 288, 'Further attributes 4 to 7, IMPLEMENTATION DEFINED.'),
    IMPLEMENTATION_DEFINED_351_320: bits(351, 320, 'IMPLEMENTATION DEFINED.'),
    PARTID: bits(367, 352, 'MPAM partition; a virtual one if stage 2 is enabled and maps PARTIDs.'),
    PMG: bits(375, 368, 'MPAM monitoring group.'),

    PIIU0: unprivileged(0),
    PIIU1: unprivileged(1),
    PIIU2: unprivileged(2),
    PIIU3: unprivileged(3),
    PIIU4: unprivileged(4),
    PIIU5: unprivileged(5),
    PIIU6: unprivileged(6),
    PIIU7: unprivileged(7),
    PIIU8: unprivileged(8),
    PIIU9: unprivileged(9),
    PIIU10: unprivileged(10),
    PIIU11: unprivileged(11),
    PIIU12: unprivileged(12),
    PIIU13: unprivileged(13),
    PIIU14: unprivileged(14),
    PIIU15: unprivileged(15),

    PIIP0: privileged(0),
    PIIP1: privileged(1),
    PIIP2: privileged(2),
    PIIP3: privileged(3),
    PIIP4: privileged(4),
    PIIP5: privileged(5),
    PIIP6: privileged(6),
    PIIP7: privileged(7),
    PIIP8: privileged(8),
    PIIP9: privileged(9),
    PIIP10: privileged(10),
    PIIP11: privileged(11),
    PIIP12: privileged(12),
    PIIP13: privileged(13),
    PIIP14: privileged(14),
    PIIP15: privileged(15),
  },
  { code: code.smmuv3_cd },
);

/** A first-level context descriptor. Source: Arm IHI 0070, section 5.3. */
export const smmuv3_l1cd = bitStruct(
  'smmuv3_l1cd',
  'An entry of the first level of a two-level table of context descriptors (L1CD).',
  8,
  {
    V: bit(0, '1 if L2Ptr is valid.'),
    L2Ptr: addressBits(55, 12, 'Address of the second-level table, aligned to 4 KB.'),
  },
  { code: code.smmuv3_l1cd },
);
