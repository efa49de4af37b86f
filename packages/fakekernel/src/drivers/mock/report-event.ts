import { iommu_veventq_type, iommu_viommu_event_selftest } from '@iommufd/uapi';
import { encode } from '@iommufd/uapi/struct';
import type { Viommu } from '../../iommufd/viommu.js';

const { IOMMU_VEVENTQ_TYPE_SELFTEST } = iommu_veventq_type;

/** Does anybody want the events of a virtual IOMMU? */
export function hasEventQueue({ veventqs }: Viommu): boolean {
  return veventqs.has(IOMMU_VEVENTQ_TYPE_SELFTEST);
}

/** Reports an event of the device that has an id on a virtual IOMMU. @throws EOPNOTSUPP if it has no queue */
export function reportEvent(viommu: Viommu, virtualId: bigint): void {
  const event = encode(iommu_viommu_event_selftest, { virt_id: Number(virtualId & 0xffff_ffffn) });
  viommu.report(IOMMU_VEVENTQ_TYPE_SELFTEST, event);
}
