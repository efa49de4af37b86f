/**
 * Every number of the headers that selects a command or a format must have a declaration. A failure lists where to add
 * it.
 */
import { expect, test } from '@jest/globals';
import { iommufd_cmd, iommu_veventq_type, veventData } from './index.js';
import { allIoctls, allStructs, ioctlsByRequest } from './registry.js';
import { _IO } from './request.js';
import {
  type AnyType,
  type Enumeration,
  Integer,
  type Member,
  type Pointee,
  TaggedUnion,
  Union,
} from './struct/index.js';

test('every command number of iommufd has an ioctl', () => {
  const numbers: readonly (readonly [string, Member])[] = Object.entries(iommufd_cmd.members);
  const missing = numbers
    .filter(
      ([name, [number]]) =>
        name !== 'IOMMUFD_CMD_BASE' && !ioctlsByRequest(_IO(0x3b, number), 'iommufd').length,
    )
    .map(
      ([name]) =>
        `${name}: declare ${name.replace('IOMMUFD_CMD', 'IOMMU')} with its struct in packages/uapi/src/iommufd`,
    );
  expect(missing).toEqual([]);
});

/** Names of numbers that select no data, and the reason. */
const WITHOUT_DATA: Readonly<Record<string, string>> = {
  IOMMU_HWPT_DATA_NONE: 'the kernel manages the page table',
  IOMMU_HWPT_INVALIDATE_DATA_SELFTEST_INVALID: 'not a format: the selftests expect that it is refused',
  IOMMU_VIOMMU_INVALIDATE_DATA_SELFTEST_INVALID: 'not a format: the selftests expect that it is refused',
  IOMMU_HW_INFO_TYPE_NONE: 'no data is returned',
  IOMMU_HW_INFO_TYPE_DEFAULT: 'the default type of the driver',
  IOMMU_VEVENTQ_TYPE_DEFAULT: 'reserved',
  IOMMU_VIOMMU_TYPE_DEFAULT: 'reserved',
  IOMMU_VIOMMU_TYPE_ARM_SMMUV3: 'allocated without data',
};

/** The members of an enum that should select data and have no case. */
function withoutCase({ members }: Enumeration, cases: Readonly<Record<number, AnyType>>): string[] {
  return Object.entries(members).flatMap(([name, [number]]) => {
    return number in cases || name in WITHOUT_DATA ? [] : [name];
  });
}

/** The enum of a field of a struct. The field may be a member of an anonymous union. */
function enumOfField(
  fields: readonly { readonly name: string; readonly type: AnyType }[],
  name: string,
): Enumeration {
  for (const { name: found, type } of fields) {
    if (type instanceof Union || type instanceof TaggedUnion) {
      const inner = Object.entries(type.members as Readonly<Record<string, AnyType>>);
      const within = inner.filter(([key]) => key === name).map(([key, type]) => ({ name: key, type }));
      if (found === '' && within.length > 0) return enumOfField(within, name);
    }
    if (found === name && type instanceof Integer && type.role.kind === 'enum') return type.role.of;
  }
  throw new Error(`${name} is not a field with an enum`);
}

/** Pointers in the structs of ioctls to data whose format another field selects. */
const chosen = [...allIoctls.values()].flatMap(({ struct }) =>
  struct === undefined ? [] : pointersOf(struct.name),
);

function pointersOf(
  struct: string,
): { readonly path: string; readonly of: Enumeration; readonly to: Pointee }[] {
  const members = allStructs.get(struct)?.members ?? [];
  return members.flatMap(({ name, type }) => {
    if (!(type instanceof Integer) || type.role.kind !== 'pointer') return [];
    const { to } = type.role;
    return to.by === undefined ? [] : [{ path: `${struct}.${name}`, of: enumOfField(members, to.by), to }];
  });
}

test('these structs have data whose format a number selects', () => {
  expect(chosen.map(({ path }) => path).sort()).toEqual([
    'iommu_hw_info.data_uptr',
    'iommu_hwpt_alloc.data_uptr',
    'iommu_hwpt_invalidate.data_uptr',
    'iommu_viommu_alloc.data_uptr',
  ]);
});

test.each(chosen)(
  'every value of the field that selects the data of $path has a struct',
  ({ path, of, to }) => {
    const missing = withoutCase(of, to.cases ?? {}).map(
      (name) => `${name}: add its struct to the cases of ${path}, or to WITHOUT_DATA here`,
    );
    expect(missing).toEqual([]);
  },
);

test('every type of vEVENTQ has the struct of its events', () => {
  const missing = withoutCase(iommu_veventq_type, veventData).map(
    (name) => `${name}: add its struct to veventData in packages/uapi/src/iommufd/veventq.ts`,
  );
  expect(missing).toEqual([]);
});
