/**
 * Types of vEVENTQs, by the SDK's names: `arm-smmuv3`, `tegra241-cmdqv`, `selftest`. The kernel's names and common short forms of them
 * are accepted too, ignoring case.
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

/** The declaration of a vEVENTQ's events, by the name of its type. */
export const VEVENTQ_TYPES = {
  'arm-smmuv3': smmuv3_event,
  'tegra241-cmdqv': iommu_vevent_tegra241_cmdqv,
  selftest: iommu_viommu_event_selftest,
} as const satisfies Readonly<Record<QueueName, AnyType>>;

/** The kernel's numbers of the types. */
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

/** The declaration of a vEVENTQ's events. @throws Failure if the type is unknown */
export function eventType(name: string): AnyType {
  const found = QUEUE_NAMES.find((key) => simple(key) === simple(name) || NUMBERS[key] === Number(name));
  if (found === undefined) throw unknown('vEVENTQ type', name, QUEUE_NAMES, QUEUE_NAMES);
  return VEVENTQ_TYPES[found];
}
