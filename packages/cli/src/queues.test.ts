import { expect, test } from '@jest/globals';
import { iommu_vevent_arm_smmuv3, iommu_veventq_type, smmuv3_event, veventData } from '@iommufd/uapi';
import type { AnyType } from '@iommufd/uapi/struct';
import { VEVENTQ_TYPES } from './queues.js';

/** Types that the command shows by the fields of a hardware record, where the kernel's struct has words alone. */
const SHOWN_AS = new Map<AnyType, AnyType>([[iommu_vevent_arm_smmuv3, smmuv3_event]]);

test('decode --veventq has a name for each type of queue', () => {
  const known: readonly AnyType[] = Object.values(VEVENTQ_TYPES);
  const missing = Object.entries<AnyType>(veventData)
    .filter(([, struct]) => !known.includes(SHOWN_AS.get(struct) ?? struct))
    .map(
      ([number]) =>
        `${iommu_veventq_type.format(Number(number))}: name it in VEVENTQ_TYPES of packages/cli/src/queues.ts`,
    );
  expect(missing).toEqual([]);
});
