import { arm_smmu_v3 } from '@iommufd/uapi';
import { allConstants, allStructs } from '@iommufd/uapi/registry';
import { layout, type LayoutRow } from '@iommufd/uapi/struct';

/** Sizes, offsets and values as the declarations have them, in the form of the compiler's facts. */
export function abi(): object {
  const structs = [...allStructs].map(([name, struct]) => {
    const { size, align, rows } = layout(struct);
    return [name, { size, align, fields: rows.flatMap(members) }] as const;
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

/** A member of a struct; of an anonymous one, whose name is empty, also what it holds. */
interface Member {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly fields?: readonly Member[];
}

/** A member, and behind an anonymous union or struct its members: C reads them as the parent's own, at the parent's offsets. */
function members({ name, offset, size, rows }: LayoutRow): Member[] {
  if (name !== '') return [{ name, offset, size }];
  const fields = rows.flatMap(members);
  return [{ name, offset, size, fields }, ...fields];
}
