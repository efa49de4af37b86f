import {
  SMMU_CMDQ_BASE,
  SMMU_CMDQ_CONS,
  SMMU_CMDQ_PROD,
  SMMU_CR0,
  SMMU_CR1,
  SMMU_CR2,
  SMMU_EVENTQ_BASE,
  SMMU_EVENTQ_CONS,
  SMMU_EVENTQ_IRQ_CFG0,
  SMMU_EVENTQ_IRQ_CFG1,
  SMMU_EVENTQ_IRQ_CFG2,
  SMMU_EVENTQ_PROD,
  SMMU_GBPA,
  SMMU_GERROR_IRQ_CFG0,
  SMMU_GERROR_IRQ_CFG1,
  SMMU_GERROR_IRQ_CFG2,
  SMMU_GERRORN,
  type SMMU_IDR0,
  type SMMU_IDR1,
  type SMMU_IDR3,
  SMMU_IRQ_CTRL,
  SMMU_PRIQ_BASE,
  SMMU_PRIQ_CONS,
  SMMU_PRIQ_IRQ_CFG0,
  SMMU_PRIQ_IRQ_CFG1,
  SMMU_PRIQ_IRQ_CFG2,
  SMMU_PRIQ_PROD,
  SMMU_STRTAB_BASE,
  SMMU_STRTAB_BASE_CFG,
} from '@iommufd/uapi';
import { mask32, mask64 } from './fields.js';
import type { Register32, Register64 } from './registers.js';

/**
 * The registers that software can write, as data: their writable bits, the guard of these bits, and the required
 * features. A bit that is in no part is RES0 or read-only. Offsets are in `smmuv3_register`. {@link RegisterFile}
 * applies the table. Source: Arm IHI 0070, section 6.3, each register.
 */

/** A field of an identification register that must be non-zero for bits to exist. */
export type RegisterFeature =
  | (keyof typeof SMMU_IDR0.fields &
      ('ATS' | 'ATSRECERR' | 'BTM' | 'Hyp' | 'MSI' | 'PRI' | 'ST_LEVEL' | 'VMW'))
  | (keyof typeof SMMU_IDR1.fields & ('ATTR_PERMS_OVR' | 'ATTR_TYPES_OVR' | 'ECMDQ'))
  | (keyof typeof SMMU_IDR3.fields & 'DPT');

/** Enable bits that guard other bits. The guarded bits cannot be written while any of the enable bits is 1. */
export interface Guard {
  /** The register of the enable bits. */
  readonly register: 'SMMU_CR0' | 'SMMU_IRQ_CTRL';
  /** Their mask. */
  readonly bits: number;
}

/** Bits of a register that are writable under the same condition. */
export interface RegisterPart<Bits extends number | bigint> {
  /** Their mask. */
  readonly bits: Bits;
  /**
   * While a bit of the guard is set, writes to the bits are ignored. SMMUv3.2 and later require this, earlier versions
   * allow it (Arm IHI 0070, 6.3.11, 6.3.24, 6.3.26).
   */
  readonly guard?: Guard;
  /** The required features. If the SMMU lacks one of them, the bits are RES0. */
  readonly needs?: readonly RegisterFeature[];
}

/** The writable bits of a register. */
export interface RegisterRule<Bits extends number | bigint> {
  /** The writable bits, by condition. */
  readonly parts: readonly RegisterPart<Bits>[];
  /** A bit that must be written as 1; otherwise the write is ignored. It reads as 0, because the update completes at once. */
  readonly update?: Bits;
}

const cr0 = (...fields: readonly (keyof typeof SMMU_CR0.fields & string)[]): Guard => ({
  register: 'SMMU_CR0',
  bits: mask32(SMMU_CR0, ...fields),
});
const irqCtrl = (field: keyof typeof SMMU_IRQ_CTRL.fields & string): Guard => ({
  register: 'SMMU_IRQ_CTRL',
  bits: mask32(SMMU_IRQ_CTRL, field),
});

const SMMUEN = cr0('SMMUEN');
const CMDQEN = cr0('CMDQEN');
const EVENTQEN = cr0('EVENTQEN');
const PRIQEN = cr0('PRIQEN');
const QUEUES = cr0('CMDQEN', 'EVENTQEN', 'PRIQEN');
const GERROR_IRQEN = irqCtrl('GERROR_IRQEN');
const EVENTQ_IRQEN = irqCtrl('EVENTQ_IRQEN');
const PRIQ_IRQEN = irqCtrl('PRIQ_IRQEN');

