/**
 * What is read from and written to the queues of iommufd, by the names of the SDK: `arm-smmuv3`, `tegra241-cmdqv`, `selftest`. The
 * kernel's names and what they are made of are accepted as well, in upper and lower case.
 */
import {
  iommu_vevent_tegra241_cmdqv,
  iommu_veventq_type,
  iommu_viommu_event_selftest,
  smmuv3_event,
} from '@iommufd/uapi';
import type { AnyType } from '@iommufd/uapi/struct';
import { unknown } from './nearest.js';
import { QUEUE_NAMES, type QueueName } from './queue-names.js';

/** The events of a vEVENTQ, by the name of its type. */
export const VEVENTQ_TYPES = {
  'arm-smmuv3': smmuv3_event,
  'tegra241-cmdqv': iommu_vevent_tegra241_cmdqv,
  selftest: iommu_viommu_event_selftest,
} as const satisfies Readonly<Record<QueueName, AnyType>>;

/** Numbers of the types in the kernel. */
const NUMBERS: Readonly<Record<QueueName, number>> = {
  'arm-smmuv3': iommu_veventq_type.IOMMU_VEVENTQ_TYPE_ARM_SMMUV3,
  'tegra241-cmdqv': iommu_veventq_type.IOMMU_VEVENTQ_TYPE_TEGRA241_CMDQV,
  selftest: iommu_veventq_type.IOMMU_VEVENTQ_TYPE_SELFTEST,
};

/** `IOMMU_VEVENTQ_TYPE_ARM_SMMUV3`, `arm_smmuv3` and `smmuv3` are one name. */
function simple(name: string): string {
  return name
    .toLowerCase()
    .replace(/^iommu_veventq_type_/, '')
    .replaceAll('_', '-')
    .replace(/^arm-(smmu-?v3)$/, '$1')
    .replace(/^smmu-v3$/, 'smmuv3')
    .replace(/^tegra241(-cmdqv)?$/, 'tegra241');
}

/** The type of a vEVENTQ's events. @throws Failure */
export function eventType(name: string): AnyType {
  const found = QUEUE_NAMES.find((key) => simple(key) === simple(name) || NUMBERS[key] === Number(name));
  if (found === undefined) throw unknown('vEVENTQ type', name, QUEUE_NAMES, QUEUE_NAMES);
  return VEVENTQ_TYPES[found];
}
