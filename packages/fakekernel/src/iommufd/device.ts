import { fail, invariant } from '../errno.js';
import type { Device } from '../iommu/device.js';
import type { AttachHandle, Group } from '../iommu/group.js';
import type { IommufdContext } from './context.js';
import type { Hwpt } from './hwpt.js';
import { IommufdObject } from './object.js';
import type { Vdevice } from './vdevice.js';

/** The devices of a group that are attached through one PASID, all to the same page table. */
export interface Attachment {
  hwpt: Hwpt;
  readonly devices: Set<IommufdDevice>;
}

/** An IOMMU group as a context sees it: what its devices are attached to. */
export class DeviceGroup {
  readonly attachments = new Map<number, Attachment>();

  constructor(readonly group: Group) {}
}

/** A device that was bound to a context. What it is attached to is changed in `attach.ts`. */
export class IommufdDevice extends IommufdObject {
  readonly kind = 'device';
  /** Its id on a virtual IOMMU, if it has one. */
  vdevice: Vdevice | undefined;

  private constructor(
    readonly context: IommufdContext,
    readonly device: Device,
    readonly group: DeviceGroup,
  ) {
    super();
  }

  /** Gives a device an id in a context. The caller is a user of it until {@link unbind}. */
  static bindDevice(context: IommufdContext, device: Device): IommufdDevice {
    if (!device.driver.capabilities(device).cacheCoherency) throw fail('EINVAL');
    device.claimDma(context);
    const bound = new IommufdDevice(context, device, context.groupOf(device.group));
    context.objects.reserve(bound);
    bound.get();
    context.objects.publish(bound);
    return bound;
  }

  /** Takes the id away. A vDEVICE that still lives goes, and leaves a tombstone: its id is never used again. */
  unbind(): void {
    const { objects } = this.context;
    if (this.vdevice !== undefined) {
      this.vdevice.get();
      objects.destroyByOwner(this.vdevice, 'tombstone');
    }
    if (this.userCount > 2) {
      // A PASID is attached still. Linux warns, and leaves the device to the end of the context.
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

/** The device that made an attachment. */
export function ownerOf({ owner }: AttachHandle): IommufdDevice {
  invariant(owner instanceof IommufdDevice, () => 'an attachment that no context made');
  return owner;
}
