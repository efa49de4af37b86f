import {
  IOMMU_TEST_DEV_CACHE_DEFAULT,
  MOCK_DEV_CACHE_NUM,
  MOCK_PASID_WIDTH,
  mock_flags_device,
} from '@iommufd/uapi';
import { fail } from '../../errno.js';
import { Device } from '../../iommu/device.js';
import type { Viommu } from '../../iommufd/viommu.js';
import { mockDriver } from './mock-driver.js';

const { MOCK_FLAGS_DEVICE_NO_DIRTY, MOCK_FLAGS_DEVICE_PASID } = mock_flags_device;

/** A device of the selftest. */
export class MockDevice extends Device {
  readonly canTrackDirty: boolean;
  readonly cache = new Uint32Array(MOCK_DEV_CACHE_NUM).fill(IOMMU_TEST_DEV_CACHE_DEFAULT);
  /** The virtual IOMMU of the nested page table that it is attached to, and its id there. */
  viommu: Viommu | undefined;
  virtualId = 0n;
  /** The next attachment of IOMMU_TEST_PASID_RESERVED is to fail. */
  failNextPasid = false;

  private constructor(flags: number) {
    // A device that says it has PASIDs of no bits has one, which is number 0.
    super(mockDriver, (flags & MOCK_FLAGS_DEVICE_PASID) === 0 ? 1 : 1 << MOCK_PASID_WIDTH);
    this.canTrackDirty = (flags & MOCK_FLAGS_DEVICE_NO_DIRTY) === 0;
  }

  /** @param flags of `mock_flags_device` @throws EINVAL for unknown flags */
  static make(flags: number): MockDevice {
    if ((flags & ~(MOCK_FLAGS_DEVICE_NO_DIRTY | MOCK_FLAGS_DEVICE_PASID)) !== 0) throw fail('EINVAL');
    return new MockDevice(flags);
  }
}

/** The mock device that a mock domain was given: it gets no others. */
export function mockDevice(device: Device): MockDevice {
  if (!(device instanceof MockDevice)) throw fail('EINVAL');
  return device;
}
