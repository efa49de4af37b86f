import { fieldsOf } from '@iommufd/smmuv3';
import { SMMU_GERROR, smmuv3_register } from '@iommufd/uapi';
import type { SmmuHardware } from '../../hardware/smmu-hardware.js';
import type { CommandQueue } from './command-queue.js';
import { hex } from '../../lib/hex.js';

/** Messages for errors that the driver only logs. */
const MESSAGES = [
  ['SFM_ERR', 'device has entered Service Failure Mode!'],
  ['MSI_GERROR_ABT_ERR', 'GERROR MSI write aborted'],
  ['MSI_PRIQ_ABT_ERR', 'PRIQ MSI write aborted'],
  ['MSI_EVENTQ_ABT_ERR', 'EVTQ MSI write aborted'],
  ['MSI_CMDQ_ABT_ERR', 'CMDQ MSI write aborted'],
  ['PRIQ_ABT_ERR', 'PRIQ write aborted -- events may have been lost'],
  ['EVENTQ_ABT_ERR', 'EVTQ write aborted -- events may have been lost'],
] as const;

/** `arm_smmu_gerror_handler()`: the interrupt handler of global errors. */
export function handleGlobalErrors(
  hardware: SmmuHardware,
  commands: CommandQueue,
  log: (message: string) => void,
): void {
  const gerror = hardware.read32(smmuv3_register.SMMU_GERROR);
  const active = gerror ^ hardware.read32(smmuv3_register.SMMU_GERRORN);
  if (active === 0) return;
  log(`unexpected global error reported (0x${hex(active >>> 0, 8)}), this could be serious`);
  const errors = fieldsOf(SMMU_GERROR, active >>> 0);
  for (const [error, message] of MESSAGES) if (errors[error] === 1) log(message);
  if (errors.SFM_ERR === 1) hardware.write32(smmuv3_register.SMMU_CR0, 0);
  if (errors.CMDQ_ERR === 1) commands.skipError();
  hardware.write32(smmuv3_register.SMMU_GERRORN, gerror);
}
