/** Attaching devices and PASIDs, with their checks: `intel_iommu_attach_device()`, `intel_iommu_set_dev_pasid()`. */
import { fail } from '../../errno.js';
import type { Device } from '../../iommu/device.js';
import type { Domain } from '../../iommu/domain.js';
import { NO_PASID } from '../../iommu/group.js';
import type { DmarDomain } from './paging-domain.js';
import { VtdDevice } from './vtd-device.js';

/** Casts a device to this driver's class. @throws EINVAL if it belongs to another driver */
export function vtdDevice(device: Device): VtdDevice {
  if (!(device instanceof VtdDevice)) throw fail('EINVAL');
  return device;
}

/**
 * @throws EINVAL if the domain belongs to another unit; ENODEV if it has a fault queue, because devices here have no page
 *   requests
 */
export function attach(device: Device, domain: DmarDomain): void {
  setEntry(vtdDevice(device), NO_PASID, domain);
}

/** @throws EOPNOTSUPP if PASIDs are not supported; otherwise as {@link attach} */
export function setPasid(device: Device, domain: DmarDomain, pasid: number, _old: Domain | undefined): void {
  if (!domain.driver.supportsPasids) throw fail('EOPNOTSUPP');
  setEntry(vtdDevice(device), pasid, domain);
}

function setEntry(device: VtdDevice, pasid: number, domain: DmarDomain): void {
  const { iommu, sourceId } = device;
  if (domain.driver !== iommu) throw fail('EINVAL');
  // `intel_iommu_enable_iopf()` requires ATS and PRI, which devices here do not have.
  if (domain.faultHandler !== undefined) throw fail('ENODEV');
  const { format, table } = domain;
  iommu.unit.setEntry(sourceId, pasid, { stage: format.stage, width: format.width, table });
}

/** `device_block_translation()` and `blocking_domain_set_dev_pasid()`. */
export function block(device: Device, pasid: number): void {
  const { iommu, sourceId } = vtdDevice(device);
  iommu.unit.setEntry(sourceId, pasid, undefined);
}
