import { arm_smmu_v3 } from '@iommufd/uapi';
import { allConstants, allStructs } from '@iommufd/uapi/registry';
import { layout, type LayoutRow } from '@iommufd/uapi/struct';

/** Sizes, offsets and values of the declarations, in the format of the compiler's facts. */
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
    // JSON numbers cannot hold masks of 64 bits.
    smmuv3: Object.fromEntries(smmuv3),
  };
}

/** A member of a struct. An anonymous member has an empty name, and its own members in `fields`. */
interface Member {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly fields?: readonly Member[];
}

/** A member, followed by the members of an anonymous union or struct: in C they are members of the parent. */
function members({ name, offset, size, rows }: LayoutRow): Member[] {
  if (name !== '') return [{ name, offset, size }];
  const fields = rows.flatMap(members);
  return [{ name, offset, size, fields }, ...fields];
}
