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
import { type Shown } from './id-registers.js';
import { mask32, mask64 } from './masks.js';
import { type Register32, type Register64, type Registers } from './registers.js';

/** Bits of a register that the guest may write, and when. */
interface Part<Bits> {
  readonly bits: Bits;
  /** While one of these is set in SMMU_CR0 or SMMU_IRQ_CTRL, a write of the bits is ignored. */
  readonly lock?: readonly [register: 'SMMU_CR0' | 'SMMU_IRQ_CTRL', bits: number];
  /** Without these features the bits are RES0: they read as zero whatever is written. */
  readonly needs?: readonly ('PRI' | 'MSI' | 'ATS')[];
}

const SMMUEN = ['SMMU_CR0', mask32(SMMU_CR0, 'SMMUEN')] as const;
const CMDQEN = ['SMMU_CR0', mask32(SMMU_CR0, 'CMDQEN')] as const;
const EVENTQEN = ['SMMU_CR0', mask32(SMMU_CR0, 'EVENTQEN')] as const;
const PRIQEN = ['SMMU_CR0', mask32(SMMU_CR0, 'PRIQEN')] as const;
const QUEUES = ['SMMU_CR0', mask32(SMMU_CR0, 'CMDQEN', 'EVENTQEN', 'PRIQEN')] as const;
const GERROR_IRQEN = ['SMMU_IRQ_CTRL', mask32(SMMU_IRQ_CTRL, 'GERROR_IRQEN')] as const;
const EVENTQ_IRQEN = ['SMMU_IRQ_CTRL', mask32(SMMU_IRQ_CTRL, 'EVENTQ_IRQEN')] as const;
const PRIQ_IRQEN = ['SMMU_IRQ_CTRL', mask32(SMMU_IRQ_CTRL, 'PRIQ_IRQEN')] as const;

/**
 * What the guest may write. Fields that are missing are read-only or RES0, as are those of features that no guest is
 * shown: VMW, E2H, PTM, REC_CFG_ATS and the attributes of SMMU_GBPA that need an override. Where the architecture says
 * CONSTRAINED UNPREDICTABLE of a write while something is on, it is ignored. Sources: Arm IHI 0070, section 6.3, each
 * register.
 */
const parts32: { readonly [R in Register32]: readonly Part<number>[] } = {
  SMMU_CR0: [
    { bits: mask32(SMMU_CR0, 'SMMUEN', 'EVENTQEN', 'CMDQEN') },
    { bits: mask32(SMMU_CR0, 'PRIQEN'), needs: ['PRI'] },
    { bits: mask32(SMMU_CR0, 'ATSCHK'), needs: ['ATS'] },
  ],
  SMMU_CR1: [
    { bits: mask32(SMMU_CR1, 'TABLE_SH', 'TABLE_OC', 'TABLE_IC'), lock: SMMUEN },
    { bits: mask32(SMMU_CR1, 'QUEUE_SH', 'QUEUE_OC', 'QUEUE_IC'), lock: QUEUES },
  ],
  SMMU_CR2: [{ bits: mask32(SMMU_CR2, 'RECINVSID'), lock: SMMUEN }],
  // Only together with Update, which is never seen to be 1.
  SMMU_GBPA: [{ bits: mask32(SMMU_GBPA, 'ABORT') }],
  SMMU_IRQ_CTRL: [
    { bits: mask32(SMMU_IRQ_CTRL, 'GERROR_IRQEN', 'EVENTQ_IRQEN') },
    { bits: mask32(SMMU_IRQ_CTRL, 'PRIQ_IRQEN'), needs: ['PRI'] },
  ],
  SMMU_GERROR: [],
  SMMU_GERRORN: [
    { bits: mask32(SMMU_GERRORN, 'CMDQ_ERR', 'EVENTQ_ABT_ERR') },
    { bits: mask32(SMMU_GERRORN, 'PRIQ_ABT_ERR'), needs: ['PRI'] },
    {
      bits: mask32(
        SMMU_GERRORN,
        'MSI_CMDQ_ABT_ERR',
        'MSI_EVENTQ_ABT_ERR',
        'MSI_PRIQ_ABT_ERR',
        'MSI_GERROR_ABT_ERR',
      ),
      needs: ['MSI'],
    },
  ],
  SMMU_GERROR_IRQ_CFG1: [{ bits: mask32(SMMU_GERROR_IRQ_CFG1, 'DATA'), lock: GERROR_IRQEN, needs: ['MSI'] }],
  SMMU_GERROR_IRQ_CFG2: [
    { bits: mask32(SMMU_GERROR_IRQ_CFG2, 'MemAttr', 'SH'), lock: GERROR_IRQEN, needs: ['MSI'] },
  ],
  SMMU_STRTAB_BASE_CFG: [{ bits: mask32(SMMU_STRTAB_BASE_CFG, 'LOG2SIZE', 'SPLIT', 'FMT'), lock: SMMUEN }],
  SMMU_CMDQ_PROD: [{ bits: mask32(SMMU_CMDQ_PROD, 'WR') }],
  SMMU_CMDQ_CONS: [{ bits: mask32(SMMU_CMDQ_CONS, 'RD', 'ERR'), lock: CMDQEN }],
  SMMU_EVENTQ_PROD: [{ bits: mask32(SMMU_EVENTQ_PROD, 'WR', 'OVFLG'), lock: EVENTQEN }],
  SMMU_EVENTQ_CONS: [{ bits: mask32(SMMU_EVENTQ_CONS, 'RD', 'OVACKFLG') }],
  SMMU_EVENTQ_IRQ_CFG1: [{ bits: mask32(SMMU_EVENTQ_IRQ_CFG1, 'DATA'), lock: EVENTQ_IRQEN, needs: ['MSI'] }],
  SMMU_EVENTQ_IRQ_CFG2: [
    { bits: mask32(SMMU_EVENTQ_IRQ_CFG2, 'MemAttr', 'SH'), lock: EVENTQ_IRQEN, needs: ['MSI'] },
  ],
  SMMU_PRIQ_PROD: [{ bits: mask32(SMMU_PRIQ_PROD, 'WR', 'OVFLG'), lock: PRIQEN, needs: ['PRI'] }],
  SMMU_PRIQ_CONS: [{ bits: mask32(SMMU_PRIQ_CONS, 'RD', 'OVACKFLG'), needs: ['PRI'] }],
  SMMU_PRIQ_IRQ_CFG1: [{ bits: mask32(SMMU_PRIQ_IRQ_CFG1, 'DATA'), lock: PRIQ_IRQEN, needs: ['MSI', 'PRI'] }],
  SMMU_PRIQ_IRQ_CFG2: [
    { bits: mask32(SMMU_PRIQ_IRQ_CFG2, 'MemAttr', 'SH'), lock: PRIQ_IRQEN, needs: ['MSI', 'PRI'] },
    { bits: mask32(SMMU_PRIQ_IRQ_CFG2, 'LO'), lock: PRIQ_IRQEN, needs: ['PRI'] },
  ],
};

