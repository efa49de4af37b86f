import { expect, test } from '@jest/globals';
import { iommufd_cmd, vfio_device_api } from '@iommufd/uapi';
import { allConstants, allStructs, type AnyStruct } from '@iommufd/uapi/registry';
import { layout, type LayoutRow } from '@iommufd/uapi/struct';
import { type CMember, type CType, iommufdFacts } from './facts.js';

const { structs, constants } = iommufdFacts;

/** Elements of flexible arrays: the facts have the arrays, not the elements. */
const ELEMENTS = ['vfio_iova_range', 'vfio_region_dma_range'];

test('every struct is declared, and nothing else is', () => {
  const known = new Set([...Object.keys(structs), ...ELEMENTS]);
  expect([
    ...[...known]
      .filter((name) => !allStructs.has(name))
      .map((name) => `${name}: declare it in packages/uapi/src`),
    ...[...allStructs.keys()]
      .filter((name) => !known.has(name))
      .map(
        (name) =>
          `${name}: add it to structs of packages/conformance/abi/iommufd.json, and run pnpm abi:facts`,
      ),
  ]).toEqual([]);
  expect(Object.keys(structs)).toHaveLength(85);
});

test('every command number of iommufd has a value from the compiler', () => {
  const missing = Object.keys(iommufd_cmd.members).filter((name) => !(name in constants));
  expect(
    missing.map(
      (name) =>
        `${name}: add it to constants of packages/conformance/abi/iommufd.json, and run pnpm abi:facts`,
    ),
  ).toEqual([]);
});

const declared = (name: string): AnyStruct => {
  const struct = allStructs.get(name);
  if (struct === undefined) throw new Error(`${name} is not declared`);
  return struct;
};

/** Members of members, with offsets from the start of the outermost struct. */
function inside(type: CType, base: number): CMember[] {
  if (typeof type === 'string' || 'array' in type) return [];
  const members = 'struct' in type ? type.struct : type.union;
  return members.map((member) => ({ ...member, offset: base + member.offset }));
}

function expectRows(rows: readonly LayoutRow[], members: readonly CMember[]): void {
  const place = ({ name, offset, size }: { name: string; offset: number; size: number }) => ({
    name,
    offset,
    size,
  });
  expect(rows.map(place)).toEqual(members.map(place));
  members.forEach((member, i) => {
    const within = inside(member.type, member.offset);
    if (within.length > 0) expectRows(rows[i]?.rows ?? [], within);
  });
}

test.each(Object.entries(structs))(
  '%s is laid out as the C compiler lays it out',
  (name, { size, align, fields }) => {
    const { size: ours, align: alignment, rows } = layout(declared(name));
    expect({ size: ours, align: alignment }).toEqual({ size, align });
    expectRows(rows, fields);
  },
);

const SCALARS: Record<string, string> = { __le64: '__u64', '__u64 *': '__u64' };

/** The name of a C type, if the declaration has the same name. */
function typeName(type: CType): string | undefined {
  if (typeof type === 'string') return SCALARS[type] ?? type.replace('struct ', '');
  if ('array' in type) return `${typeName(type.array)}[${type.count}]`;
  return undefined;
}

test.each(Object.entries(structs))('%s has the types of the header', (name, { fields }) => {
  for (const member of fields) {
    const ours = layout(declared(name)).rows.find((row) => row.name === member.name);
    const expected = typeName(member.type);
    // The compiler was shown flexible arrays with one element.
    if (expected !== undefined && member.size > 0) expect(ours?.type).toBe(expected);
  }
});

/**
 * These five are string literals in the header. Their facts are addresses from one run of one program; the declarations
 * have the strings.
 */
const STRINGS: Record<string, string> = {
  VFIO_DEVICE_API_PCI_STRING: 'vfio-pci',
  VFIO_DEVICE_API_PLATFORM_STRING: 'vfio-platform',
  VFIO_DEVICE_API_AMBA_STRING: 'vfio-amba',
  VFIO_DEVICE_API_CCW_STRING: 'vfio-ccw',
  VFIO_DEVICE_API_AP_STRING: 'vfio-ap',
};

/** These two are negative ints in the header; the fields that they are for have type __u32. */
const NEGATIVE = ['VFIO_PCI_DEVID_NOT_OWNED', 'VFIO_REGION_TYPE_PCI_VENDOR_TYPE'];

test('every constant has the value from the compiler', () => {
  const facts = Object.entries(constants).filter(([name]) => !(name in STRINGS));
  expect(facts).toHaveLength(333 - 5);
  expect(facts.flatMap(([name, value]) => (value < 0 ? [name] : []))).toEqual(NEGATIVE);
  const unsigned = facts.map(([name, value]) => [name, NEGATIVE.includes(name) ? value + 2 ** 32 : value]);
  expect(facts.map(([name]) => [name, allConstants.get(name)])).toEqual(unsigned);
});

test('the names of VFIO device APIs are strings', () => {
  expect(vfio_device_api).toEqual(STRINGS);
  for (const name of Object.keys(STRINGS)) expect(constants[name]).toBeGreaterThan(2 ** 40);
});
