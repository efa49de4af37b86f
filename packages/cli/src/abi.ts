import { arm_smmu_v3 } from '@iommufd/uapi';
import { allConstants, allStructs } from '@iommufd/uapi/registry';
import { layout } from '@iommufd/uapi/struct';

/** Sizes, offsets and values as the declarations have them, in the form of the compiler's facts. */
export function abi(): object {
  const structs = [...allStructs].map(([name, struct]) => {
    const { size, align, rows } = layout(struct);
    const fields = rows.map(({ name, offset, size }) => ({ name, offset, size }));
    return [name, { size, align, fields }] as const;
  });
  const smmuv3 = Object.entries(arm_smmu_v3).map(
    ([name, value]) => [name, `0x${value.toString(16)}`] as const,
  );
  return {
    structs: Object.fromEntries(structs),
    constants: Object.fromEntries(allConstants),
    // Masks of 64 bits are no JSON numbers.
    smmuv3: Object.fromEntries(smmuv3),
  };
}
