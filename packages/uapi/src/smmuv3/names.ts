import { maskOf } from '../struct/bits.js';
import {
  smmuv3_address_size,
  smmuv3_cd_cacheability,
  smmuv3_cr1_cacheability,
  smmuv3_mem_attr,
  smmuv3_shareability,
  smmuv3_shcfg,
} from './attributes.js';
import { smmuv3_cd, smmuv3_l1cd } from './cd.js';
import {
  CMD_CFGI_ALL,
  smmuv3_command,
  smmuv3_pri_response,
  smmuv3_resume_action,
  smmuv3_sync_signal,
} from './command.js';
import { SMMU_CR0, SMMU_CR1, SMMU_CR2, SMMU_GBPA, SMMU_GERROR, SMMU_IRQ_CTRL } from './control-registers.js';
import { arm_smmu_constants, arm_smmu_features, arm_smmu_options } from './driver.js';
import { smmuv3_event, smmuv3_event_class } from './event.js';
import {
  SMMU_IDR0,
  SMMU_IDR1,
  SMMU_IDR3,
  SMMU_IDR5,
  smmuv3_httu,
  smmuv3_stall_model,
  smmuv3_stream_table_level,
  smmuv3_table_endianness,
  smmuv3_table_format,
  smmuv3_virtual_address_size,
} from './id-registers.js';
import { smmuv3_pri } from './priq.js';
import {
  SMMU_CMDQ_BASE,
  SMMU_CMDQ_CONS,
  SMMU_EVENTQ_PROD,
  SMMU_STRTAB_BASE,
  SMMU_STRTAB_BASE_CFG,
  smmuv3_cmdq_error,
  smmuv3_strtab_format,
  smmuv3_strtab_split,
} from './queue-registers.js';
import { SMMU_PAGE_1, smmuv3_register as register } from './register.js';
import {
  smmuv3_l1std,
  smmuv3_ste,
  smmuv3_ste_config,
  smmuv3_ste_eats,
  smmuv3_ste_s1dss,
  smmuv3_ste_s1fmt,
  smmuv3_ste_strw,
} from './ste.js';

/**
 * The driver's masks of physical addresses end at bit 51, because it supports addresses of up to 52 bits. The
 * declarations here extend to bit 55, as in SMMUv3.4.
 */
const to52Bits = (mask: bigint): bigint => mask & ((1n << 52n) - 1n);

/** The driver's offsets of these registers are relative to the start of page 1. */
const inPage1 = (offset: number): bigint => BigInt(offset - SMMU_PAGE_1);

/** Length of a record in 64-bit words. */
const words = ({ byteLength }: { readonly byteLength: number }): bigint => BigInt(byteLength / 8);
/** Base 2 logarithm of the length of a record in bytes. */
const sizeShift = ({ byteLength }: { readonly byteLength: number }): bigint => BigInt(Math.log2(byteLength));

const fetchFault = smmuv3_event.form('F_STE_FETCH');
const permissionFault = smmuv3_event.form('F_PERMISSION');
const events = smmuv3_event.cases;

const prefetch = smmuv3_command.form('CMD_PREFETCH_ADDR');
const cfgiCd = smmuv3_command.form('CMD_CFGI_CD');
const cfgiRange = smmuv3_command.form('CMD_CFGI_STE_RANGE');
const tlbiVa = smmuv3_command.form('CMD_TLBI_NH_VA');
const tlbiIpa = smmuv3_command.form('CMD_TLBI_S2_IPA');
const atcInv = smmuv3_command.form('CMD_ATC_INV');
const priResp = smmuv3_command.form('CMD_PRI_RESP');
const resume = smmuv3_command.form('CMD_RESUME');
const sync = smmuv3_command.form('CMD_SYNC');
const commands = smmuv3_command.cases;

/** Action and Abort of CMD_RESUME, which the driver treats as one field. */
const resumeResponse = maskOf(resume, 'Action') | maskOf(resume, 'Abort');
/** The values of that field: its lower bit is a retry, its upper bit makes a termination an abort. */
const resumeRetry = BigInt(smmuv3_resume_action.Retry);
const resumeAbort = maskOf(resume, 'Abort') / maskOf(resume, 'Action');

/** The fields of stage 2 that have the layout of VTCR_EL2. The driver's masks of them start at the first of these bits. */
const vtcrFields = ['S2T0SZ', 'S2SL0', 'S2IR0', 'S2OR0', 'S2SH0', 'S2TG', 'S2PS'] as const;
const vtcr = vtcrFields.reduce((mask, field) => mask | maskOf(smmuv3_ste, field), 0n);
const inVtcr = (field: (typeof vtcrFields)[number]): bigint =>
  maskOf(smmuv3_ste, field) >> BigInt(smmuv3_ste.fields.S2T0SZ.lo % 64);

/** The fields of words 0 and 1 of a guest's stream table entry that the kernel accepts. */
const guestWord0 =
  to52Bits(maskOf(smmuv3_ste, 'S1ContextPtr')) |
  maskOf(smmuv3_ste, 'V') |
  maskOf(smmuv3_ste, 'Config') |
  maskOf(smmuv3_ste, 'S1Fmt') |
  maskOf(smmuv3_ste, 'S1CDMax');
const guestWord1 =
  maskOf(smmuv3_ste, 'S1DSS') |
  maskOf(smmuv3_ste, 'S1CIR') |
  maskOf(smmuv3_ste, 'S1COR') |
  maskOf(smmuv3_ste, 'S1CSH') |
  maskOf(smmuv3_ste, 'S1STALLD') |
  maskOf(smmuv3_ste, 'EATS');

