import { NO_PASID } from '../../iommu/group.js';
import type { IommufdDevice } from '../../iommufd/device.js';
import { IommufdObject } from '../../iommufd/object.js';
import type { MockDevice } from './mock-device.js';

/** A mock device that was made and bound; destroying it detaches and unbinds it. */
export class SelftestObject extends IommufdObject {
  readonly kind = 'selftest';
  /** What it is bound as, from the time that it is. */
  bound: IommufdDevice | undefined;
  device: MockDevice | undefined;

  override destroy(): void {
    this.bound?.detach(NO_PASID);
    this.bound?.unbind();
  }
}
