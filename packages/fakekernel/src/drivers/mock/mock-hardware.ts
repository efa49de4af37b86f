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
  /** Does it support PASIDs? False by default. */
  readonly pasids?: boolean | undefined;
  /** Does its IOMMU support dirty tracking? True by default. */
  readonly dirtyTracking?: boolean | undefined;
  /** Its IOMMU group, if it has one with other devices. @internal */
  readonly group?: Group | undefined;
  /** Its PCI function, as VFIO exposes it: one that can be reset and has no BARs by default. */
  readonly pci?: PciEndpoint | PciFunction | undefined;
}

/** The driver's state of a mock device: `struct mock_dev`. */
export abstract class MockHardware extends DmaDevice {
  /** Does its IOMMU support dirty tracking? */
  readonly canTrackDirty: boolean;
  /** MOCK_FLAGS_DEVICE_HUGE_IOVA of older versions. @internal */
  hasHugeIova = false;
  /** @internal */
  readonly cache = new Uint32Array(MOCK_DEV_CACHE_NUM).fill(IOMMU_TEST_DEV_CACHE_DEFAULT);
  /** The virtual IOMMU of the nested page table that it is attached to. @internal */
  viommu: ViommuCore | undefined;
  /** Its virtual id there; 0 for none. @internal */
  virtualId = 0n;
  /** Will the next attachment of IOMMU_TEST_PASID_RESERVED fail? @internal */
  failNextPasid = false;

  /** @internal */
  constructor(driver: IommuDriver, { pasids = false, dirtyTracking = true, group, pci }: MockDeviceOptions) {
    // A PASID width of 0 bits is one PASID, number 0.
    super(driver, pasids ? 1 << MOCK_PASID_WIDTH : 1, group, pci);
    this.canTrackDirty = dirtyTracking;
  }
}

/** A device of this driver. @throws EINVAL for another driver's device */
export function mockHardware(device: Device): MockHardware {
  if (!(device instanceof MockHardware)) throw fail('EINVAL');
  return device;
}
