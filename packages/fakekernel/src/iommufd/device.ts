import { fail, invariant } from '../errno.js';
import type { Device } from '../iommu/device.js';
import type { AttachHandle, Group } from '../iommu/group.js';
import { allocate } from '../process/failure-points.js';
import type { IommufdContext } from './context.js';
import type { Hwpt } from './hwpt.js';
import { IommufdObject } from './object.js';
import type { SwMsiMap } from './sw-msi.js';
import type { Vdevice } from './vdevice.js';

/** The attachment of a group through one PASID: `struct iommufd_attach`. */
export interface Attachment {
  hwpt: Hwpt;
  readonly devices: Set<IommufdDevice>;
}

/** The attachments of an IOMMU group in a context: `struct iommufd_group`. */
export class DeviceGroup {
  readonly attachments = new Map<number, Attachment>();
  /** Start of the window for doorbells; undefined if messages are not translated, or before the group is attached. */
  swMsiStart: bigint | undefined;
  /** The doorbells that its devices use: `required_sw_msi`. */
  readonly doorbells = new Set<SwMsiMap>();

  constructor(readonly group: Group) {}
}

/** Linux's log message when a device is bound although its interrupts are not isolated. */
const UNSAFE_INTERRUPTS =
  'MSI interrupts are not secure, they cannot be isolated by the platform. Check that platform features like interrupt ' +
  'remapping are enabled. Use the "allow_unsafe_interrupts" module parameter to override';

/** A device bound to a context: `struct iommufd_device`. `attach.ts` attaches it. */
export class IommufdDevice extends IommufdObject {
  readonly kind = 'device';
  /** Its vDEVICE, if it has one. */
  vdevice: Vdevice | undefined;

  private constructor(
    readonly context: IommufdContext,
    readonly device: Device,
    readonly group: DeviceGroup,
  ) {
    super();
  }

  /**
   * `iommufd_device_bind()`: the caller holds the device until {@link unbind}.
   * @throws EINVAL if DMA is not coherent; EPERM if a device of the group could cause other devices' interrupts, unless
   *   `allow_unsafe_interrupts` is set; EBUSY
   */
  static bindDevice(context: IommufdContext, device: Device): IommufdDevice {
    device.features = context.kernel.features;
    if (!device.driver.capabilities(device).cacheCoherency) throw fail('EINVAL');
    // `iommu_group_has_isolated_msi()`
    if (!device.group.devices.every((each) => each.driver.capabilities(each).isolatedMsi)) {
      if (!context.kernel.allowUnsafeInterrupts) throw fail('EPERM');
      context.kernel.log(UNSAFE_INTERRUPTS);
    }
    allocate('iommufd_get_group()');
    device.claimDma(context);
    const bound = new IommufdDevice(context, device, context.groupOf(device.group));
    context.objects.reserve(bound);
    bound.get();
    context.objects.publish(bound);
    return bound;
  }

  /**
   * `iommufd_device_unbind()`. If the device still has a vDEVICE, it is destroyed and leaves a tombstone: its id is never reused.
   */
  unbind(): void {
    const { objects } = this.context;
    if (this.vdevice !== undefined) {
      this.vdevice.get();
      objects.destroyByOwner(this.vdevice, 'tombstone');
    }
    if (this.userCount > 2) {
      // A PASID is still attached. Linux warns, and the device stays bound until the context is released.
      this.put();
      return;
    }
    objects.destroyByOwner(this);
  }

  override destroy(): void {
    this.device.releaseDma();
    this.context.dropGroup(this.group);
  }
}

/** The device that owns an attachment. */
export function ownerOf({ owner }: AttachHandle): IommufdDevice {
  invariant(owner instanceof IommufdDevice, () => 'an attachment without a bound device');
  return owner;
}
