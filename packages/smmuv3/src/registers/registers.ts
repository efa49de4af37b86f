import { SMMU_GBPA, smmuv3_shcfg } from '@iommufd/uapi';
import { field32, mask32 } from './fields.js';

/** The 32-bit registers with state. */
export const REGISTERS_32 = [
  'SMMU_CR0',
  'SMMU_CR1',
  'SMMU_CR2',
  'SMMU_GBPA',
  'SMMU_IRQ_CTRL',
  'SMMU_GERROR',
  'SMMU_GERRORN',
  'SMMU_GERROR_IRQ_CFG1',
  'SMMU_GERROR_IRQ_CFG2',
  'SMMU_STRTAB_BASE_CFG',
  'SMMU_CMDQ_PROD',
  'SMMU_CMDQ_CONS',
  'SMMU_EVENTQ_PROD',
  'SMMU_EVENTQ_CONS',
  'SMMU_EVENTQ_IRQ_CFG1',
  'SMMU_EVENTQ_IRQ_CFG2',
  'SMMU_PRIQ_PROD',
  'SMMU_PRIQ_CONS',
  'SMMU_PRIQ_IRQ_CFG1',
  'SMMU_PRIQ_IRQ_CFG2',
] as const;

/** The 64-bit registers with state. */
export const REGISTERS_64 = [
  'SMMU_GERROR_IRQ_CFG0',
  'SMMU_STRTAB_BASE',
  'SMMU_CMDQ_BASE',
  'SMMU_EVENTQ_BASE',
  'SMMU_EVENTQ_IRQ_CFG0',
  'SMMU_PRIQ_BASE',
  'SMMU_PRIQ_IRQ_CFG0',
] as const;

/** The name of a 32-bit register. */
export type Register32 = (typeof REGISTERS_32)[number];
/** The name of a 64-bit register. */
export type Register64 = (typeof REGISTERS_64)[number];

/**
 * The register values, by the architecture's names; numbers are unsigned. SMMU_CR0ACK and SMMU_IRQ_CTRLACK have no state of
 * their own: a write takes effect before it returns, so they read as the registers that they acknowledge.
 */
export type Registers = Record<Register32, number> & Record<Register64, bigint>;

/**
 * The reset values: zero if the architecture leaves them unknown or implementation defined.
 * @param abortsAtReset SMMU_GBPA.ABORT: true to abort all transactions until the SMMU is enabled
 */
export function resetRegisters(abortsAtReset = false): Registers {
  const incoming = field32(SMMU_GBPA, 'SHCFG').of(smmuv3_shcfg.INCOMING);
  return {
    SMMU_CR0: 0,
    SMMU_CR1: 0,
    SMMU_CR2: 0,
    SMMU_GBPA: incoming | (abortsAtReset ? mask32(SMMU_GBPA, 'ABORT') : 0),
    SMMU_IRQ_CTRL: 0,
    SMMU_GERROR: 0,
    SMMU_GERRORN: 0,
    SMMU_GERROR_IRQ_CFG0: 0n,
    SMMU_GERROR_IRQ_CFG1: 0,
    SMMU_GERROR_IRQ_CFG2: 0,
    SMMU_STRTAB_BASE: 0n,
    SMMU_STRTAB_BASE_CFG: 0,
    SMMU_CMDQ_BASE: 0n,
    SMMU_CMDQ_PROD: 0,
    SMMU_CMDQ_CONS: 0,
    SMMU_EVENTQ_BASE: 0n,
    SMMU_EVENTQ_PROD: 0,
    SMMU_EVENTQ_CONS: 0,
    SMMU_EVENTQ_IRQ_CFG0: 0n,
    SMMU_EVENTQ_IRQ_CFG1: 0,
    SMMU_EVENTQ_IRQ_CFG2: 0,
    SMMU_PRIQ_BASE: 0n,
    SMMU_PRIQ_PROD: 0,
    SMMU_PRIQ_CONS: 0,
    SMMU_PRIQ_IRQ_CFG0: 0n,
    SMMU_PRIQ_IRQ_CFG1: 0,
    SMMU_PRIQ_IRQ_CFG2: 0,
  };
}
