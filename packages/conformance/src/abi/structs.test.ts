import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { allRecords, allStructs } from '@iommufd/uapi/registry';
import {
  annotate,
  type AnyType,
  type ArrayView,
  decode,
  encode,
  fromJson,
  toHex,
  toJson,
  type Variant,
  type VariantView,
  view,
} from '@iommufd/uapi/struct';
import { expectToBe, expectToEqual } from '@iommufd/testkit/expect';
import fc from 'fast-check';
import { type CMember, type CType, iommufdFacts } from './facts.js';
import { anyValue, bytesFor } from '../codecs/arbitrary.js';

const types = [...allStructs.values(), ...allRecords.values()].map(
  (type) => [type.name, type as AnyType] as const,
);
const structs = types.filter(([name]) => name in iommufdFacts.structs);

describe.each(types)('%s', (_name, type) => {
  test('decode() is the inverse of encode()', () => {
    fc.assert(
      fc.property(anyValue(type), (value) => {
        const bytes = encode(type, value as never);
        const back = decode(type, bytes);
        if (!isDeepStrictEqual(back, value)) expect(back).toMatchObject(value as object);
        expectToBe(toHex(encode(type, back as never)), toHex(bytes));
        expectToEqual(encode(type, fromJson(type, toJson(type, back))), bytes);
      }),
    );
  });

  test('encode() is the inverse of decode() for any bytes whose reserved parts are zero', () => {
    fc.assert(
      fc.property(bytesFor(type), (bytes) => {
        expectToBe(toHex(encode(type, decode(type, bytes) as never)), toHex(bytes));
      }),
    );
  });

  test('the view agrees with decoding on every field', () => {
    fc.assert(
      fc.property(bytesFor(type), (bytes) => {
        const shifted = new Uint8Array([9, 9, 9, ...bytes]);
        for (const { path, get, value } of leaves(view(type, shifted, 3), decode(type, bytes))) {
          if (get() !== value)
            throw new Error(`${path}: the view has ${get()}, the decoded value is ${value}`);
        }
      }),
    );
  });

  test('fields written through a view are decoded', () => {
    fc.assert(
      fc.property(bytesFor(type), (bytes) => {
        const copy = bytes.slice();
        for (const { set, get } of leaves(view(type, copy), decode(type, bytes))) {
          const value = get();
          copy.fill(0, 0, type.byteLength);
          set?.(value);
          if (get() !== value) throw new Error(`wrote ${value}, read ${get()}`);
          copy.set(bytes);
        }
        expectToBe(toHex(copy), toHex(bytes));
      }),
    );
  });

  test('annotations cover the bytes, and report no problem', () => {
    fc.assert(
      fc.property(bytesFor(type), (bytes) => {
        const annotations = annotate(type, bytes);
        expectToBe(annotations.map((annotation) => toHex(annotation.bytes)).join(''), toHex(bytes));
        expectToEqual(
          annotations.flatMap(({ problem }) => problem ?? []),
          [],
        );
      }),
    );
  });
});

interface Leaf {
  readonly path: string;
  readonly value: unknown;
  get(): unknown;
  set?(value: unknown): void;
}

/** Every number of a decoded value, with accessors in place. */
function* leaves(place: unknown, value: unknown, path = ''): Generator<Leaf> {
  if (value instanceof Uint8Array) {
    yield { path, value: toHex(value), get: () => toHex(place as Uint8Array) };
  } else if (Array.isArray(value)) {
    const array = place as ArrayView<unknown>;
    for (const [i, element] of value.entries()) {
      const at = `${path}[${i}]`;
      if (typeof element === 'object') yield* leaves(array.get(i), element, at);
      else yield { path: at, value: element, get: () => array.get(i), set: (to) => array.set(i, to) };
    }
  } else {
    const view = formOf(place);
    for (const [name, field] of Object.entries(value as object)) {
      const at = `${path}.${name}`;
      // Raw bytes have no property in a view.
      if (name === 'raw' || view === undefined) continue;
      if (typeof field === 'object') yield* leaves(view[name], field, at);
      else yield { path: at, value: field, get: () => view[name], set: (to) => void (view[name] = to) };
    }
  }
}

/** The fields of a view. A record with several forms has them only under the name of its form. */
function formOf(place: unknown): Record<string, unknown> | undefined {
  const fields = place as Record<string, unknown> &
    Partial<VariantView<string, Readonly<Record<string, Variant>>>>;
  if (fields.as === undefined) return fields;
  return fields.variant === undefined ? undefined : fields.as(fields.variant);
}

/** Numbers at the compiler's offsets, read without the declarations under test. */
function readPlain(view: DataView, type: CType, at: number): unknown {
  if (typeof type === 'object' && 'array' in type) {
    const size = sizeOf(type.array);
    return Array.from({ length: type.count }, (_, i) => readPlain(view, type.array, at + i * size));
  }
  if (type === '__u8') return view.getUint8(at);
  if (type === '__u16') return view.getUint16(at, true);
  if (type === '__u32') return view.getUint32(at, true);
  if (type === '__s32') return view.getInt32(at, true);
  if (type === '__u64' || type === '__le64' || type === '__u64 *') return view.getBigUint64(at, true);
  const members =
    typeof type === 'string' ? fieldsOf(type.replace('struct ', '')) : 'struct' in type ? type.struct : [];
  return Object.fromEntries(
    members.map((member) => [member.name, readPlain(view, member.type, at + member.offset)]),
  );
}

const sizeOf = (type: CType): number => (typeof type === 'string' ? Number(/\d+/.exec(type)?.[0]) / 8 : NaN);

function fieldsOf(name: string): readonly CMember[] {
  return iommufdFacts.structs[name]?.fields ?? [];
}

/** A member and, for an anonymous union, each of its members, at their offsets in the struct. */
function places(member: CMember): CMember[] {
  const { name, type, offset } = member;
  if (name !== '' || typeof type !== 'object' || !('union' in type)) return [member];
  return type.union.map((inner) => ({ ...inner, offset: offset + inner.offset }));
}

test.each(structs)("%s: every field has the value of a plain read at the ABI's offset", (name, type) => {
  // A flexible array has no size, so it is omitted.
  const members = fieldsOf(name)
    .flatMap(places)
    .filter(({ size }) => size > 0);
  const compared = new Set<string>();
  const values = anyValue(type).map((value) => encode(type, value as never));
  fc.assert(
    fc.property(fc.oneof(bytesFor(type), values), (bytes) => {
      const value = decode(type, bytes) as Record<string, unknown>;
      const data = new DataView(bytes.buffer);
      for (const { name: field, type: ctype, offset } of members) {
        // A tagged union has only the selected member.
        if (!(field in value)) continue;
        expectToEqual(value[field], readPlain(data, ctype, offset));
        compared.add(field);
      }
    }),
    // Enough runs to cover each member of a union.
    { numRuns: 100 + 50 * members.length },
  );
  expect([...compared].sort()).toEqual(members.map(({ name: field }) => field).sort());
});
