import { describe, expect, test } from '@jest/globals';
import { allRecords, allStructs } from '@iommufd/uapi/registry';
import {
  type AnyType,
  decode,
  encode,
  encodeInto,
  type Fields,
  Struct,
  StructError,
  toHex,
} from '@iommufd/uapi/struct';
import { expectToBe, expectToEqual } from '@iommufd/testkit/expect';
import fc from 'fast-check';
import { anyValue } from './arbitrary.js';
import { withoutCode } from './without-code.js';

const types: readonly AnyType[] = [...allStructs.values(), ...allRecords.values()];
const compiled = types
  .filter((type) => type.compiled !== undefined)
  .map((type) => [type.name, type, withoutCode(type)] as const);

/** True for a form that compiled code leaves to the generic codec: some bigints of events cross their words. */
function isLeft(value: unknown): boolean {
  const names = Object.keys(value as object);
  return names.some((name) => name === 'raw' || name === 'IMPLEMENTATION_DEFINED_63_8');
}

/** The result or error of `work`, for comparison. */
function outcome(work: () => unknown): unknown {
  try {
    const result = work();
    return result instanceof Uint8Array ? toHex(result) : { result };
  } catch (cause) {
    if (cause instanceof StructError) return cause.message;
    throw cause;
  }
}

function expectSame(one: AnyType, other: AnyType, work: (type: AnyType) => unknown): void {
  expectToEqual(
    outcome(() => work(one)),
    outcome(() => work(other)),
  );
}

/** Values that a caller could pass instead of a number. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    true,
    '1',
    '',
    NaN,
    Infinity,
    -0,
    0,
    1,
    -1,
    0.5,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    [],
    {},
  ),
  fc.integer(),
  fc.double(),
  fc.constantFrom(0n, 1n, -1n, -4096n, 1n << 63n, 1n << 64n, (1n << 64n) + 4096n, 0xfff0n),
  fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }),
);

/** A value of the type with one change. */
function spoiled(type: AnyType): fc.Arbitrary<unknown> {
  return fc
    .tuple(anyValue(type) as fc.Arbitrary<Record<string, unknown>>, fc.nat(), anything, fc.nat({ max: 8 }))
    .map(([value, which, wrong, how]) => {
      const names = Object.keys(value);
      const name = names[which % names.length] ?? '';
      const field = value[name];
      switch (how) {
        case 0:
          return { ...value, [name]: wrong };
        case 1:
          return Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
        case 2:
          return { ...value, unheard_of: wrong };
        case 3:
          return { ...value, __reserved: wrong };
        case 4:
          if (!Array.isArray(field)) return Object.assign(Object.create({ inherited: 1 }) as object, value);
          return { ...value, [name]: [...field.slice(1), wrong] };
        case 5:
          return names.includes('length') ? value : Object.assign([], value);
        case 6: {
          // One field is not enumerable, and another property restores the number of properties.
          const { [name]: hidden, ...others } = value;
          return Object.defineProperty({ ...others, unheard_of: wrong }, name, { value: hidden });
        }
        case 7: {
          const { [name]: inherited, ...others } = value;
          return Object.assign(Object.create({ [name]: inherited }) as object, others, { unheard_of: wrong });
        }
        default:
          return fc.stringify(wrong).length % 2 === 0 ? wrong : value;
      }
    });
}

test('structs of iommufd without a union are compiled, and events and commands', () => {
  const withUnion = ['iommu_hw_info', 'iommu_test_cmd'];
  const structs = [...allStructs.keys()].filter(
    (name) => /^iommu(fd)?_/.test(name) && !withUnion.includes(name),
  );
  expect(compiled.map(([name]) => name).sort()).toEqual(
    [...structs, 'smmuv3_command', 'smmuv3_event'].sort(),
  );
});

test('the code of a declared type cannot be set or removed', () => {
  for (const [, type, slow] of compiled) {
    expect(Reflect.set(type, 'compiled', undefined)).toBe(false);
    expect(Reflect.set(slow, 'compiled', type.compiled)).toBe(false);
    expect([type.compiled === undefined, slow.compiled]).toEqual([false, undefined]);
  }
});

/** The earlier versions of structs: the size, and the names of their fields. */
const olderVersions = compiled.flatMap(([name, type, slow]) => {
  if (!(type instanceof Struct) || type.sized === undefined) return [];
  const members: Struct<Fields, Fields>['members'] = type.members;
  return members.flatMap(({ added, offset: size }) =>
    added
      ? [
          [
            name,
            size,
            {
              type: type as AnyType,
              slow,
              fields: members.filter(({ offset }) => offset < size).map((member) => member.name),
            },
          ] as const,
        ]
      : [],
  );
});

test.each(olderVersions)(
  '%s of %i bytes is left to the generic codec, but not a value with all fields',
  (_name, size, { type, slow, fields }) => {
    const full = decode(slow, new Uint8Array(type.byteLength)) as Readonly<Record<string, unknown>>;
    const later = { ...full, [fields[0] ?? '']: size };
    const older = Object.fromEntries(fields.map((name) => [name, later[name as keyof typeof later]]));
    for (const value of [older, later]) {
      const bytes = new Uint8Array(type.byteLength);
      expect(type.compiled?.write(new DataView(bytes.buffer), 0, value as never)).toBe(value === later);
      expectSame(type, slow, (one) => encode(one, value as never));
    }
    expect(encode(type, older as never)).toHaveLength(size);
  },
);

describe.each(compiled)('%s: compiled code agrees with the generic codec', (_name, type, slow) => {
  const { byteLength } = type;

  test('with good values', () => {
    fc.assert(
      fc.property(anyValue(type), (value) => {
        const expected = encode(slow, value as never);
        const bytes = new Uint8Array(byteLength);
        // An older, shorter struct is also left to the generic codec.
        const isWritten = !isLeft(value) && expected.length === byteLength;
        expectToBe(type.compiled?.write(new DataView(bytes.buffer), 0, value as never), isWritten);
        if (!isWritten) return;
        expectToBe(toHex(bytes), toHex(expected));
        expectToEqual(type.compiled?.read(new DataView(bytes.buffer), 0), decode(slow, bytes));
      }),
    );
  });

  test('with any bytes, strictly and leniently', () => {
    const bytes = fc.uint8Array({ minLength: byteLength, maxLength: byteLength });
    const sparse = bytes.map((all) => all.map((byte, i) => (i % 5 === 0 ? byte : 0)));
    fc.assert(
      fc.property(fc.oneof(bytes, sparse), fc.boolean(), (given, lenient) => {
        expectSame(type, slow, (one) => decode(one, given, { lenient }));
      }),
    );
  });

  test('with invalid values, for which nothing is written', () => {
    fc.assert(
      fc.property(spoiled(type), (value) => {
        expectSame(type, slow, (one) => encode(one, value as never));
        const bytes = new Uint8Array(byteLength + 3).fill(0xa5);
        try {
          encodeInto(type, value as never, bytes, 2);
        } catch {
          expectToEqual(bytes, new Uint8Array(byteLength + 3).fill(0xa5));
        }
      }),
    );
  });
});
