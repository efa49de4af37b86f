import { IOMMU_TEST_PASID_RESERVED } from '@iommufd/uapi';
import { fail } from '../../errno.js';
import type { Device } from '../../iommu/device.js';
import type { Viommu } from '../../iommufd/viommu.js';
import { mockDevice } from './mock-device.js';

/** Moves a device: it remembers the virtual IOMMU that its events go to. @throws ENOENT if it has no id there */
export function moveTo(device: Device, viommu: Viommu | undefined): void {
  const mock = mockDevice(device);
  const id = viommu === undefined ? 0n : viommu.virtualIdOf(device);
  if (id === undefined) throw fail('ENOENT');
  if (mock.viommu === viommu) return;
  mock.viommu = viommu;
  mock.virtualId = id;
}

/** Attaches a PASID. Every second time for one of them fails, so that somebody has to go back. @throws ENOMEM */
export function movePasid(device: Device, pasid: number): void {
  if (pasid !== IOMMU_TEST_PASID_RESERVED) return;
  const mock = mockDevice(device);
  mock.failNextPasid = !mock.failNextPasid;
  if (!mock.failNextPasid) throw fail('ENOMEM');
}
