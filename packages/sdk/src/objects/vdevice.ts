import { IOMMU_VDEVICE_ALLOC } from '@iommufd/uapi';
import { record, u64 } from '../calls/arguments/kinds.js';
import { vdeviceCause } from '../calls/causes/viommu.js';
import type { Context } from '../calls/context.js';
import type { Device } from './device.js';
import { IommufdObject, objectOfKind } from './object.js';
import type { Viommu } from './viommu.js';

/** Options of {@link Viommu.allocVdevice}. */
export interface VdeviceOptions {
  /** The device, which must be behind the physical IOMMU of the virtual one. */
  readonly device: Device;
  /** The virtual id: StreamID on Arm SMMUv3, DeviceID on AMD, requester id on VT-d. */
  readonly virtualId: bigint;
}

/** {@link VdeviceOptions} */
export const vdeviceOptions = record<VdeviceOptions>({
  device: objectOfKind<Device>('device', 'a Device', 'Iommufd.openDevice()'),
  virtualId: u64,
});

/**
 * The virtual id of a device on a virtual IOMMU. The kernel puts it into the device's events, and looks the device up by it
 * in invalidations. Close it before its device: closing the device first destroys the vDEVICE too and leaves a tombstone, an
 * object id of `/dev/iommu` that is never reused.
 *
 * On an Arm SMMUv3, events carry the virtual id that the device had when it was attached: after a change, events have the
 * old id until the device is attached to another page table. Invalidations use the new id at once. If an id exceeds 32
 * bits, events carry its lower half, and invalidations cannot name it.
 */
export class Vdevice extends IommufdObject {
  readonly kind = 'vdevice';

  private constructor(
    context: Context,
    id: number,
    /** The virtual IOMMU. */
    readonly viommu: Viommu,
    /** The device. */
    readonly device: Device,
    /** The virtual id. */
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

  /** Called after the device was closed: the kernel has destroyed the vDEVICE with it. @internal */
  destroyedWithDevice(): void {
    this.leave();
  }

  protected override leave(): void {
    super.leave();
    this.device.setVdevice(undefined);
    this.viommu.vdevices.delete(this.virtualId);
  }
}