/** The global errors that the driver handles: all those of SMMUv3.0. */
const handledErrors =
  maskOf(SMMU_GERROR, 'CMDQ_ERR') |
  maskOf(SMMU_GERROR, 'EVENTQ_ABT_ERR') |
  maskOf(SMMU_GERROR, 'PRIQ_ABT_ERR') |
  maskOf(SMMU_GERROR, 'MSI_CMDQ_ABT_ERR') |
  maskOf(SMMU_GERROR, 'MSI_EVENTQ_ABT_ERR') |
  maskOf(SMMU_GERROR, 'MSI_PRIQ_ABT_ERR') |
  maskOf(SMMU_GERROR, 'MSI_GERROR_ABT_ERR') |
  maskOf(SMMU_GERROR, 'SFM_ERR');

/** The driver uses second-level tables of context descriptors of 64 KB. */
const cdLeafBytes = 0x10000;

/**
 * The kernel driver's names for registers and fields, with their values: offsets of registers, masks of fields within their
 * 32-bit register or 64-bit word, values of fields, sizes. The values come from the declarations, except the driver's own
 * constants. Source of the names: `drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h`.
 */
export const arm_smmu_v3 = Object.freeze({
  // Register offsets, and the fields of each.
  ARM_SMMU_IDR0: BigInt(register.SMMU_IDR0),
  IDR0_ST_LVL: maskOf(SMMU_IDR0, 'ST_LEVEL'),
  IDR0_ST_LVL_2LVL: BigInt(smmuv3_stream_table_level.TWO_LEVEL),
  IDR0_STALL_MODEL: maskOf(SMMU_IDR0, 'STALL_MODEL'),
  IDR0_STALL_MODEL_STALL: BigInt(smmuv3_stall_model.STALL),
  IDR0_STALL_MODEL_FORCE: BigInt(smmuv3_stall_model.FORCE),
  IDR0_TTENDIAN: maskOf(SMMU_IDR0, 'TTENDIAN'),
  IDR0_TTENDIAN_MIXED: BigInt(smmuv3_table_endianness.MIXED),
  IDR0_TTENDIAN_LE: BigInt(smmuv3_table_endianness.LITTLE),
  IDR0_TTENDIAN_BE: BigInt(smmuv3_table_endianness.BIG),
  IDR0_CD2L: maskOf(SMMU_IDR0, 'CD2L'),
  IDR0_VMID16: maskOf(SMMU_IDR0, 'VMID16'),
  IDR0_PRI: maskOf(SMMU_IDR0, 'PRI'),
  IDR0_SEV: maskOf(SMMU_IDR0, 'SEV'),
  IDR0_MSI: maskOf(SMMU_IDR0, 'MSI'),
  IDR0_ASID16: maskOf(SMMU_IDR0, 'ASID16'),
  IDR0_ATS: maskOf(SMMU_IDR0, 'ATS'),
  IDR0_HYP: maskOf(SMMU_IDR0, 'Hyp'),
  IDR0_HTTU: maskOf(SMMU_IDR0, 'HTTU'),
  IDR0_HTTU_ACCESS: BigInt(smmuv3_httu.ACCESS),
  IDR0_HTTU_ACCESS_DIRTY: BigInt(smmuv3_httu.ACCESS_DIRTY),
  IDR0_HTTU_ACCESS_DIRTY_HAFT: BigInt(smmuv3_httu.ACCESS_DIRTY_HAFT),
  IDR0_COHACC: maskOf(SMMU_IDR0, 'COHACC'),
  IDR0_TTF: maskOf(SMMU_IDR0, 'TTF'),
  IDR0_TTF_AARCH64: BigInt(smmuv3_table_format.AARCH64),
  IDR0_S1P: maskOf(SMMU_IDR0, 'S1P'),
  IDR0_S2P: maskOf(SMMU_IDR0, 'S2P'),
  ARM_SMMU_IDR1: BigInt(register.SMMU_IDR1),
  IDR1_TABLES_PRESET: maskOf(SMMU_IDR1, 'TABLES_PRESET'),
  IDR1_QUEUES_PRESET: maskOf(SMMU_IDR1, 'QUEUES_PRESET'),
  IDR1_REL: maskOf(SMMU_IDR1, 'REL'),
  IDR1_ATTR_TYPES_OVR: maskOf(SMMU_IDR1, 'ATTR_TYPES_OVR'),
  IDR1_CMDQS: maskOf(SMMU_IDR1, 'CMDQS'),
  IDR1_EVTQS: maskOf(SMMU_IDR1, 'EVENTQS'),
  IDR1_PRIQS: maskOf(SMMU_IDR1, 'PRIQS'),
  IDR1_SSIDSIZE: maskOf(SMMU_IDR1, 'SSIDSIZE'),
  IDR1_SIDSIZE: maskOf(SMMU_IDR1, 'SIDSIZE'),
  ARM_SMMU_IDR3: BigInt(register.SMMU_IDR3),
  IDR3_BBM: maskOf(SMMU_IDR3, 'BBML'),
  IDR3_FWB: maskOf(SMMU_IDR3, 'FWB'),
  IDR3_RIL: maskOf(SMMU_IDR3, 'RIL'),
  ARM_SMMU_IDR5: BigInt(register.SMMU_IDR5),
  IDR5_STALL_MAX: maskOf(SMMU_IDR5, 'STALL_MAX'),
  IDR5_DS: maskOf(SMMU_IDR5, 'DS'),
  IDR5_GRAN64K: maskOf(SMMU_IDR5, 'GRAN64K'),
  IDR5_GRAN16K: maskOf(SMMU_IDR5, 'GRAN16K'),
  IDR5_GRAN4K: maskOf(SMMU_IDR5, 'GRAN4K'),
  IDR5_OAS: maskOf(SMMU_IDR5, 'OAS'),
  IDR5_OAS_32_BIT: BigInt(smmuv3_address_size.BITS_32),
  IDR5_OAS_36_BIT: BigInt(smmuv3_address_size.BITS_36),
  IDR5_OAS_40_BIT: BigInt(smmuv3_address_size.BITS_40),
  IDR5_OAS_42_BIT: BigInt(smmuv3_address_size.BITS_42),
  IDR5_OAS_44_BIT: BigInt(smmuv3_address_size.BITS_44),
  IDR5_OAS_48_BIT: BigInt(smmuv3_address_size.BITS_48),
  IDR5_OAS_52_BIT: BigInt(smmuv3_address_size.BITS_52),
  IDR5_VAX: maskOf(SMMU_IDR5, 'VAX'),
  IDR5_VAX_52_BIT: BigInt(smmuv3_virtual_address_size.BITS_52),
  ARM_SMMU_IIDR: BigInt(register.SMMU_IIDR),
  ARM_SMMU_AIDR: BigInt(register.SMMU_AIDR),
  ARM_SMMU_CR0: BigInt(register.SMMU_CR0),
  CR0_ATSCHK: maskOf(SMMU_CR0, 'ATSCHK'),
  CR0_CMDQEN: maskOf(SMMU_CR0, 'CMDQEN'),
  CR0_EVTQEN: maskOf(SMMU_CR0, 'EVENTQEN'),
  CR0_PRIQEN: maskOf(SMMU_CR0, 'PRIQEN'),
  CR0_SMMUEN: maskOf(SMMU_CR0, 'SMMUEN'),
  ARM_SMMU_CR0ACK: BigInt(register.SMMU_CR0ACK),
  ARM_SMMU_CR1: BigInt(register.SMMU_CR1),
  CR1_TABLE_SH: maskOf(SMMU_CR1, 'TABLE_SH'),
  CR1_TABLE_OC: maskOf(SMMU_CR1, 'TABLE_OC'),
  CR1_TABLE_IC: maskOf(SMMU_CR1, 'TABLE_IC'),
  CR1_QUEUE_SH: maskOf(SMMU_CR1, 'QUEUE_SH'),
  CR1_QUEUE_OC: maskOf(SMMU_CR1, 'QUEUE_OC'),
  CR1_QUEUE_IC: maskOf(SMMU_CR1, 'QUEUE_IC'),
  CR1_CACHE_NC: BigInt(smmuv3_cr1_cacheability.NC),
  CR1_CACHE_WB: BigInt(smmuv3_cr1_cacheability.WB),
  CR1_CACHE_WT: BigInt(smmuv3_cr1_cacheability.WT),
  ARM_SMMU_CR2: BigInt(register.SMMU_CR2),
  CR2_PTM: maskOf(SMMU_CR2, 'PTM'),
  CR2_RECINVSID: maskOf(SMMU_CR2, 'RECINVSID'),
  CR2_E2H: maskOf(SMMU_CR2, 'E2H'),
  ARM_SMMU_GBPA: BigInt(register.SMMU_GBPA),
  // Bit 31 of a 32-bit register. In C the name is a negative int, which sign-extends in 64 bits.
  GBPA_UPDATE: maskOf(SMMU_GBPA, 'Update'),
  GBPA_ABORT: maskOf(SMMU_GBPA, 'ABORT'),
  ARM_SMMU_IRQ_CTRL: BigInt(register.SMMU_IRQ_CTRL),
  IRQ_CTRL_EVTQ_IRQEN: maskOf(SMMU_IRQ_CTRL, 'EVENTQ_IRQEN'),
  IRQ_CTRL_PRIQ_IRQEN: maskOf(SMMU_IRQ_CTRL, 'PRIQ_IRQEN'),
  IRQ_CTRL_GERROR_IRQEN: maskOf(SMMU_IRQ_CTRL, 'GERROR_IRQEN'),
  ARM_SMMU_IRQ_CTRLACK: BigInt(register.SMMU_IRQ_CTRLACK),
  ARM_SMMU_GERROR: BigInt(register.SMMU_GERROR),
  GERROR_SFM_ERR: maskOf(SMMU_GERROR, 'SFM_ERR'),
  GERROR_MSI_GERROR_ABT_ERR: maskOf(SMMU_GERROR, 'MSI_GERROR_ABT_ERR'),
  GERROR_MSI_PRIQ_ABT_ERR: maskOf(SMMU_GERROR, 'MSI_PRIQ_ABT_ERR'),
  GERROR_MSI_EVTQ_ABT_ERR: maskOf(SMMU_GERROR, 'MSI_EVENTQ_ABT_ERR'),
  GERROR_MSI_CMDQ_ABT_ERR: maskOf(SMMU_GERROR, 'MSI_CMDQ_ABT_ERR'),
  GERROR_PRIQ_ABT_ERR: maskOf(SMMU_GERROR, 'PRIQ_ABT_ERR'),
  GERROR_EVTQ_ABT_ERR: maskOf(SMMU_GERROR, 'EVENTQ_ABT_ERR'),
  GERROR_CMDQ_ERR: maskOf(SMMU_GERROR, 'CMDQ_ERR'),
  GERROR_ERR_MASK: handledErrors,
  ARM_SMMU_GERRORN: BigInt(register.SMMU_GERRORN),
  ARM_SMMU_GERROR_IRQ_CFG0: BigInt(register.SMMU_GERROR_IRQ_CFG0),
  ARM_SMMU_GERROR_IRQ_CFG1: BigInt(register.SMMU_GERROR_IRQ_CFG1),
  ARM_SMMU_GERROR_IRQ_CFG2: BigInt(register.SMMU_GERROR_IRQ_CFG2),
  ARM_SMMU_STRTAB_BASE: BigInt(register.SMMU_STRTAB_BASE),
  STRTAB_BASE_RA: maskOf(SMMU_STRTAB_BASE, 'RA'),
  STRTAB_BASE_ADDR_MASK: to52Bits(maskOf(SMMU_STRTAB_BASE, 'ADDR')),
  ARM_SMMU_STRTAB_BASE_CFG: BigInt(register.SMMU_STRTAB_BASE_CFG),
  STRTAB_BASE_CFG_FMT: maskOf(SMMU_STRTAB_BASE_CFG, 'FMT'),
  STRTAB_BASE_CFG_FMT_LINEAR: BigInt(smmuv3_strtab_format.LINEAR),
  STRTAB_BASE_CFG_FMT_2LVL: BigInt(smmuv3_strtab_format.TWO_LEVEL),
  STRTAB_BASE_CFG_SPLIT: maskOf(SMMU_STRTAB_BASE_CFG, 'SPLIT'),
  STRTAB_BASE_CFG_LOG2SIZE: maskOf(SMMU_STRTAB_BASE_CFG, 'LOG2SIZE'),
  ARM_SMMU_CMDQ_BASE: BigInt(register.SMMU_CMDQ_BASE),
  ARM_SMMU_CMDQ_PROD: BigInt(register.SMMU_CMDQ_PROD),
  ARM_SMMU_CMDQ_CONS: BigInt(register.SMMU_CMDQ_CONS),
  CMDQ_CONS_ERR: maskOf(SMMU_CMDQ_CONS, 'ERR'),
  CMDQ_ERR_CERROR_NONE_IDX: BigInt(smmuv3_cmdq_error.CERROR_NONE),
  CMDQ_ERR_CERROR_ILL_IDX: BigInt(smmuv3_cmdq_error.CERROR_ILL),
  CMDQ_ERR_CERROR_ABT_IDX: BigInt(smmuv3_cmdq_error.CERROR_ABT),
  CMDQ_ERR_CERROR_ATC_INV_IDX: BigInt(smmuv3_cmdq_error.CERROR_ATC_INV_SYNC),
  ARM_SMMU_EVTQ_BASE: BigInt(register.SMMU_EVENTQ_BASE),
  ARM_SMMU_EVTQ_PROD: inPage1(register.SMMU_EVENTQ_PROD),
  ARM_SMMU_EVTQ_CONS: inPage1(register.SMMU_EVENTQ_CONS),
  ARM_SMMU_EVTQ_IRQ_CFG0: BigInt(register.SMMU_EVENTQ_IRQ_CFG0),
  ARM_SMMU_EVTQ_IRQ_CFG1: BigInt(register.SMMU_EVENTQ_IRQ_CFG1),
  ARM_SMMU_EVTQ_IRQ_CFG2: BigInt(register.SMMU_EVENTQ_IRQ_CFG2),
  ARM_SMMU_PRIQ_BASE: BigInt(register.SMMU_PRIQ_BASE),
  ARM_SMMU_PRIQ_PROD: inPage1(register.SMMU_PRIQ_PROD),
  ARM_SMMU_PRIQ_CONS: inPage1(register.SMMU_PRIQ_CONS),
  ARM_SMMU_PRIQ_IRQ_CFG0: BigInt(register.SMMU_PRIQ_IRQ_CFG0),
  ARM_SMMU_PRIQ_IRQ_CFG1: BigInt(register.SMMU_PRIQ_IRQ_CFG1),
  ARM_SMMU_PRIQ_IRQ_CFG2: BigInt(register.SMMU_PRIQ_IRQ_CFG2),
  ARM_SMMU_REG_SZ: BigInt(arm_smmu_constants.ARM_SMMU_REG_SZ),

  // Attributes that several registers and records share.
  ARM_SMMU_SH_NSH: BigInt(smmuv3_shareability.NSH),
  ARM_SMMU_SH_OSH: BigInt(smmuv3_shareability.OSH),
  ARM_SMMU_SH_ISH: BigInt(smmuv3_shareability.ISH),
  ARM_SMMU_MEMATTR_DEVICE_nGnRE: BigInt(smmuv3_mem_attr.DEVICE_nGnRE),
  ARM_SMMU_MEMATTR_OIWB: BigInt(smmuv3_mem_attr.OWB_IWB),

  // Common to the three queues.
  Q_OVERFLOW_FLAG: maskOf(SMMU_EVENTQ_PROD, 'OVFLG'),
  Q_BASE_RWA: maskOf(SMMU_CMDQ_BASE, 'RA'),
  Q_BASE_ADDR_MASK: to52Bits(maskOf(SMMU_CMDQ_BASE, 'ADDR')),
  Q_BASE_LOG2SIZE: maskOf(SMMU_CMDQ_BASE, 'LOG2SIZE'),

  // Stream table.
  STRTAB_SPLIT: BigInt(smmuv3_strtab_split.LEAF_16KB),
  STRTAB_NUM_L2_STES: 1n << BigInt(smmuv3_strtab_split.LEAF_16KB),
  STRTAB_MAX_L1_ENTRIES: BigInt(arm_smmu_constants.STRTAB_MAX_L1_ENTRIES),
  STRTAB_L1_DESC_SPAN: maskOf(smmuv3_l1std, 'Span'),
  STRTAB_L1_DESC_L2PTR_MASK: to52Bits(maskOf(smmuv3_l1std, 'L2Ptr')),
  STRTAB_STE_DWORDS: words(smmuv3_ste),
  STRTAB_STE_0_V: maskOf(smmuv3_ste, 'V'),
  STRTAB_STE_0_CFG: maskOf(smmuv3_ste, 'Config'),
  STRTAB_STE_0_CFG_ABORT: BigInt(smmuv3_ste_config.ABORT),
  STRTAB_STE_0_CFG_BYPASS: BigInt(smmuv3_ste_config.BYPASS),
  STRTAB_STE_0_CFG_S1_TRANS: BigInt(smmuv3_ste_config.S1_TRANSLATE),
  STRTAB_STE_0_CFG_S2_TRANS: BigInt(smmuv3_ste_config.S2_TRANSLATE),
  STRTAB_STE_0_CFG_NESTED: BigInt(smmuv3_ste_config.S1_S2_TRANSLATE),
  STRTAB_STE_0_S1FMT: maskOf(smmuv3_ste, 'S1Fmt'),
  STRTAB_STE_0_S1FMT_LINEAR: BigInt(smmuv3_ste_s1fmt.LINEAR),
  STRTAB_STE_0_S1FMT_64K_L2: BigInt(smmuv3_ste_s1fmt.TWO_LEVEL_64KB),
  STRTAB_STE_0_S1CTXPTR_MASK: to52Bits(maskOf(smmuv3_ste, 'S1ContextPtr')),
  STRTAB_STE_0_S1CDMAX: maskOf(smmuv3_ste, 'S1CDMax'),
  STRTAB_STE_0_NESTING_ALLOWED: guestWord0,
  STRTAB_STE_1_S1DSS: maskOf(smmuv3_ste, 'S1DSS'),
  STRTAB_STE_1_S1DSS_TERMINATE: BigInt(smmuv3_ste_s1dss.TERMINATE),
  STRTAB_STE_1_S1DSS_BYPASS: BigInt(smmuv3_ste_s1dss.BYPASS),
  STRTAB_STE_1_S1DSS_SSID0: BigInt(smmuv3_ste_s1dss.SUBSTREAM_0),
  STRTAB_STE_1_S1C_CACHE_NC: BigInt(smmuv3_cd_cacheability.NC),
  STRTAB_STE_1_S1C_CACHE_WBRA: BigInt(smmuv3_cd_cacheability.WB_RA),
  STRTAB_STE_1_S1C_CACHE_WT: BigInt(smmuv3_cd_cacheability.WT_RA),
  STRTAB_STE_1_S1C_CACHE_WB: BigInt(smmuv3_cd_cacheability.WB),
  STRTAB_STE_1_S1CIR: maskOf(smmuv3_ste, 'S1CIR'),
  STRTAB_STE_1_S1COR: maskOf(smmuv3_ste, 'S1COR'),
  STRTAB_STE_1_S1CSH: maskOf(smmuv3_ste, 'S1CSH'),
  STRTAB_STE_1_MEV: maskOf(smmuv3_ste, 'MEV'),
  STRTAB_STE_1_S2FWB: maskOf(smmuv3_ste, 'S2FWB'),
  STRTAB_STE_1_S1STALLD: maskOf(smmuv3_ste, 'S1STALLD'),
  STRTAB_STE_1_EATS: maskOf(smmuv3_ste, 'EATS'),
  STRTAB_STE_1_EATS_ABT: BigInt(smmuv3_ste_eats.OFF),
  STRTAB_STE_1_EATS_TRANS: BigInt(smmuv3_ste_eats.FULL),
  STRTAB_STE_1_EATS_S1CHK: BigInt(smmuv3_ste_eats.SPLIT_STAGE),
  STRTAB_STE_1_STRW: maskOf(smmuv3_ste, 'STRW'),
  STRTAB_STE_1_STRW_NSEL1: BigInt(smmuv3_ste_strw.EL1),
  STRTAB_STE_1_STRW_EL2: BigInt(smmuv3_ste_strw.EL2),
  STRTAB_STE_1_SHCFG: maskOf(smmuv3_ste, 'SHCFG'),
  STRTAB_STE_1_SHCFG_INCOMING: BigInt(smmuv3_shcfg.INCOMING),
  STRTAB_STE_1_NESTING_ALLOWED: guestWord1,
  STRTAB_STE_2_S2VMID: maskOf(smmuv3_ste, 'S2VMID'),
  STRTAB_STE_2_VTCR: vtcr,
  STRTAB_STE_2_VTCR_S2T0SZ: inVtcr('S2T0SZ'),
  STRTAB_STE_2_VTCR_S2SL0: inVtcr('S2SL0'),
  STRTAB_STE_2_VTCR_S2IR0: inVtcr('S2IR0'),
  STRTAB_STE_2_VTCR_S2OR0: inVtcr('S2OR0'),
  STRTAB_STE_2_VTCR_S2SH0: inVtcr('S2SH0'),
  STRTAB_STE_2_VTCR_S2TG: inVtcr('S2TG'),
  STRTAB_STE_2_VTCR_S2PS: inVtcr('S2PS'),
  STRTAB_STE_2_S2AA64: maskOf(smmuv3_ste, 'S2AA64'),
  STRTAB_STE_2_S2ENDI: maskOf(smmuv3_ste, 'S2ENDI'),
  STRTAB_STE_2_S2PTW: maskOf(smmuv3_ste, 'S2PTW'),
  STRTAB_STE_2_S2S: maskOf(smmuv3_ste, 'S2S'),
  STRTAB_STE_2_S2R: maskOf(smmuv3_ste, 'S2R'),
  STRTAB_STE_3_S2TTB_MASK: to52Bits(maskOf(smmuv3_ste, 'S2TTB')),

  // Context descriptors.
  CTXDESC_L2_ENTRIES: BigInt(cdLeafBytes / smmuv3_cd.byteLength),
  CTXDESC_L1_DESC_V: maskOf(smmuv3_l1cd, 'V'),
  CTXDESC_L1_DESC_L2PTR_MASK: to52Bits(maskOf(smmuv3_l1cd, 'L2Ptr')),
  CTXDESC_CD_DWORDS: words(smmuv3_cd),
  CTXDESC_CD_0_TCR_T0SZ: maskOf(smmuv3_cd, 'T0SZ'),
  CTXDESC_CD_0_TCR_TG0: maskOf(smmuv3_cd, 'TG0'),
  CTXDESC_CD_0_TCR_IRGN0: maskOf(smmuv3_cd, 'IR0'),
  CTXDESC_CD_0_TCR_ORGN0: maskOf(smmuv3_cd, 'OR0'),
  CTXDESC_CD_0_TCR_SH0: maskOf(smmuv3_cd, 'SH0'),
  CTXDESC_CD_0_TCR_EPD0: maskOf(smmuv3_cd, 'EPD0'),
  CTXDESC_CD_0_TCR_EPD1: maskOf(smmuv3_cd, 'EPD1'),
  CTXDESC_CD_0_ENDI: maskOf(smmuv3_cd, 'ENDI'),
  CTXDESC_CD_0_V: maskOf(smmuv3_cd, 'V'),
  CTXDESC_CD_0_TCR_IPS: maskOf(smmuv3_cd, 'IPS'),
  CTXDESC_CD_0_TCR_TBI0: maskOf(smmuv3_cd, 'TBI0'),
  CTXDESC_CD_0_TCR_HA: maskOf(smmuv3_cd, 'HA'),
  CTXDESC_CD_0_TCR_HD: maskOf(smmuv3_cd, 'HD'),
  CTXDESC_CD_0_AA64: maskOf(smmuv3_cd, 'AA64'),
  CTXDESC_CD_0_S: maskOf(smmuv3_cd, 'S'),
  CTXDESC_CD_0_R: maskOf(smmuv3_cd, 'R'),
  CTXDESC_CD_0_A: maskOf(smmuv3_cd, 'A'),
  CTXDESC_CD_0_ASET: maskOf(smmuv3_cd, 'ASET'),
  CTXDESC_CD_0_ASID: maskOf(smmuv3_cd, 'ASID'),
  CTXDESC_CD_1_HAFT: maskOf(smmuv3_cd, 'HAFT'),
  CTXDESC_CD_1_TTB0_MASK: to52Bits(maskOf(smmuv3_cd, 'TTB0')),
  ARM_SMMU_MAX_ASIDS: BigInt(smmuv3_cd.fields.ASID.max + 1),
  ARM_SMMU_MAX_VMIDS: BigInt(smmuv3_ste.fields.S2VMID.max + 1),

  // Command queue.
  CMDQ_ENT_SZ_SHIFT: sizeShift(smmuv3_command),
  CMDQ_ENT_DWORDS: words(smmuv3_command),
  CMDQ_PROD_OWNED_FLAG: BigInt(arm_smmu_constants.CMDQ_PROD_OWNED_FLAG),
  CMDQ_BATCH_ENTRIES: BigInt(arm_smmu_constants.CMDQ_BATCH_ENTRIES),
  CMDQ_0_OP: maskOf(atcInv, 'Opcode'),
  CMDQ_0_SSV: maskOf(atcInv, 'SSV'),
  CMDQ_OP_PREFETCH_CFG: BigInt(commands.CMD_PREFETCH_CONFIG.tag),
  CMDQ_OP_CFGI_STE: BigInt(commands.CMD_CFGI_STE.tag),
  CMDQ_OP_CFGI_ALL: BigInt(CMD_CFGI_ALL.Opcode),
  CMDQ_OP_CFGI_CD: BigInt(commands.CMD_CFGI_CD.tag),
  CMDQ_OP_CFGI_CD_ALL: BigInt(commands.CMD_CFGI_CD_ALL.tag),
  CMDQ_OP_TLBI_NH_ALL: BigInt(commands.CMD_TLBI_NH_ALL.tag),
  CMDQ_OP_TLBI_NH_ASID: BigInt(commands.CMD_TLBI_NH_ASID.tag),
  CMDQ_OP_TLBI_NH_VA: BigInt(commands.CMD_TLBI_NH_VA.tag),
  CMDQ_OP_TLBI_NH_VAA: BigInt(commands.CMD_TLBI_NH_VAA.tag),
  CMDQ_OP_TLBI_EL2_ALL: BigInt(commands.CMD_TLBI_EL2_ALL.tag),
  CMDQ_OP_TLBI_EL2_ASID: BigInt(commands.CMD_TLBI_EL2_ASID.tag),
  CMDQ_OP_TLBI_EL2_VA: BigInt(commands.CMD_TLBI_EL2_VA.tag),
  CMDQ_OP_TLBI_S12_VMALL: BigInt(commands.CMD_TLBI_S12_VMALL.tag),
  CMDQ_OP_TLBI_S2_IPA: BigInt(commands.CMD_TLBI_S2_IPA.tag),
  CMDQ_OP_TLBI_NSNH_ALL: BigInt(commands.CMD_TLBI_NSNH_ALL.tag),
  CMDQ_OP_ATC_INV: BigInt(commands.CMD_ATC_INV.tag),
  CMDQ_OP_PRI_RESP: BigInt(commands.CMD_PRI_RESP.tag),
  CMDQ_OP_RESUME: BigInt(commands.CMD_RESUME.tag),
  CMDQ_OP_CMD_SYNC: BigInt(commands.CMD_SYNC.tag),
  CMDQ_PREFETCH_0_SID: maskOf(prefetch, 'StreamID'),
  CMDQ_PREFETCH_1_SIZE: maskOf(prefetch, 'Size'),
  CMDQ_PREFETCH_1_ADDR_MASK: maskOf(prefetch, 'Address'),
  CMDQ_CFGI_0_SSID: maskOf(cfgiCd, 'SubstreamID'),
  CMDQ_CFGI_0_SID: maskOf(cfgiCd, 'StreamID'),
  CMDQ_CFGI_1_LEAF: maskOf(cfgiCd, 'Leaf'),
  CMDQ_CFGI_1_RANGE: maskOf(cfgiRange, 'Range'),
  CMDQ_TLBI_0_NUM: maskOf(tlbiVa, 'NUM'),
  CMDQ_TLBI_RANGE_NUM_MAX: BigInt(tlbiVa.fields.NUM.max),
  CMDQ_TLBI_0_SCALE: maskOf(tlbiVa, 'SCALE'),
  CMDQ_TLBI_0_VMID: maskOf(tlbiVa, 'VMID'),
  CMDQ_TLBI_0_ASID: maskOf(tlbiVa, 'ASID'),
  CMDQ_TLBI_1_LEAF: maskOf(tlbiVa, 'Leaf'),
  CMDQ_TLBI_1_TTL: maskOf(tlbiVa, 'TTL'),
  CMDQ_TLBI_1_TG: maskOf(tlbiVa, 'TG'),
  CMDQ_TLBI_1_VA_MASK: maskOf(tlbiVa, 'Address'),
  CMDQ_TLBI_1_IPA_MASK: to52Bits(maskOf(tlbiIpa, 'Address')),
  CMDQ_ATC_0_SSID: maskOf(atcInv, 'SubstreamID'),
  CMDQ_ATC_0_SID: maskOf(atcInv, 'StreamID'),
  CMDQ_ATC_0_GLOBAL: maskOf(atcInv, 'Global'),
  CMDQ_ATC_1_SIZE: maskOf(atcInv, 'Size'),
  CMDQ_ATC_1_ADDR_MASK: maskOf(atcInv, 'Address'),
  ATC_INV_SIZE_ALL: BigInt(arm_smmu_constants.ATC_INV_SIZE_ALL),
  CMDQ_PRI_0_SSID: maskOf(priResp, 'SubstreamID'),
  CMDQ_PRI_0_SID: maskOf(priResp, 'StreamID'),
  CMDQ_PRI_1_GRPID: maskOf(priResp, 'PRGIndex'),
  CMDQ_PRI_1_RESP: maskOf(priResp, 'Resp'),
  PRI_RESP_DENY: BigInt(smmuv3_pri_response.ResponseFailure),
  PRI_RESP_FAIL: BigInt(smmuv3_pri_response.InvalidRequest),
  PRI_RESP_SUCC: BigInt(smmuv3_pri_response.Success),
  CMDQ_RESUME_0_RESP: resumeResponse,
  CMDQ_RESUME_0_RESP_TERM: BigInt(smmuv3_resume_action.Terminate),
  CMDQ_RESUME_0_RESP_RETRY: resumeRetry,
  CMDQ_RESUME_0_RESP_ABORT: resumeAbort,
  CMDQ_RESUME_0_SID: maskOf(resume, 'StreamID'),
  CMDQ_RESUME_1_STAG: maskOf(resume, 'STAG'),
  CMDQ_SYNC_0_CS: maskOf(sync, 'CS'),
  CMDQ_SYNC_0_CS_NONE: BigInt(smmuv3_sync_signal.SIG_NONE),
  CMDQ_SYNC_0_CS_IRQ: BigInt(smmuv3_sync_signal.SIG_IRQ),
  CMDQ_SYNC_0_CS_SEV: BigInt(smmuv3_sync_signal.SIG_SEV),
  CMDQ_SYNC_0_MSH: maskOf(sync, 'MSH'),
  CMDQ_SYNC_0_MSIATTR: maskOf(sync, 'MSIAttr'),
  CMDQ_SYNC_0_MSIDATA: maskOf(sync, 'MSIData'),
  CMDQ_SYNC_1_MSIADDR_MASK: to52Bits(maskOf(sync, 'MSIAddress')),

  // Event queue.
  EVTQ_ENT_SZ_SHIFT: sizeShift(smmuv3_event),
  EVTQ_ENT_DWORDS: words(smmuv3_event),
  EVTQ_0_ID: maskOf(permissionFault, 'EventNumber'),
  EVT_ID_BAD_STREAMID_CONFIG: BigInt(events.C_BAD_STREAMID.tag),
  EVT_ID_STE_FETCH_FAULT: BigInt(events.F_STE_FETCH.tag),
  EVT_ID_BAD_STE_CONFIG: BigInt(events.C_BAD_STE.tag),
  EVT_ID_STREAM_DISABLED_FAULT: BigInt(events.F_STREAM_DISABLED.tag),
  EVT_ID_BAD_SUBSTREAMID_CONFIG: BigInt(events.C_BAD_SUBSTREAMID.tag),
  EVT_ID_CD_FETCH_FAULT: BigInt(events.F_CD_FETCH.tag),
  EVT_ID_BAD_CD_CONFIG: BigInt(events.C_BAD_CD.tag),
  EVT_ID_TRANSLATION_FAULT: BigInt(events.F_TRANSLATION.tag),
  EVT_ID_ADDR_SIZE_FAULT: BigInt(events.F_ADDR_SIZE.tag),
  EVT_ID_ACCESS_FAULT: BigInt(events.F_ACCESS.tag),
  EVT_ID_PERMISSION_FAULT: BigInt(events.F_PERMISSION.tag),
  EVT_ID_VMS_FETCH_FAULT: BigInt(events.F_VMS_FETCH.tag),
  EVTQ_0_SSV: maskOf(permissionFault, 'SSV'),
  EVTQ_0_SSID: maskOf(permissionFault, 'SubstreamID'),
  EVTQ_0_SID: maskOf(permissionFault, 'StreamID'),
  EVTQ_1_STAG: maskOf(permissionFault, 'STAG'),
  EVTQ_1_STALL: maskOf(permissionFault, 'Stall'),
  EVTQ_1_PnU: maskOf(permissionFault, 'PnU'),
  EVTQ_1_InD: maskOf(permissionFault, 'InD'),
  EVTQ_1_RnW: maskOf(permissionFault, 'RnW'),
  EVTQ_1_S2: maskOf(permissionFault, 'S2'),
  EVTQ_1_CLASS: maskOf(permissionFault, 'CLASS'),
  EVTQ_1_CLASS_TT: BigInt(smmuv3_event_class.TT),
  EVTQ_1_TT_READ: maskOf(permissionFault, 'TTRnW'),
  EVTQ_2_ADDR: maskOf(permissionFault, 'InputAddr'),
  EVTQ_3_IPA: to52Bits(maskOf(permissionFault, 'IPA')),
  EVTQ_3_FETCH_ADDR: to52Bits(maskOf(fetchFault, 'FetchAddr')),

  // PRI queue.
  PRIQ_ENT_SZ_SHIFT: sizeShift(smmuv3_pri),
  PRIQ_ENT_DWORDS: words(smmuv3_pri),
  PRIQ_0_SID: maskOf(smmuv3_pri, 'StreamID'),
  PRIQ_0_SSID: maskOf(smmuv3_pri, 'SubstreamID'),
  PRIQ_0_PERM_PRIV: maskOf(smmuv3_pri, 'Priv'),
  PRIQ_0_PERM_EXEC: maskOf(smmuv3_pri, 'X'),
  PRIQ_0_PERM_READ: maskOf(smmuv3_pri, 'R'),
  PRIQ_0_PERM_WRITE: maskOf(smmuv3_pri, 'W'),
  PRIQ_0_PRG_LAST: maskOf(smmuv3_pri, 'Last'),
  PRIQ_0_SSID_V: maskOf(smmuv3_pri, 'SSV'),
  PRIQ_1_PRG_IDX: maskOf(smmuv3_pri, 'PRGIndex'),
  PRIQ_1_ADDR_MASK: maskOf(smmuv3_pri, 'PageAddress'),

  // The driver's own constants.
  ARM_SMMU_POLL_TIMEOUT_US: BigInt(arm_smmu_constants.ARM_SMMU_POLL_TIMEOUT_US),
  ARM_SMMU_POLL_SPIN_COUNT: BigInt(arm_smmu_constants.ARM_SMMU_POLL_SPIN_COUNT),
  ARM_SMMU_FEAT_2_LVL_STRTAB: BigInt(arm_smmu_features.ARM_SMMU_FEAT_2_LVL_STRTAB),
  ARM_SMMU_FEAT_2_LVL_CDTAB: BigInt(arm_smmu_features.ARM_SMMU_FEAT_2_LVL_CDTAB),
  ARM_SMMU_FEAT_TT_LE: BigInt(arm_smmu_features.ARM_SMMU_FEAT_TT_LE),
  ARM_SMMU_FEAT_TT_BE: BigInt(arm_smmu_features.ARM_SMMU_FEAT_TT_BE),
  ARM_SMMU_FEAT_PRI: BigInt(arm_smmu_features.ARM_SMMU_FEAT_PRI),
  ARM_SMMU_FEAT_ATS: BigInt(arm_smmu_features.ARM_SMMU_FEAT_ATS),
  ARM_SMMU_FEAT_SEV: BigInt(arm_smmu_features.ARM_SMMU_FEAT_SEV),
  ARM_SMMU_FEAT_MSI: BigInt(arm_smmu_features.ARM_SMMU_FEAT_MSI),
  ARM_SMMU_FEAT_COHERENCY: BigInt(arm_smmu_features.ARM_SMMU_FEAT_COHERENCY),
  ARM_SMMU_FEAT_TRANS_S1: BigInt(arm_smmu_features.ARM_SMMU_FEAT_TRANS_S1),
  ARM_SMMU_FEAT_TRANS_S2: BigInt(arm_smmu_features.ARM_SMMU_FEAT_TRANS_S2),
  ARM_SMMU_FEAT_STALLS: BigInt(arm_smmu_features.ARM_SMMU_FEAT_STALLS),
  ARM_SMMU_FEAT_HYP: BigInt(arm_smmu_features.ARM_SMMU_FEAT_HYP),
  ARM_SMMU_FEAT_STALL_FORCE: BigInt(arm_smmu_features.ARM_SMMU_FEAT_STALL_FORCE),
  ARM_SMMU_FEAT_VAX: BigInt(arm_smmu_features.ARM_SMMU_FEAT_VAX),
  ARM_SMMU_FEAT_RANGE_INV: BigInt(arm_smmu_features.ARM_SMMU_FEAT_RANGE_INV),
  ARM_SMMU_FEAT_BTM: BigInt(arm_smmu_features.ARM_SMMU_FEAT_BTM),
  ARM_SMMU_FEAT_SVA: BigInt(arm_smmu_features.ARM_SMMU_FEAT_SVA),
  ARM_SMMU_FEAT_E2H: BigInt(arm_smmu_features.ARM_SMMU_FEAT_E2H),
  ARM_SMMU_FEAT_NESTING: BigInt(arm_smmu_features.ARM_SMMU_FEAT_NESTING),
  ARM_SMMU_FEAT_ATTR_TYPES_OVR: BigInt(arm_smmu_features.ARM_SMMU_FEAT_ATTR_TYPES_OVR),
  ARM_SMMU_FEAT_HA: BigInt(arm_smmu_features.ARM_SMMU_FEAT_HA),
  ARM_SMMU_FEAT_HD: BigInt(arm_smmu_features.ARM_SMMU_FEAT_HD),
  ARM_SMMU_FEAT_S2FWB: BigInt(arm_smmu_features.ARM_SMMU_FEAT_S2FWB),
  ARM_SMMU_FEAT_BBML2: BigInt(arm_smmu_features.ARM_SMMU_FEAT_BBML2),
  ARM_SMMU_FEAT_HAFT: BigInt(arm_smmu_features.ARM_SMMU_FEAT_HAFT),
  ARM_SMMU_FEAT_DS: BigInt(arm_smmu_features.ARM_SMMU_FEAT_DS),
  ARM_SMMU_OPT_SKIP_PREFETCH: BigInt(arm_smmu_options.ARM_SMMU_OPT_SKIP_PREFETCH),
  ARM_SMMU_OPT_PAGE0_REGS_ONLY: BigInt(arm_smmu_options.ARM_SMMU_OPT_PAGE0_REGS_ONLY),
  ARM_SMMU_OPT_MSIPOLL: BigInt(arm_smmu_options.ARM_SMMU_OPT_MSIPOLL),
  ARM_SMMU_OPT_CMDQ_FORCE_SYNC: BigInt(arm_smmu_options.ARM_SMMU_OPT_CMDQ_FORCE_SYNC),
  ARM_SMMU_OPT_TEGRA241_CMDQV: BigInt(arm_smmu_options.ARM_SMMU_OPT_TEGRA241_CMDQV),
});
