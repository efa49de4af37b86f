import { IOMMU_TEST_DEV_CACHE_DEFAULT, MOCK_DEV_CACHE_NUM, MOCK_PASID_WIDTH } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import { DmaDevice } from '../../hardware/dma-device.js';
import type { Device } from '../../iommu/device.js';
import type { IommuDriver } from '../../iommu/driver.js';
import type { ViommuCore } from '../../iommu/viommu.js';

/** What a mock device can do. */
export interface MockDeviceOptions {
  /** Does it have PASIDs? Not unless this says so. */
  readonly pasids?: boolean | undefined;
  /** Can its IOMMU tell which pages it has written? Unless this says no. */
  readonly dirtyTracking?: boolean | undefined;
}

/** The state of a mock device, which its driver changes: `struct mock_dev`. */
export abstract class MockHardware extends DmaDevice {
  /** Can its IOMMU tell which pages it has written? */
  readonly canTrackDirty: boolean;
  /** @internal */
  readonly cache = new Uint32Array(MOCK_DEV_CACHE_NUM).fill(IOMMU_TEST_DEV_CACHE_DEFAULT);
  /** The virtual IOMMU of the nested page table that it is attached to. @internal */
  viommu: ViommuCore | undefined;
  /** Its id there. @internal */
  virtualId = 0n;
  /** The next attachment of IOMMU_TEST_PASID_RESERVED is to fail. @internal */
  failNextPasid = false;

  /** @internal */
  constructor(driver: IommuDriver, { pasids = false, dirtyTracking = true }: MockDeviceOptions) {
    // A device that says it has PASIDs of no bits has one, which is number 0.
    super(driver, pasids ? 1 << MOCK_PASID_WIDTH : 1);
    this.canTrackDirty = dirtyTracking;
  }
}

/** The mock device that a mock domain was given: it gets no others. */
export function mockHardware(device: Device): MockHardware {
  if (!(device instanceof MockHardware)) throw fail('EINVAL');
  return device;
}
