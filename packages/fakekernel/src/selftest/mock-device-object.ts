import { NO_PASID } from '../iommu/group.js';
import { detach } from '../iommufd/attach.js';
import type { IommufdDevice } from '../iommufd/device.js';
import { IommufdObject } from '../iommufd/object.js';
import type { MockDevice } from '../drivers/mock/mock-device.js';

/** A mock device that was made and bound; destroying it detaches and unbinds it. */
export class MockDeviceObject extends IommufdObject {
  readonly kind = 'selftest';
  /** What it is bound as, from the time that it is. */
  bound: IommufdDevice | undefined;
  device: MockDevice | undefined;

  override destroy(): void {
    if (this.bound === undefined) return;
    detach(this.bound, NO_PASID);
    this.bound.unbind();
  }
}
