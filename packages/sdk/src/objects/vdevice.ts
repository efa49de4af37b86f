import { IOMMU_VDEVICE_ALLOC } from '@iommufd/uapi';
import { record, u64 } from '../calls/arguments/kinds.js';
import { vdeviceCause } from '../calls/causes/viommu.js';
import type { Context } from '../calls/context.js';
import type { Device } from './device.js';
import { IommufdObject, objectOfKind } from './object.js';
import type { Viommu } from './viommu.js';

/** Which device has which id. */
export interface VdeviceOptions {
  /** The device, which must be behind the same physical IOMMU as the virtual one. */
  readonly device: Device;
  /** The id that the guest knows it by: StreamID on Arm SMMUv3, DeviceID on AMD, requester id on VT-d. */
  readonly virtualId: bigint;
}

/** {@link VdeviceOptions} */
export const vdeviceOptions = record<VdeviceOptions>({
  device: objectOfKind<Device>('device', 'a Device', 'Iommufd.openDevice()'),
  virtualId: u64,
});

/**
 * The id that a device has on a virtual IOMMU: the kernel puts it into the events of the device, and finds the device
 * by it in invalidations. Close it before its device: a device that goes first takes it along and leaves a tombstone,
 * an id of `/dev/iommu` that is never used again.
 *
 * On an Arm SMMUv3 events carry the id that the device had when it was attached: after a change of it they have the old
 * one until the device is attached to another page table. Invalidations go by the new one at once. Of an id beyond 32
 * bits events carry the lower half, and invalidations do not find it.
 */
export class Vdevice extends IommufdObject {
  readonly kind = 'vdevice';

  private constructor(
    context: Context,
    id: number,
    /** The virtual IOMMU that knows it by the id. */
    readonly viommu: Viommu,
    /** The device. */
    readonly device: Device,
    /** The id. */
    readonly virtualId: bigint,
  ) {
    super(context, id, [viommu]);
    device.setVdevice(this);
    viommu.vdevices.set(virtualId, this);
  }

  /** @internal */
  static alloc(context: Context, viommu: Viommu, options: VdeviceOptions): Vdevice {
    const { device, virtualId } = options;
    const cause = vdeviceCause(viommu, options);
    const { out_vdevice_id } = context.ioctl(
      IOMMU_VDEVICE_ALLOC,
      {
        viommu_id: viommu.use(),
        dev_id: device.use(context),
        virt_id: virtualId,
      },
      { cause },
    );
    return new Vdevice(context, out_vdevice_id, viommu, device, virtualId);
  }

  /** The device has gone, and the kernel has dropped this with it. @internal */
  goWithDevice(): void {
    this.leave();
  }

  protected override leave(): void {
    super.leave();
    this.device.setVdevice(undefined);
    this.viommu.vdevices.delete(this.virtualId);
  }
}
