/**
 * Virtual IOMMUs (IOMMU_VIOMMU_ALLOC): `struct iommufd_viommu` of Linux's `drivers/iommu/iommufd/viommu.c`. A virtual IOMMU is
 * allocated on a nest parent, for the driver of a device. vDEVICEs, vEVENTQs, hardware queues and nested HWPTs are allocated on
 * it. The driver sees it through `ViommuCore` (`iommu/viommu.ts`).
 */
import { IOMMU_VIOMMU_ALLOC, iommu_viommu_type } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { IommuDriver, ViommuDriver } from '../iommu/driver.js';
import type { Device } from '../iommu/device.js';
import type { PagingDomain } from '../iommu/domain.js';
import { UserData } from '../iommu/user-data.js';
import type { MappedPages, ViommuCore } from '../iommu/viommu.js';
import { command } from './command.js';
import type { IommufdContext } from './context.js';
import { IommufdDevice } from './device.js';
import { HwptPaging } from './hwpt.js';
import { IommufdObject } from './object.js';
import type { Vdevice } from './vdevice.js';
import type { Veventq } from './veventq.js';

/** A virtual IOMMU: the slice of a physical one that belongs to a virtual machine. */
export class Viommu extends IommufdObject implements ViommuCore {
  readonly kind = 'viommu';
  /** The driver's operations. */
  ops: ViommuDriver = {};
  /** By virtual id. */
  readonly vdevices = new Map<bigint, Vdevice>();
  /** By type: at most one of each type. */
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

  get parentDomain(): PagingDomain {
    return this.parent.domain;
  }

  virtualIdOf(device: Device): bigint | undefined {
    for (const [id, vdevice] of this.vdevices) if (vdevice.device === device) return id;
    return undefined;
  }

  deviceOf(virtualId: bigint): Device | undefined {
    return this.vdevices.get(virtualId)?.device;
  }

  hasQueue(type: number): boolean {
    return this.veventqs.has(type);
  }

  addMmap(pages: number): MappedPages {
    return this.context.mmaps.add(this, pages);
  }

  removeMmap(offset: bigint): void {
    this.context.mmaps.remove(offset);
  }

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
export const viommuAlloc = command(IOMMU_VIOMMU_ALLOC, (cmd, call) => {
  const { context, process } = call;
  if (cmd.flags !== 0 || cmd.type === iommu_viommu_type.IOMMU_VIOMMU_TYPE_DEFAULT) throw fail('EOPNOTSUPP');
  const { device } = call.hold(cmd.dev_id, IommufdDevice);
  const { driver } = device;
  if (driver.hasViommu?.(device, cmd.type) !== true) throw fail('EOPNOTSUPP');
  const parent = call.hold(cmd.hwpt_id, HwptPaging);
  if (!parent.isNestParent) throw fail('EINVAL');
  const data = cmd.data_len === 0 ? undefined : new UserData(process, cmd.type, cmd.data_uptr, cmd.data_len);
  const viommu = call.create(new Viommu(context, driver, cmd.type, parent));
  viommu.ops = driver.allocViommu?.(viommu, device, parent.domain, data) ?? {};
  cmd.out_viommu_id = viommu.id;
  call.respond();
});
