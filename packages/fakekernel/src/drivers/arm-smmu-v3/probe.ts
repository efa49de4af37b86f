/**
 * Probing: the driver reads feature bits and sizes from the identification registers. Linux's `arm_smmu_device_hw_probe()` and
 * `arm_smmu_device_iidr_probe()`. If Linux fails with ENXIO, an Error with the driver's message is thrown.
 */
import { fieldsOf } from '@iommufd/smmuv3';
import {
  arm_smmu_constants,
  arm_smmu_features,
  SMMU_IDR0,
  SMMU_IDR1,
  SMMU_IDR3,
  SMMU_IDR5,
  SMMU_IIDR,
  smmuv3_address_size,
  smmuv3_httu,
  smmuv3_register,
  smmuv3_stall_model,
  smmuv3_stream_table_level,
  smmuv3_table_endianness,
  smmuv3_table_format,
  smmuv3_virtual_address_size,
} from '@iommufd/uapi';
import type { Decoded } from '@iommufd/uapi/struct';
import type { SmmuHardware } from '../../hardware/smmu-hardware.js';

const {
  ARM_SMMU_FEAT_2_LVL_CDTAB,
  ARM_SMMU_FEAT_2_LVL_STRTAB,
  ARM_SMMU_FEAT_ATS,
  ARM_SMMU_FEAT_ATTR_TYPES_OVR,
  ARM_SMMU_FEAT_BBML2,
  ARM_SMMU_FEAT_COHERENCY,
  ARM_SMMU_FEAT_DS,
  ARM_SMMU_FEAT_HA,
  ARM_SMMU_FEAT_HD,
  ARM_SMMU_FEAT_HYP,
  ARM_SMMU_FEAT_NESTING,
  ARM_SMMU_FEAT_PRI,
  ARM_SMMU_FEAT_RANGE_INV,
  ARM_SMMU_FEAT_S2FWB,
  ARM_SMMU_FEAT_SEV,
  ARM_SMMU_FEAT_STALLS,
  ARM_SMMU_FEAT_STALL_FORCE,
  ARM_SMMU_FEAT_SVA,
  ARM_SMMU_FEAT_TRANS_S1,
  ARM_SMMU_FEAT_TRANS_S2,
  ARM_SMMU_FEAT_TT_BE,
  ARM_SMMU_FEAT_TT_LE,
  ARM_SMMU_FEAT_VAX,
} = arm_smmu_features;

/** `STRTAB_SPLIT`: number of StreamID bits that index the second level of the stream table. */
export const STRTAB_SPLIT = 8;
/** Base 2 logarithm of the largest contiguous allocation in bytes: `PAGE_SHIFT + MAX_PAGE_ORDER`. */
const Q_MAX_SZ_SHIFT = 22;
/** Base 2 logarithms of the sizes of queue entries. */
const CMDQ_ENT_SZ_SHIFT = 4;
const EVTQ_ENT_SZ_SHIFT = 5;
const PRIQ_ENT_SZ_SHIFT = 4;

/** Address sizes in bits, by SMMU_IDR5.OAS. Linux treats an unknown value as 48. */
const OAS_BITS: Readonly<Record<number, number>> = {
  [smmuv3_address_size.BITS_32]: 32,
  [smmuv3_address_size.BITS_36]: 36,
  [smmuv3_address_size.BITS_40]: 40,
  [smmuv3_address_size.BITS_42]: 42,
  [smmuv3_address_size.BITS_44]: 44,
  [smmuv3_address_size.BITS_48]: 48,
  [smmuv3_address_size.BITS_52]: 52,
};

/** Products of Arm that have errata. */
const IMPLEMENTER_ARM = 0x43b;
const MMU_600 = 0x483;
const MMU_700 = 0x487;

/** The probed features and sizes. */
export interface Probed {
  /** Flags of `arm_smmu_features`. */
  readonly features: number;
  /** Number of bits of a physical address. */
  readonly oas: number;
  /** Bitmap of page and block sizes. */
  readonly pageSizes: bigint;
  readonly asidBits: number;
  readonly vmidBits: number;
  readonly sidBits: number;
  readonly ssidBits: number;
  /** Base 2 logarithms of the sizes of the queues, in entries. */
  readonly cmdqShift: number;
  readonly evtqShift: number;
  readonly priqShift: number;
}

/** The error of a failed probe, with the driver's message. */
function unsupported(why: string): Error {
  return new Error(`arm-smmu-v3: ${why}`);
}

