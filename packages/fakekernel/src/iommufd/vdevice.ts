import { IOMMU_VDEVICE_ALLOC } from '@iommufd/uapi';
import { fail } from '../errno.js';
import { command, making } from './command.js';
import { IommufdDevice } from './device.js';
import { IommufdObject } from './object.js';
import { Viommu } from './viommu.js';

/** The id that a device has on a virtual IOMMU. */
export class Vdevice extends IommufdObject {
  readonly kind = 'vdevice';

  constructor(
    readonly viommu: Viommu,
    readonly device: IommufdDevice,
    readonly virtualId: bigint,
  ) {
    super();
    viommu.get();
    device.vdevice = this;
  }

  override destroy(): void {
    // It is not in the map if somebody else has its id.
    if (this.viommu.vdevices.get(this.virtualId) === this) this.viommu.vdevices.delete(this.virtualId);
    this.viommu.put();
    this.device.vdevice = undefined;
  }
}

/** IOMMU_VDEVICE_ALLOC */
export const vdeviceAlloc = command(IOMMU_VDEVICE_ALLOC, (cmd, { context, respond }) => {
  context.with(cmd.viommu_id, Viommu, (viommu) => {
    context.with(cmd.dev_id, IommufdDevice, (device) => {
      if (viommu.driver !== device.device.driver) throw fail('EINVAL');
      if (device.vdevice !== undefined) throw fail('EEXIST');
      making(context, new Vdevice(viommu, device, cmd.virt_id), (vdevice) => {
        if (viommu.vdevices.has(vdevice.virtualId)) throw fail('EEXIST');
        viommu.vdevices.set(vdevice.virtualId, vdevice);
        viommu.ops.addVdevice?.(vdevice);
        cmd.out_vdevice_id = vdevice.id;
        respond();
      });
    });
  });
});
