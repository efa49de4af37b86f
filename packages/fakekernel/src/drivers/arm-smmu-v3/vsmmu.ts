import {
  arm_smmu_constants,
  iommu_hwpt_invalidate_data_type,
  iommu_viommu_arm_smmuv3_invalidate,
} from '@iommufd/uapi';
import { fail } from '../../errno.js';
import type { ViommuDriver } from '../../iommu/driver.js';
import type { UserArray, UserData } from '../../iommu/user-data.js';
import type { VdeviceCore } from '../../iommu/viommu.js';
import type { ViommuCore } from '../../iommu/viommu.js';
import type { ArmSmmu } from './arm-smmu.js';
import type { CommandBytes } from './command.js';
import { SmmuNested } from './nested-domain.js';
import type { SmmuDomain } from './paging-domain.js';
import { smmuDevice } from './smmu-device.js';
import { type AllowedBits, allowedBits, convertUserCommand } from './user-command.js';

/** `kmalloc()` gives no more bytes than this in one piece. */
const KMALLOC_MAX_SIZE = 4 << 20;

/** Commands that are issued at once: a batch has room for its CMD_SYNC. */
const BLOCK = arm_smmu_constants.CMDQ_BATCH_ENTRIES - 1;

/** A virtual SMMU: what guests put before the stage 2 of its VMID. */
export class Vsmmu implements ViommuDriver {
  /** What of a guest's commands the hardware may be given. */
  readonly allowed: AllowedBits;

  /** @throws EINVAL for a parent of another SMMU */
  constructor(
    readonly smmu: ArmSmmu,
    readonly viommu: ViommuCore,
    readonly parent: SmmuDomain,
  ) {
    if (parent.smmu !== smmu) throw fail('EINVAL');
    this.allowed = allowedBits(smmu.probed);
  }

  allocNested(flags: number, data: UserData): SmmuNested {
    return SmmuNested.make(this, flags, data);
  }

  /**
   * A guest knows a device by one id, which stands for one StreamID: `arm_vsmmu_vdevice_init()`.
   * @throws EOPNOTSUPP for a device with none or several
   */
  addVdevice({ device }: VdeviceCore): void {
    if (smmuDevice(device).streams.length !== 1) throw fail('EOPNOTSUPP');
  }

  /**
   * Executes commands of a guest. They are issued 63 at a time; those that stand before one that is refused, and were not
   * issued yet, are counted as done and never are.
   */
  invalidate(array: UserArray): void {
    const struct = iommu_viommu_arm_smmuv3_invalidate;
    if (array.count * struct.byteLength > KMALLOC_MAX_SIZE) {
      // The number that the caller gave is left as it was.
      array.done = array.count;
      throw fail('ENOMEM');
    }
    const { IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 } = iommu_hwpt_invalidate_data_type;
    if (array.type !== IOMMU_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 || array.count === 0) throw fail('EINVAL');
    const commands = array.readAll(struct);
    let block: CommandBytes[] = [];
    for (const command of commands) {
      convertUserCommand(this, command);
      array.done++;
      block.push(command);
      if (block.length < BLOCK && array.done < commands.length) continue;
      if (!this.smmu.commands.issue(block, true)) {
        array.done--;
        throw fail('ETIMEDOUT');
      }
      block = [];
    }
  }
}
