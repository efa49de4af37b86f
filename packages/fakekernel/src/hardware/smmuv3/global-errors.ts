import { smmuv3_register } from '@iommufd/uapi';
import type { Lines } from './lines.js';
import type { Registers } from './registers.js';

/** The errors that can occur here, by their bit in SMMU_GERROR (Arm IHI 0070, 6.3.19). */
export const globalError = { CMDQ_ERR: 1 << 0, EVENTQ_ABT_ERR: 1 << 2, PRIQ_ABT_ERR: 1 << 3 } as const;

/** Global errors: active while the bits of SMMU_GERROR and SMMU_GERRORN differ (Arm IHI 0070, 7.5). */
export class GlobalErrors {
  constructor(
    private readonly registers: Registers,
    private readonly lines: Lines,
  ) {}

  isActive(error: number): boolean {
    const difference =
      this.registers.get(smmuv3_register.SMMU_GERROR) ^ this.registers.get(smmuv3_register.SMMU_GERRORN);
    return (difference & error) !== 0;
  }

  /** An error has occurred. One that is active already is not told of again. */
  activate(error: number): void {
    if (this.isActive(error)) return;
    const toggled = this.registers.get(smmuv3_register.SMMU_GERROR) ^ error;
    this.registers.set(smmuv3_register.SMMU_GERROR, toggled);
    if (this.registers.irqCtrl.GERROR_IRQEN === 1) this.lines.gerror();
  }
}