/** The 32-bit registers. */
export const registerTable32: { readonly [R in Register32]: RegisterRule<number> } = {
  SMMU_CR0: {
    parts: [
      { bits: mask32(SMMU_CR0, 'SMMUEN', 'EVENTQEN', 'CMDQEN') },
      { bits: mask32(SMMU_CR0, 'PRIQEN'), needs: ['PRI'] },
      { bits: mask32(SMMU_CR0, 'ATSCHK'), needs: ['ATS'] },
      { bits: mask32(SMMU_CR0, 'VMW'), needs: ['VMW'] },
      { bits: mask32(SMMU_CR0, 'DPT_WALK_EN'), needs: ['DPT'] },
    ],
  },
  SMMU_CR1: {
    parts: [
      { bits: mask32(SMMU_CR1, 'TABLE_SH', 'TABLE_OC', 'TABLE_IC'), guard: SMMUEN },
      { bits: mask32(SMMU_CR1, 'QUEUE_SH', 'QUEUE_OC', 'QUEUE_IC'), guard: QUEUES },
    ],
  },
  SMMU_CR2: {
    parts: [
      { bits: mask32(SMMU_CR2, 'RECINVSID'), guard: SMMUEN },
      { bits: mask32(SMMU_CR2, 'E2H'), guard: SMMUEN, needs: ['Hyp'] },
      { bits: mask32(SMMU_CR2, 'PTM'), guard: SMMUEN, needs: ['BTM'] },
      { bits: mask32(SMMU_CR2, 'REC_CFG_ATS'), guard: SMMUEN, needs: ['ATSRECERR'] },
    ],
  },
  // 6.3.14: without the overrides, it is implementation defined whether their fields read as zero.
  SMMU_GBPA: {
    update: mask32(SMMU_GBPA, 'Update'),
    parts: [
      { bits: mask32(SMMU_GBPA, 'ABORT') },
      { bits: mask32(SMMU_GBPA, 'INSTCFG', 'PRIVCFG'), needs: ['ATTR_PERMS_OVR'] },
      { bits: mask32(SMMU_GBPA, 'SHCFG', 'ALLOCCFG', 'MTCFG', 'MemAttr'), needs: ['ATTR_TYPES_OVR'] },
    ],
  },
  SMMU_IRQ_CTRL: {
    parts: [
      { bits: mask32(SMMU_IRQ_CTRL, 'GERROR_IRQEN', 'EVENTQ_IRQEN') },
      { bits: mask32(SMMU_IRQ_CTRL, 'PRIQ_IRQEN'), needs: ['PRI'] },
    ],
  },
  SMMU_GERROR: { parts: [] },
  // 6.3.20: it reads as written. Toggling the bit of an inactive error activates it, which the architecture permits.
  SMMU_GERRORN: {
    parts: [
      { bits: mask32(SMMU_GERRORN, 'CMDQ_ERR', 'EVENTQ_ABT_ERR', 'SFM_ERR') },
      { bits: mask32(SMMU_GERRORN, 'PRIQ_ABT_ERR'), needs: ['PRI'] },
      {
        bits: mask32(SMMU_GERRORN, 'MSI_CMDQ_ABT_ERR', 'MSI_EVENTQ_ABT_ERR', 'MSI_GERROR_ABT_ERR'),
        needs: ['MSI'],
      },
      { bits: mask32(SMMU_GERRORN, 'MSI_PRIQ_ABT_ERR'), needs: ['MSI', 'PRI'] },
      { bits: mask32(SMMU_GERRORN, 'CMDQP_ERR'), needs: ['ECMDQ'] },
      { bits: mask32(SMMU_GERRORN, 'DPT_ERR'), needs: ['DPT'] },
    ],
  },
  SMMU_GERROR_IRQ_CFG1: {
    parts: [{ bits: mask32(SMMU_GERROR_IRQ_CFG1, 'DATA'), guard: GERROR_IRQEN, needs: ['MSI'] }],
  },
  SMMU_GERROR_IRQ_CFG2: {
    parts: [{ bits: mask32(SMMU_GERROR_IRQ_CFG2, 'MemAttr', 'SH'), guard: GERROR_IRQEN, needs: ['MSI'] }],
  },
  SMMU_STRTAB_BASE_CFG: {
    parts: [
      { bits: mask32(SMMU_STRTAB_BASE_CFG, 'LOG2SIZE'), guard: SMMUEN },
      { bits: mask32(SMMU_STRTAB_BASE_CFG, 'SPLIT', 'FMT'), guard: SMMUEN, needs: ['ST_LEVEL'] },
    ],
  },
  SMMU_CMDQ_PROD: { parts: [{ bits: mask32(SMMU_CMDQ_PROD, 'WR') }] },
  // 6.3.28: whether a write changes ERR is implementation defined.
  SMMU_CMDQ_CONS: { parts: [{ bits: mask32(SMMU_CMDQ_CONS, 'RD', 'ERR'), guard: CMDQEN }] },
  SMMU_EVENTQ_PROD: { parts: [{ bits: mask32(SMMU_EVENTQ_PROD, 'WR', 'OVFLG'), guard: EVENTQEN }] },
  SMMU_EVENTQ_CONS: { parts: [{ bits: mask32(SMMU_EVENTQ_CONS, 'RD', 'OVACKFLG') }] },
  SMMU_EVENTQ_IRQ_CFG1: {
    parts: [{ bits: mask32(SMMU_EVENTQ_IRQ_CFG1, 'DATA'), guard: EVENTQ_IRQEN, needs: ['MSI'] }],
  },
  SMMU_EVENTQ_IRQ_CFG2: {
    parts: [{ bits: mask32(SMMU_EVENTQ_IRQ_CFG2, 'MemAttr', 'SH'), guard: EVENTQ_IRQEN, needs: ['MSI'] }],
  },
  SMMU_PRIQ_PROD: { parts: [{ bits: mask32(SMMU_PRIQ_PROD, 'WR', 'OVFLG'), guard: PRIQEN, needs: ['PRI'] }] },
  SMMU_PRIQ_CONS: { parts: [{ bits: mask32(SMMU_PRIQ_CONS, 'RD', 'OVACKFLG'), needs: ['PRI'] }] },
  SMMU_PRIQ_IRQ_CFG1: {
    parts: [{ bits: mask32(SMMU_PRIQ_IRQ_CFG1, 'DATA'), guard: PRIQ_IRQEN, needs: ['MSI', 'PRI'] }],
  },
  SMMU_PRIQ_IRQ_CFG2: {
    parts: [
      { bits: mask32(SMMU_PRIQ_IRQ_CFG2, 'MemAttr', 'SH'), guard: PRIQ_IRQEN, needs: ['MSI', 'PRI'] },
      // LO applies to wired interrupts too.
      { bits: mask32(SMMU_PRIQ_IRQ_CFG2, 'LO'), guard: PRIQ_IRQEN, needs: ['PRI'] },
    ],
  },
};

