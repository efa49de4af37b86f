import { IOMMU_TEST_PASID_RESERVED } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import type { Device } from '../../iommu/device.js';
import type { ViommuCore } from '../../iommu/viommu.js';
import { mockHardware } from './mock-hardware.js';

/**
 * `mock_dev_attach()`: records the virtual IOMMU that receives the device's events.
 * @throws ENOENT if the device has no vDEVICE on it
 */
export function moveTo(device: Device, viommu: ViommuCore | undefined): void {
  const mock = mockHardware(device);
  const id = viommu === undefined ? 0n : viommu.virtualIdOf(device);
  if (id === undefined) throw fail('ENOENT');
  if (mock.viommu === viommu) return;
  mock.viommu = viommu;
  mock.virtualId = id;
}

/** `mock_domain_set_dev_pasid_nop()`: every second attachment of IOMMU_TEST_PASID_RESERVED fails. @throws ENOMEM */
export function movePasid(device: Device, pasid: number): void {
  if (pasid !== IOMMU_TEST_PASID_RESERVED) return;
  const mock = mockHardware(device);
  mock.failNextPasid = !mock.failNextPasid;
  if (!mock.failNextPasid) throw fail('ENOMEM');
}
