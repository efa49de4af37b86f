import { smmuv3_register as register } from '@iommufd/uapi';
import type { Features } from './features.js';
import type { Registers } from './registers.js';

/** Bits of SMMU_CR0 that have a meaning here, whatever is implemented: all but those of features. */
const CR0_ALWAYS = 0b1101;
const CR0_PRIQEN = 1 << 1;
const CR0_ATSCHK = 1 << 4;
const CR0_VMW = 0b111 << 6;
/** E2H, RECINVSID and PTM. */
const CR2_BITS = 0b111;
const GBPA_BITS = 0x001f_3f1f;
const GBPA_UPDATE = 0x8000_0000;
const GERROR_BITS = 0b111_1111_1101;
/** An index with its wrap bit, and OVFLG or OVACKFLG. */
const OUTPUT_INDEX = 0x800f_ffff;
const INDEX = 0x000f_ffff;
const ALL = 0xffff_ffff;

/** How software may write a register. */
interface Rule {
  /** The bits that are kept. */
  readonly mask: number;
  /** Is it read-only for now? */
  readonly isGuarded?: () => boolean;
}

/** Which registers software can write, and when (Arm IHI 0070, 6.3). What no rule is about is read-only. */
export class RegisterRules {
  private readonly rules = new Map<number, Rule>();

  constructor(
    private readonly registers: Registers,
    features: Features,
  ) {
    const { cr0, irqCtrl } = registers;
    const { ATS, PRI, VMW } = features.idr0;
    const cr0Mask =
      CR0_ALWAYS | (PRI === 1 ? CR0_PRIQEN : 0) | (ATS === 1 ? CR0_ATSCHK : 0) | (VMW === 1 ? CR0_VMW : 0);
    const whileOn = (): boolean => cr0.SMMUEN === 1;
    const whileCommands = (): boolean => cr0.CMDQEN === 1;
    const whileEvents = (): boolean => cr0.EVENTQEN === 1;
    const whileRequests = (): boolean => cr0.PRIQEN === 1;
    this.add(register.SMMU_CR0, cr0Mask);
    // It says how queues and tables are cached, which makes no difference here.
    this.add(register.SMMU_CR1, 0xfff);
    this.add(register.SMMU_CR2, CR2_BITS, whileOn);
    this.add(register.SMMU_IRQ_CTRL, PRI === 1 ? 0b111 : 0b101);
    this.add(register.SMMU_GERRORN, GERROR_BITS);
    this.add64(register.SMMU_STRTAB_BASE, whileOn);
    this.add(register.SMMU_STRTAB_BASE_CFG, ALL, whileOn);
    this.add64(register.SMMU_CMDQ_BASE, whileCommands);
    this.add(register.SMMU_CMDQ_PROD, INDEX);
    this.add(register.SMMU_CMDQ_CONS, INDEX, whileCommands);
    this.add64(register.SMMU_EVENTQ_BASE, whileEvents);
    this.add(register.SMMU_EVENTQ_PROD, OUTPUT_INDEX, whileEvents);
    this.add(register.SMMU_EVENTQ_CONS, OUTPUT_INDEX);
    this.addInterrupt(register.SMMU_GERROR_IRQ_CFG0, () => irqCtrl.GERROR_IRQEN === 1);
    this.addInterrupt(register.SMMU_EVENTQ_IRQ_CFG0, () => irqCtrl.EVENTQ_IRQEN === 1);
    if (PRI === 0) return;
    this.add64(register.SMMU_PRIQ_BASE, whileRequests);
    this.add(register.SMMU_PRIQ_PROD, OUTPUT_INDEX, whileRequests);
    this.add(register.SMMU_PRIQ_CONS, OUTPUT_INDEX);
    this.addInterrupt(register.SMMU_PRIQ_IRQ_CFG0, () => irqCtrl.PRIQ_IRQEN === 1);
  }

  private add(offset: number, mask: number, isGuarded?: () => boolean): void {
    this.rules.set(offset, isGuarded === undefined ? { mask } : { mask, isGuarded });
  }

  private add64(offset: number, isGuarded: () => boolean): void {
    this.add(offset, ALL, isGuarded);
    this.add(offset + 4, ALL, isGuarded);
  }

  /** IRQ_CFG0 to IRQ_CFG2: address, data and attributes of an MSI. */
  private addInterrupt(offset: number, isGuarded: () => boolean): void {
    this.add64(offset, isGuarded);
    this.add64(offset + 8, isGuarded);
  }

  /** Writes a register as far as it can be written now. */
  write(offset: number, value: number): void {
    if (offset === register.SMMU_GBPA) {
      // The other fields are taken with Update alone, which has happened at once (6.3.14.1).
      if (value >= GBPA_UPDATE) this.registers.set(offset, value & GBPA_BITS);
      return;
    }
    const rule = this.rules.get(offset);
    if (rule === undefined || rule.isGuarded?.() === true) return;
    this.registers.set(offset, (value & rule.mask) >>> 0);
    // Changes take effect at once.
    if (offset === register.SMMU_CR0) this.registers.set(register.SMMU_CR0ACK, value & rule.mask);
    if (offset === register.SMMU_IRQ_CTRL) this.registers.set(register.SMMU_IRQ_CTRLACK, value & rule.mask);
  }
}
