import type { Device } from '../iommu/device.js';
import { VfioDevice } from './device.js';

/** The devices of VFIO, by the number in the name of their node. */
export class VfioSlots {
  private readonly slots: (VfioDevice | undefined)[] = [];

  /** Assigns the lowest free number to a device. @throws Error if it has one already */
  add(device: Device): VfioDevice {
    const known = this.find(device);
    if (known !== undefined) throw new Error(`the device is plugged in already, as ${known.path}`);
    const free = this.slots.indexOf(undefined);
    const number = free === -1 ? this.slots.length : free;
    return (this.slots[number] = new VfioDevice(device, `/dev/vfio/devices/vfio${number}`));
  }

  /** Removes a device. @throws Error if it is still open; Linux would wait for it to be closed */
  remove(device: Device): VfioDevice {
    const known = this.find(device);
    if (known === undefined) throw new Error('the device is not plugged in');
    if (known.openCount > 0) {
      const use = known.isBound ? 'open and bound to an iommufd' : 'open';
      throw new Error(`${known.path} is still ${use}: close it before the device is unplugged`);
    }
    this.slots[this.slots.indexOf(known)] = undefined;
    return known;
  }

  private find(device: Device): VfioDevice | undefined {
    return this.slots.find((slot) => slot?.device === device);
  }

  /** The nodes of bound devices. */
  get bound(): string[] {
    return this.slots.flatMap((slot) => (slot?.isBound === true ? [slot.path] : []));
  }
}
