import { smmuv3_register } from '@iommufd/uapi';
import { type IdRegisters } from './id-registers.js';
import { type Register32, type Register64, REGISTERS_32, REGISTERS_64 } from './registers.js';

/** What is at an offset, in units of 4 bytes. */
export type Slot =
  /** Read-only, and always the same. */
  | { readonly kind: 'constant'; readonly value: number }
  /** Reads as another register does, and cannot be written: acknowledgements. */
  | { readonly kind: 'mirror'; readonly of: Register32 }
  | { readonly kind: 'register32'; readonly name: Register32 }
  /** Half of a register of 64 bits: 0 the lower, 1 the upper one. */
  | { readonly kind: 'register64'; readonly name: Register64; readonly half: 0 | 1 };

/**
 * What is where; an offset that is missing reads as zero and ignores writes.
 * Source: Arm IHI 0070, section 6.2.
 */
export function registerMap({ idr, iidr, aidr }: IdRegisters): ReadonlyMap<number, Slot> {
  const map = new Map<number, Slot>([
    [smmuv3_register.SMMU_IDR0, { kind: 'constant', value: idr[0] }],
    [smmuv3_register.SMMU_IDR1, { kind: 'constant', value: idr[1] }],
    [smmuv3_register.SMMU_IDR2, { kind: 'constant', value: idr[2] }],
    [smmuv3_register.SMMU_IDR3, { kind: 'constant', value: idr[3] }],
    [smmuv3_register.SMMU_IDR4, { kind: 'constant', value: idr[4] }],
    [smmuv3_register.SMMU_IDR5, { kind: 'constant', value: idr[5] }],
    [smmuv3_register.SMMU_IIDR, { kind: 'constant', value: iidr }],
    [smmuv3_register.SMMU_AIDR, { kind: 'constant', value: aidr }],
    [smmuv3_register.SMMU_CR0ACK, { kind: 'mirror', of: 'SMMU_CR0' }],
    [smmuv3_register.SMMU_IRQ_CTRLACK, { kind: 'mirror', of: 'SMMU_IRQ_CTRL' }],
  ]);
  for (const name of REGISTERS_32) map.set(smmuv3_register[name], { kind: 'register32', name });
  for (const name of REGISTERS_64) {
    map.set(smmuv3_register[name], { kind: 'register64', name, half: 0 });
    map.set(smmuv3_register[name] + 4, { kind: 'register64', name, half: 1 });
  }
  return map;
}