const parts64: { readonly [R in Register64]: readonly Part<bigint>[] } = {
  SMMU_GERROR_IRQ_CFG0: [{ bits: mask64(SMMU_GERROR_IRQ_CFG0, 'ADDR'), lock: GERROR_IRQEN, needs: ['MSI'] }],
  SMMU_STRTAB_BASE: [{ bits: mask64(SMMU_STRTAB_BASE, 'ADDR', 'RA'), lock: SMMUEN }],
  SMMU_CMDQ_BASE: [{ bits: mask64(SMMU_CMDQ_BASE, 'LOG2SIZE', 'ADDR', 'RA'), lock: CMDQEN }],
  SMMU_EVENTQ_BASE: [{ bits: mask64(SMMU_EVENTQ_BASE, 'LOG2SIZE', 'ADDR', 'WA'), lock: EVENTQEN }],
  SMMU_EVENTQ_IRQ_CFG0: [{ bits: mask64(SMMU_EVENTQ_IRQ_CFG0, 'ADDR'), lock: EVENTQ_IRQEN, needs: ['MSI'] }],
  SMMU_PRIQ_BASE: [{ bits: mask64(SMMU_PRIQ_BASE, 'LOG2SIZE', 'ADDR', 'WA'), lock: PRIQEN, needs: ['PRI'] }],
  SMMU_PRIQ_IRQ_CFG0: [{ bits: mask64(SMMU_PRIQ_IRQ_CFG0, 'ADDR'), lock: PRIQ_IRQEN, needs: ['MSI', 'PRI'] }],
};

/** What the guest may write to a virtual SMMU, and how it is stored. */
export class RegisterRules {
  constructor(
    private readonly registers: Registers,
    private readonly shown: Pick<Shown, 'idr0'>,
  ) {}

  /** What a register of 32 bits would hold after a write. */
  after32(name: Register32, value: number): number {
    let writable = 0;
    for (const part of parts32[name]) if (this.isOpen(part)) writable |= part.bits;
    return ((this.registers[name] & ~writable) | (value & writable)) >>> 0;
  }

  /** What a register of 64 bits would hold after a write. */
  after64(name: Register64, value: bigint): bigint {
    let writable = 0n;
    for (const part of parts64[name]) if (this.isOpen(part)) writable |= part.bits;
    return (this.registers[name] & ~writable) | (value & writable);
  }

  private isOpen({ lock, needs }: Part<unknown>): boolean {
    if (needs?.some((feature) => this.shown.idr0[feature] === 0) === true) return false;
    return lock === undefined || (this.registers[lock[0]] & lock[1]) === 0;
  }
}