/** `arm_smmu_device_hw_probe()`. @throws Error if Linux fails with ENXIO */
export function probe(hardware: SmmuHardware): Probed {
  const idr0 = fieldsOf(SMMU_IDR0, hardware.read32(smmuv3_register.SMMU_IDR0));
  const idr1 = fieldsOf(SMMU_IDR1, hardware.read32(smmuv3_register.SMMU_IDR1));
  const idr3 = fieldsOf(SMMU_IDR3, hardware.read32(smmuv3_register.SMMU_IDR3));
  const idr5 = fieldsOf(SMMU_IDR5, hardware.read32(smmuv3_register.SMMU_IDR5));

  if (idr0.TTENDIAN !== smmuv3_table_endianness.MIXED && idr0.TTENDIAN !== smmuv3_table_endianness.LITTLE)
    throw unsupported('unknown/unsupported TT endianness!');
  if (idr0.S1P === 0 && idr0.S2P === 0) throw unsupported('no translation support!');
  if ((idr0.TTF & smmuv3_table_format.AARCH64) === 0)
    throw unsupported('AArch64 table format not supported!');
  if (idr1.TABLES_PRESET === 1 || idr1.QUEUES_PRESET === 1 || idr1.REL === 1)
    throw unsupported('embedded implementation not supported');
  const cmdqShift = Math.min(Q_MAX_SZ_SHIFT - CMDQ_ENT_SZ_SHIFT, idr1.CMDQS);
  const batch = arm_smmu_constants.CMDQ_BATCH_ENTRIES;
  if (1 << cmdqShift <= batch) throw unsupported(`command queue size <= ${batch} entries not supported`);

  const oas = OAS_BITS[idr5.OAS] ?? 48;
  const isForced = idr0.STALL_MODEL === smmuv3_stall_model.FORCE;
  const nested = idr0.S1P === 1 && idr0.S2P === 1 && !hasNestingErratum(hardware);
  const flags: readonly (readonly [boolean, number])[] = [
    // A table that fits into one second-level array is linear.
    [
      idr0.ST_LEVEL === smmuv3_stream_table_level.TWO_LEVEL && idr1.SIDSIZE > STRTAB_SPLIT,
      ARM_SMMU_FEAT_2_LVL_STRTAB,
    ],
    [idr0.CD2L === 1, ARM_SMMU_FEAT_2_LVL_CDTAB],
    [true, ARM_SMMU_FEAT_TT_LE],
    [idr0.TTENDIAN === smmuv3_table_endianness.MIXED, ARM_SMMU_FEAT_TT_BE],
    [idr0.PRI === 1, ARM_SMMU_FEAT_PRI],
    [idr0.ATS === 1, ARM_SMMU_FEAT_ATS],
    [idr0.SEV === 1, ARM_SMMU_FEAT_SEV],
    // Linux prefers the firmware's value to COHACC; here both agree. MSIs are not modelled.
    [idr0.COHACC === 1, ARM_SMMU_FEAT_COHERENCY],
    // `arm_smmu_get_httu()` with a device tree; an ACPI table has the value itself. The function does not know the value 3
    // (HAFT).
    [idr0.HTTU === smmuv3_httu.ACCESS || idr0.HTTU === smmuv3_httu.ACCESS_DIRTY, ARM_SMMU_FEAT_HA],
    [idr0.HTTU === smmuv3_httu.ACCESS_DIRTY, ARM_SMMU_FEAT_HD],
    [idr0.S1P === 1, ARM_SMMU_FEAT_TRANS_S1],
    [idr0.S2P === 1, ARM_SMMU_FEAT_TRANS_S2],
    [isForced || idr0.STALL_MODEL === smmuv3_stall_model.STALL, ARM_SMMU_FEAT_STALLS],
    // CPUs without VHE: EL2 streams and E2H are not used.
    [idr0.Hyp === 1, ARM_SMMU_FEAT_HYP],
    [isForced, ARM_SMMU_FEAT_STALL_FORCE],
    [idr5.VAX === smmuv3_virtual_address_size.BITS_52, ARM_SMMU_FEAT_VAX],
    [idr3.RIL === 1, ARM_SMMU_FEAT_RANGE_INV],
    [idr0.COHACC === 1, ARM_SMMU_FEAT_SVA],
    [nested, ARM_SMMU_FEAT_NESTING],
    [idr1.ATTR_TYPES_OVR === 1, ARM_SMMU_FEAT_ATTR_TYPES_OVR],
    [idr3.FWB === 1, ARM_SMMU_FEAT_S2FWB],
    [idr3.BBML === 2, ARM_SMMU_FEAT_BBML2],
    [idr5.DS === 1, ARM_SMMU_FEAT_DS],
  ];
  return {
    features: flags.reduce((all, [has, feature]) => (has ? all | feature : all), 0),
    oas,
    pageSizes: pageSizes(idr5, oas),
    asidBits: idr0.ASID16 === 1 ? 16 : 8,
    vmidBits: idr0.VMID16 === 1 ? 16 : 8,
    sidBits: idr1.SIDSIZE,
    ssidBits: idr1.SSIDSIZE,
    cmdqShift,
    evtqShift: Math.min(Q_MAX_SZ_SHIFT - EVTQ_ENT_SZ_SHIFT, idr1.EVENTQS),
    priqShift: Math.min(Q_MAX_SZ_SHIFT - PRIQ_ENT_SZ_SHIFT, idr1.PRIQS),
  };
}

/** `arm_smmu_device_iidr_probe()`: revisions of Arm's MMU-600 and MMU-700 on which nesting is disabled. */
function hasNestingErratum(hardware: SmmuHardware): boolean {
  const iidr = fieldsOf(SMMU_IIDR, hardware.read32(smmuv3_register.SMMU_IIDR));
  if (iidr.Implementer !== IMPLEMENTER_ARM) return false;
  if (iidr.ProductID === MMU_600) return iidr.Variant < 2;
  return iidr.ProductID === MMU_700 && (iidr.Variant < 1 || iidr.Revision < 1);
}

/**
 * `arm_lpae_restrict_pgsizes()`: the granule and its block sizes. The granule is PAGE_SIZE if supported, otherwise the largest
 * smaller granule, otherwise the smallest.
 */
function pageSizes(
  { GRAN4K, GRAN16K }: Pick<Decoded<typeof SMMU_IDR5>, 'GRAN4K' | 'GRAN16K'>,
  oas: number,
): bigint {
  if (GRAN4K === 1) return (1n << 12n) | (1n << 21n) | (1n << 30n);
  if (GRAN16K === 1) return (1n << 14n) | (1n << 25n);
  return (1n << 16n) | (1n << 29n) | (oas > 48 ? 1n << 42n : 0n);
}
