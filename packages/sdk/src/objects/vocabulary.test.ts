/**
 * The SDK has its own names for the kernel's enum values: `arm-smmuv3` for IOMMU_VIOMMU_TYPE_ARM_SMMUV3.
 * This test finds values of the kernel's enums that have no name.
 */
import { expect, test } from '@jest/globals';
import {
  invalidationEntries,
  iommu_hw_info_type,
  iommu_hw_queue_type,
  iommu_hwpt_data_type,
  iommu_hwpt_invalidate_data_type,
  iommu_veventq_type,
  iommu_viommu_type,
} from '@iommufd/uapi';
import type { Enumeration } from '@iommufd/uapi/struct';
import { formats as hwInfoFormats } from './hw-info.js';
import { types as hwQueueTypes } from './hw-queue.js';
import { hwptFormats } from './hwpt-data.js';
import { invalidationFormats as ofHwpt } from './nested-hwpt.js';
import { eventFormats } from '../queues/veventq.js';
import { invalidationFormats as ofViommu, types as viommuTypes } from './viommu.js';

interface Table {
  /** The name of the table and its file, in `objects` or `queues` of packages/sdk/src. */
  readonly where: string;
  /** The numbers in the table. */
  readonly known: readonly number[];
  readonly of: Enumeration;
  /** The values of the enum that must be in the table; by default all except 0, which means none. */
  readonly wanted?: readonly number[];
}

const firsts = (table: Readonly<Record<string, readonly [number, ...unknown[]]>>): number[] =>
  Object.values(table).map(([number]) => number);

const tables: readonly Table[] = [
  { where: 'types in viommu.ts', known: Object.values(viommuTypes), of: iommu_viommu_type },
  { where: 'types in hw-queue.ts', known: Object.values(hwQueueTypes), of: iommu_hw_queue_type },
  { where: 'eventFormats in veventq.ts', known: firsts(eventFormats), of: iommu_veventq_type },
  { where: 'hwptFormats in hwpt-data.ts', known: firsts(hwptFormats), of: iommu_hwpt_data_type },
  {
    where: 'formats in hw-info.ts',
    known: Object.values(hwInfoFormats).map(({ number }) => number),
    of: iommu_hw_info_type,
  },
  {
    where: 'invalidationFormats in nested-hwpt.ts',
    known: firsts(ofHwpt),
    of: iommu_hwpt_invalidate_data_type,
    wanted: Object.keys(invalidationEntries.hwpt).map(Number),
  },
  {
    where: 'invalidationFormats in viommu.ts',
    known: firsts(ofViommu),
    of: iommu_hwpt_invalidate_data_type,
    wanted: Object.keys(invalidationEntries.viommu).map(Number),
  },
];

test.each(tables)('$where has a name for each number of the kernel', ({ where, known, of, wanted }) => {
  const members = Object.values(of.members).map(([number]) => number);
  const numbers = new Set(wanted ?? members.filter((number) => number !== 0));
  expect(numbers.size).toBeGreaterThan(0);
  const missing = [...numbers]
    .filter((number) => !known.includes(number))
    .map(
      (number) =>
        `${of.format(number)}: name it in ${where} of packages/sdk/src/{objects,queues}, and in the docs of the type there`,
    );
  expect(missing).toEqual([]);
  // The numbers are distinct.
  expect([...known].sort()).toEqual([...numbers].sort());
});
