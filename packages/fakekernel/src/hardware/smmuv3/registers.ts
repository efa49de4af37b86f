import {
  SMMU_CMDQ_BASE,
  SMMU_CMDQ_CONS,
  SMMU_CMDQ_PROD,
  SMMU_CR0,
  SMMU_CR2,
  SMMU_EVENTQ_BASE,
  SMMU_EVENTQ_CONS,
  SMMU_EVENTQ_PROD,
  SMMU_GBPA,
  SMMU_GERROR,
  SMMU_GERRORN,
  SMMU_IRQ_CTRL,
  SMMU_PRIQ_BASE,
  SMMU_PRIQ_CONS,
  SMMU_PRIQ_IRQ_CFG2,
  SMMU_PRIQ_PROD,
  SMMU_STRTAB_BASE,
  SMMU_STRTAB_BASE_CFG,
  smmuv3_register,
} from '@iommufd/uapi';
import { type AnyType, type View, view } from '@iommufd/uapi/struct';
import type { Smmuv3Config } from './config.js';

/** Bytes of both register pages (Arm IHI 0070, 6.1). */
const FRAME_BYTES = 0x20000;

/** The registers as memory: reading and writing here has no effects. Those with fields are views of it. */
export class Registers {
  readonly frame = new ArrayBuffer(FRAME_BYTES);
  private readonly data = new DataView(this.frame);

  readonly cr0 = this.view(SMMU_CR0, smmuv3_register.SMMU_CR0);
  readonly cr2 = this.view(SMMU_CR2, smmuv3_register.SMMU_CR2);
  readonly gbpa = this.view(SMMU_GBPA, smmuv3_register.SMMU_GBPA);
  readonly irqCtrl = this.view(SMMU_IRQ_CTRL, smmuv3_register.SMMU_IRQ_CTRL);
  readonly gerror = this.view(SMMU_GERROR, smmuv3_register.SMMU_GERROR);
  readonly gerrorn = this.view(SMMU_GERRORN, smmuv3_register.SMMU_GERRORN);
  readonly strtabBase = this.view(SMMU_STRTAB_BASE, smmuv3_register.SMMU_STRTAB_BASE);
  readonly strtabBaseCfg = this.view(SMMU_STRTAB_BASE_CFG, smmuv3_register.SMMU_STRTAB_BASE_CFG);
  readonly cmdqBase = this.view(SMMU_CMDQ_BASE, smmuv3_register.SMMU_CMDQ_BASE);
  readonly cmdqProd = this.view(SMMU_CMDQ_PROD, smmuv3_register.SMMU_CMDQ_PROD);
  readonly cmdqCons = this.view(SMMU_CMDQ_CONS, smmuv3_register.SMMU_CMDQ_CONS);
  readonly eventqBase = this.view(SMMU_EVENTQ_BASE, smmuv3_register.SMMU_EVENTQ_BASE);
  readonly eventqProd = this.view(SMMU_EVENTQ_PROD, smmuv3_register.SMMU_EVENTQ_PROD);
  readonly eventqCons = this.view(SMMU_EVENTQ_CONS, smmuv3_register.SMMU_EVENTQ_CONS);
  readonly priqBase = this.view(SMMU_PRIQ_BASE, smmuv3_register.SMMU_PRIQ_BASE);
  readonly priqProd = this.view(SMMU_PRIQ_PROD, smmuv3_register.SMMU_PRIQ_PROD);
  readonly priqCons = this.view(SMMU_PRIQ_CONS, smmuv3_register.SMMU_PRIQ_CONS);
  readonly priqIrqCfg2 = this.view(SMMU_PRIQ_IRQ_CFG2, smmuv3_register.SMMU_PRIQ_IRQ_CFG2);

  constructor({ idr, iidr, aidr }: Smmuv3Config) {
    for (const [i, value] of idr.entries()) this.set(smmuv3_register.SMMU_IDR0 + 4 * i, value);
    this.set(smmuv3_register.SMMU_IIDR, iidr);
    this.set(smmuv3_register.SMMU_AIDR, aidr);
  }

  private view<T extends AnyType>(type: T, offset: number): View<T> {
    return view(type, new Uint8Array(this.frame), offset);
  }

  get(offset: number): number {
    return this.data.getUint32(offset, true);
  }

  set(offset: number, value: number): void {
    this.data.setUint32(offset, value, true);
  }
}
