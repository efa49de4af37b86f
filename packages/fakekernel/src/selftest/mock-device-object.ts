import { NO_PASID } from '../iommu/group.js';
import { detach } from '../iommufd/attach.js';
import type { IommufdDevice } from '../iommufd/device.js';
import { IommufdObject } from '../iommufd/object.js';
import type { MockDevice } from '../drivers/mock/mock-device.js';

/** `struct selftest_obj`: a bound mock device. Destroying it detaches and unbinds the device. */
export class MockDeviceObject extends IommufdObject {
  readonly kind = 'selftest';
  /** The bound device; undefined until it is bound. */
  bound: IommufdDevice | undefined;
  device: MockDevice | undefined;

  override destroy(): void {
    if (this.bound === undefined) return;
    detach(this.bound, NO_PASID);
    this.bound.unbind();
  }
}
