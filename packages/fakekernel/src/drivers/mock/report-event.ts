import { iommu_veventq_type, iommu_viommu_event_selftest } from '@iommufd/uapi';
import { view } from '@iommufd/uapi/struct';
import type { ViommuCore } from '../../iommu/viommu.js';

const { IOMMU_VEVENTQ_TYPE_SELFTEST } = iommu_veventq_type;

/** True if a virtual IOMMU has a vEVENTQ for events of mock devices. */
export function hasEventQueue(viommu: ViommuCore): boolean {
  return viommu.hasQueue(IOMMU_VEVENTQ_TYPE_SELFTEST);
}

/** The buffer of the event. It is reused, because the queue copies it. */
const data = new Uint8Array(iommu_viommu_event_selftest.byteLength);
const event = view(iommu_viommu_event_selftest, data);

/** Reports an event of the device with a virtual id. @throws EOPNOTSUPP if there is no vEVENTQ */
export function reportEvent(viommu: ViommuCore, virtualId: bigint): void {
  event.virt_id = Number(BigInt.asUintN(32, virtualId));
  viommu.report(IOMMU_VEVENTQ_TYPE_SELFTEST, data);
}
