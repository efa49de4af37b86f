import { IOMMU_VIOMMU_ALLOC, iommu_viommu_type } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { IommuDriver, ViommuDriver } from '../iommu/driver.js';
import { UserData } from '../iommu/user-data.js';
import { command, making } from './command.js';
import type { IommufdContext } from './context.js';
import { IommufdDevice } from './device.js';
import { HwptPaging } from './hwpt.js';
import { IommufdObject } from './object.js';
import type { Vdevice } from './vdevice.js';
import type { Veventq } from './veventq.js';

/** A virtual IOMMU: the slice of a physical one that belongs to a virtual machine. */
export class Viommu extends IommufdObject {
  readonly kind = 'viommu';
  /** What the driver made of it. */
  ops: ViommuDriver = {};
  /** By virtual id. */
  readonly vdevices = new Map<bigint, Vdevice>();
  /** By type; there is one of each. */
  readonly veventqs = new Map<number, Veventq>();

  constructor(
    readonly context: IommufdContext,
    readonly driver: IommuDriver,
    readonly type: number,
    readonly parent: HwptPaging,
  ) {
    super();
    parent.get();
  }

  /** The virtual id of a device. */
  virtualIdOf(device: IommufdDevice['device']): bigint | undefined {
    for (const [id, vdevice] of this.vdevices) if (vdevice.device.device === device) return id;
    return undefined;
  }

  /** Hands an event to the queue of its type. @throws EOPNOTSUPP if there is none */
  report(type: number, data: Uint8Array): void {
    const queue = this.veventqs.get(type);
    if (queue === undefined) throw fail('EOPNOTSUPP');
    queue.deliver(data);
  }

  override destroy(): void {
    this.ops.destroy?.();
    this.parent.put();
  }
}

/** IOMMU_VIOMMU_ALLOC */
export const viommuAlloc = command(IOMMU_VIOMMU_ALLOC, (cmd, { context, process, respond }) => {
  if (cmd.flags !== 0 || cmd.type === iommu_viommu_type.IOMMU_VIOMMU_TYPE_DEFAULT) throw fail('EOPNOTSUPP');
  context.with(cmd.dev_id, IommufdDevice, ({ device }) => {
    const { driver } = device;
    if (driver.hasViommu?.(device, cmd.type) !== true) throw fail('EOPNOTSUPP');
    context.with(cmd.hwpt_id, HwptPaging, (parent) => {
      if (!parent.isNestParent) throw fail('EINVAL');
      const data =
        cmd.data_len === 0 ? undefined : new UserData(process, cmd.type, cmd.data_uptr, cmd.data_len);
      making(context, new Viommu(context, driver, cmd.type, parent), (viommu) => {
        viommu.ops = driver.allocViommu?.(viommu, device, parent.domain, data) ?? {};
        cmd.out_viommu_id = viommu.id;
        respond();
      });
    });
  });
});