/** The 64-bit registers. */
export const registerTable64: { readonly [R in Register64]: RegisterRule<bigint> } = {
  SMMU_GERROR_IRQ_CFG0: {
    parts: [{ bits: mask64(SMMU_GERROR_IRQ_CFG0, 'ADDR'), guard: GERROR_IRQEN, needs: ['MSI'] }],
  },
  SMMU_STRTAB_BASE: { parts: [{ bits: mask64(SMMU_STRTAB_BASE, 'ADDR', 'RA'), guard: SMMUEN }] },
  SMMU_CMDQ_BASE: { parts: [{ bits: mask64(SMMU_CMDQ_BASE, 'LOG2SIZE', 'ADDR', 'RA'), guard: CMDQEN }] },
  SMMU_EVENTQ_BASE: {
    parts: [{ bits: mask64(SMMU_EVENTQ_BASE, 'LOG2SIZE', 'ADDR', 'WA'), guard: EVENTQEN }],
  },
  SMMU_EVENTQ_IRQ_CFG0: {
    parts: [{ bits: mask64(SMMU_EVENTQ_IRQ_CFG0, 'ADDR'), guard: EVENTQ_IRQEN, needs: ['MSI'] }],
  },
  SMMU_PRIQ_BASE: {
    parts: [{ bits: mask64(SMMU_PRIQ_BASE, 'LOG2SIZE', 'ADDR', 'WA'), guard: PRIQEN, needs: ['PRI'] }],
  },
  SMMU_PRIQ_IRQ_CFG0: {
    parts: [{ bits: mask64(SMMU_PRIQ_IRQ_CFG0, 'ADDR'), guard: PRIQ_IRQEN, needs: ['MSI', 'PRI'] }],
  },
};
