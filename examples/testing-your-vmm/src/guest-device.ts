import type { Attachment, FaultQueue, Hwpt, Ioas, Iommufd, VfioDevice } from '@iommufd/sdk';
import type { Guest } from './guest.js';

/** A device that is assigned to a guest. Pages of the guest are mapped when the device requests them. */
export class GuestDevice {
  /** Ends when the device is closed. */
  private readonly serving: Promise<void>;

  private constructor(
    private readonly guest: Guest,
    private readonly device: VfioDevice,
    private readonly faultQueue: FaultQueue,
    private readonly hwpt: Hwpt,
    private readonly attachment: Attachment,
  ) {
    this.serving = this.serve();
  }

  static open(guest: Guest, iommufd: Iommufd, ioas: Ioas, path: string): GuestDevice {
    const device = iommufd.openDevice(path);
    const faultQueue = iommufd.allocFaultQueue();
    const hwpt = device.allocHwpt({ ioas, faultQueue });
    return new GuestDevice(guest, device, faultQueue, hwpt, device.attach(hwpt));
  }

  private async serve(): Promise<void> {
    for await (const group of this.faultQueue) {
      // Every group must get a response: otherwise the device waits forever.
      const pages = group.faults.map(({ address }) => this.guest.show(address));
      group.respond(pages.every((isShown) => isShown) ? 'success' : 'invalid');
    }
  }

  /** Removes the device from the guest. The kernel responds `invalid` to its pending requests. */
  async close(): Promise<void> {
    this.attachment.detach();
    this.hwpt.close();
    this.faultQueue.close();
    this.device.close();
    await this.serving;
  }
}
