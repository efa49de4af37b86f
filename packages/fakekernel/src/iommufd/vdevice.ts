import { IOMMU_VDEVICE_ALLOC } from '@iommufd/uapi';
import { fail } from '../errno.js';
import type { Device } from '../iommu/device.js';
import type { VdeviceCore } from '../iommu/viommu.js';
import { allocate } from '../process/failure-points.js';
import { command } from './command.js';
import { IommufdDevice } from './device.js';
import { IommufdObject } from './object.js';
import { Viommu } from './viommu.js';

/** A device's virtual id on a virtual IOMMU: `struct iommufd_vdevice`. */
export class Vdevice extends IommufdObject implements VdeviceCore {
  readonly kind = 'vdevice';

  constructor(
    readonly viommu: Viommu,
    private readonly bound: IommufdDevice,
    readonly virtualId: bigint,
  ) {
    super();
    viommu.get();
    bound.vdevice = this;
  }

  get device(): Device {
    return this.bound.device;
  }

  override destroy(): void {
    // If the virtual id was in use, this vDEVICE was never in the map.
    if (this.viommu.vdevices.get(this.virtualId) === this) this.viommu.vdevices.delete(this.virtualId);
    this.viommu.put();
    this.bound.vdevice = undefined;
  }
}

/** IOMMU_VDEVICE_ALLOC */
export const vdeviceAlloc = command(IOMMU_VDEVICE_ALLOC, (cmd, call) => {
  const viommu = call.hold(cmd.viommu_id, Viommu);
  const bound = call.hold(cmd.dev_id, IommufdDevice);
  if (viommu.driver !== bound.device.driver) throw fail('EINVAL');
  if (bound.vdevice !== undefined) throw fail('EEXIST');
  const vdevice = call.create(new Vdevice(viommu, bound, cmd.virt_id));
  allocate('xa_cmpxchg() of the virtual id');
  if (viommu.vdevices.has(vdevice.virtualId)) throw fail('EEXIST');
  viommu.vdevices.set(vdevice.virtualId, vdevice);
  viommu.ops.addVdevice?.(vdevice);
  cmd.out_vdevice_id = vdevice.id;
  call.respond();
});
