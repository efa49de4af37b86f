import { IOMMU_TEST_DEV_CACHE_DEFAULT, MOCK_DEV_CACHE_NUM, MOCK_PASID_WIDTH } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import { DmaDevice } from '../../hardware/dma-device.js';
import type { Device } from '../../iommu/device.js';
import type { IommuDriver } from '../../iommu/driver.js';
import type { Group } from '../../iommu/group.js';
import type { PciEndpoint, PciFunction } from '../../iommu/pci-function.js';
import type { ViommuCore } from '../../iommu/viommu.js';

/** Capabilities of a mock device. */
export interface MockDeviceOptions {
  /** True if it supports PASIDs. Default: false. */
  readonly pasids?: boolean | undefined;
  /** True if its IOMMU supports dirty tracking. Default: true. */
  readonly dirtyTracking?: boolean | undefined;
  /** Its IOMMU group, if it shares one with other devices. @internal */
  readonly group?: Group | undefined;
  /** Its PCI function, as VFIO exposes it. Default: one that can be reset and has no BARs. */
  readonly pci?: PciEndpoint | PciFunction | undefined;
}

/** The driver's state of a mock device: `struct mock_dev`. */
export abstract class MockHardware extends DmaDevice {
  /** True if its IOMMU supports dirty tracking. */
  readonly canTrackDirty: boolean;
  /** MOCK_FLAGS_DEVICE_HUGE_IOVA of older versions. @internal */
  hasHugeIova = false;
  /** @internal */
  readonly cache = new Uint32Array(MOCK_DEV_CACHE_NUM).fill(IOMMU_TEST_DEV_CACHE_DEFAULT);
  /** The virtual IOMMU of the nested page table that it is attached to. @internal */
  viommu: ViommuCore | undefined;
  /** Its virtual id there; 0 without a virtual IOMMU. @internal */
  virtualId = 0n;
  /** True if the next attachment of IOMMU_TEST_PASID_RESERVED fails. @internal */
  failNextPasid = false;

  /** @internal */
  constructor(driver: IommuDriver, { pasids = false, dirtyTracking = true, group, pci }: MockDeviceOptions) {
    // A PASID width of 0 bits means one PASID, number 0.
    super(driver, pasids ? 1 << MOCK_PASID_WIDTH : 1, group, pci);
    this.canTrackDirty = dirtyTracking;
  }
}

/** Casts a device to this driver's class. @throws EINVAL if it belongs to another driver */
export function mockHardware(device: Device): MockHardware {
  if (!(device instanceof MockHardware)) throw fail('EINVAL');
  return device;
}
