/**
 * Virtual SMMUs: `struct arm_vsmmu` in Linux's `arm-smmu-v3-iommufd.c`. A virtual SMMU represents a guest's SMMU: nested domains
 * put the guest's stage 1 on its stage 2, and IOMMU_HWPT_INVALIDATE executes the guest's commands.
 */
import {
  arm_smmu_constants,
  iommu_hwpt_invalidate_data_type,
  iommu_viommu_arm_smmuv3_invalidate,
} from '@iommufd/uapi';
import { fail } from '../../errno.js';
import type { IommuDriver, ViommuDriver } from '../../iommu/driver.js';
import type { UserArray, UserData } from '../../iommu/user-data.js';
import type { VdeviceCore } from '../../iommu/viommu.js';
import type { ViommuCore } from '../../iommu/viommu.js';
import type { CommandBytes } from './command.js';
import type { CommandQueue } from './command-queue.js';
import { SmmuNested } from './nested-domain.js';
import type { SmmuDomain } from './paging-domain.js';
import type { Probed } from './probe.js';
import { smmuDevice } from './smmu-device.js';
import type { Features } from '../../versions/kernel-version.js';
import { type AllowedBits, allowedBits, convertUserCommand } from './user-command.js';

/** The largest `kmalloc()`, in bytes. */
const KMALLOC_MAX_SIZE = 4 << 20;

/** Commands per issue: a batch without its CMD_SYNC. */
const BLOCK = arm_smmu_constants.CMDQ_BATCH_ENTRIES - 1;

/** A virtual SMMU. */
export class Vsmmu implements ViommuDriver {
  /** The allowed bits of a guest's commands; undefined if this version of Linux checks only opcodes. */
  readonly allowed: AllowedBits | undefined;

  /** @throws EINVAL if the parent belongs to another SMMU */
  constructor(
    readonly driver: IommuDriver,
    readonly probed: Probed,
    private readonly commands: CommandQueue,
    readonly viommu: ViommuCore,
    readonly parent: SmmuDomain,
    { smmuCommandFieldsChecked }: Features,
  ) {
    if (parent.driver !== driver) throw fail('EINVAL');
    this.allowed = smmuCommandFieldsChecked ? allowedBits(probed) : undefined;
  }

  allocNested(flags: number, data: UserData): SmmuNested {
    return SmmuNested.make(this, flags, data);
  }

  /**
   * `arm_vsmmu_vdevice_init()`: a virtual id represents exactly one StreamID.
   * @throws EOPNOTSUPP unless the device has exactly one StreamID
   */
  addVdevice({ device }: VdeviceCore): void {
    if (smmuDevice(device).streams.length !== 1) throw fail('EOPNOTSUPP');
  }

  /**
   * `arm_vsmmu_cache_invalidate()`: executes commands of a guest, and issues 63 at a time. If a command is refused, the commands
   * before it that are not issued yet are counted as done, but are never issued.
   */
  invalidate(array: UserArray): void {
    const struct = iommu_viommu_arm_smmuv3_invalidate;
    if (array.count * struct.byteLength > KMALLOC_MAX_SIZE) {
      // Linux does not change the caller's entry_num in this case.
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
      if (!this.commands.issue(block, true)) {
        array.done--;
        throw fail('ETIMEDOUT');
      }
      block = [];
    }
  }
}
