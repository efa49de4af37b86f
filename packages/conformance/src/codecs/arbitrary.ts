import {
  type AnyType,
  ArrayType,
  BitStruct,
  FlexibleArray,
  Integer,
  RawBytes,
  Struct,
  TaggedUnion,
  Union,
  type Variant,
  Variants,
} from '@iommufd/uapi/struct';
import fc, { type Arbitrary } from 'fast-check';
import { clearReserved, tagOf } from './clear-reserved.js';

/** Numbers with frequent extremes. */
function integer(min: number | bigint, max: number | bigint): Arbitrary<number | bigint> {
  return typeof min === 'bigint'
    ? fc.bigInt({ min, max: BigInt(max) })
    : fc.oneof(fc.integer({ min, max: Number(max) }), fc.constantFrom(min, Number(max)));
}

type Values = Record<string, unknown>;
type Cases = Readonly<Record<string, Variant>>;

/** Any value that `type` encodes, without reserved fields. */
export function anyValue(type: AnyType): Arbitrary<unknown> {
  if (type instanceof Integer) return integer(type.min as number | bigint, type.max as number | bigint);
  if (type instanceof RawBytes) {
    return fc.uint8Array({ minLength: type.byteLength, maxLength: type.length ?? 40 });
  }
  if (type instanceof ArrayType) {
    return fc.array(anyValue(type.element), { minLength: type.length, maxLength: type.length });
  }
  if (type instanceof FlexibleArray) return fc.array(anyValue(type.element), { maxLength: 4 });
  if (type instanceof Struct) return anyStruct(type);
  if (type instanceof Union) {
    const members = Object.entries(type.members as Record<string, AnyType>);
    return fc.oneof(...members.map(([name, member]) => anyValue(member).map((value) => ({ [name]: value }))));
  }
  if (type instanceof BitStruct) return anyRecord(type);
  if (type instanceof Variants) {
    const known = [...type.structs.values()].map((form) => anyRecord(form));
    return fc.oneof({ weight: known.length, arbitrary: fc.oneof(...known) }, anyUnknown(type));
  }
  throw new Error(`no values for ${type.name}`);
}

type AnyStruct = AnyType & Pick<Struct<never, never>, 'members' | 'sized'>;

function anyStruct(type: AnyStruct): Arbitrary<Values> {
  const current = anyCurrentStruct(type);
  const [first] = type.members;
  const older = type.members.flatMap(({ added, offset }) => (added ? [offset] : []));
  if (first === undefined || type.sized === undefined || older.length === 0) return current;
  const sized = (isOlder: boolean) =>
    fc
      .tuple(current, fc.constantFrom(...older))
      .map(([value, size]) => ({ ...(isOlder ? before(type, size, value) : value), [first.name]: size }));
  // The size of an older struct, with the fields that it has and with all fields.
  return fc.oneof({ weight: 3, arbitrary: current }, sized(true), sized(false));
}

/** The fields of a value that a struct of `size` bytes has. */
function before({ members }: AnyStruct, size: number, value: Values): Values {
  const later = new Set(members.flatMap(({ name, offset }) => (offset >= size ? [name] : [])));
  return Object.fromEntries(Object.entries(value).filter(([name]) => !later.has(name)));
}

function anyCurrentStruct(type: AnyStruct): Arbitrary<Values> {
  const fields = type.members.filter(
    ({ reserved, type: inner }) => !reserved && !(inner instanceof TaggedUnion),
  );
  const plain = fc.tuple(...fields.map(({ type: inner }) => anyValue(inner))).map((values) =>
    fields.reduce<Values>((all, { name }, i) => {
      const value = values[i];
      return name === '' ? { ...all, ...(value as Values) } : { ...all, [name]: value };
    }, {}),
  );
  const union = type.members.map(({ type: inner }) => inner).find((inner) => inner instanceof TaggedUnion);
  if (union === undefined) return plain;
  return fc.tuple(plain, anyCase(union)).map(([values, chosen]) => ({ ...values, ...chosen }));
}

/** A tag and its member, or an unknown tag and raw bytes. */
function anyCase(union: TaggedUnion<Record<string, readonly [number, AnyType]>>): Arbitrary<Values> {
  const cases = Object.entries(union.cases);
  const known = cases.map(([name, [tag, member]]) =>
    anyValue(member).map((value) => ({ [union.tag]: tag, [name]: value })),
  );
  const tags = new Set(cases.map(([, [tag]]) => tag));
  const unknown = fc.record({
    [union.tag]: fc.integer({ min: 0, max: 0xffff_ffff }).filter((tag) => !tags.has(tag)),
    raw: fc.uint8Array({ minLength: union.byteLength, maxLength: union.byteLength }),
  });
  return fc.oneof(...known, unknown);
}

type AnyBits = AnyType & Pick<BitStruct<never>, 'members'>;

function anyRecord(type: AnyBits): Arbitrary<Values> {
  const fields = type.members.map(({ name, max, inPlace, fixed }) => {
    if (fixed !== undefined) return [name, fc.constant(fixed)] as const;
    const value = integer(typeof max === 'bigint' ? 0n : 0, max);
    // Only the bits of the mask are stored of an address.
    return [name, inPlace && typeof max === 'bigint' ? value.map((v) => BigInt(v) & max) : value] as const;
  });
  return fc.record(Object.fromEntries(fields));
}

function anyUnknown(
  type: AnyType & Pick<Variants<string, Cases>, 'place' | 'structs' | 'tagName'>,
): Arbitrary<Values> {
  const tags = new Set([...type.structs.values()].map(({ fields }) => fields[type.tagName]?.fixed));
  return fc
    .uint8Array({ minLength: type.byteLength, maxLength: type.byteLength })
    .filter((raw) => !tags.has(tagOf(type, raw)))
    .map((raw) => ({ [type.tagName]: tagOf(type, raw), raw }));
}

/**
 * Random bytes for a type, with reserved parts zero; for a type that ends in a flexible array, also with elements.
 */
export function bytesFor(type: AnyType): Arbitrary<Uint8Array> {
  const open = type.lengthRead(type.byteLength + 16) - type.byteLength;
  return fc
    .uint8Array({ minLength: type.byteLength, maxLength: type.byteLength })
    .chain((head) =>
      open === 0
        ? fc.constant(head)
        : fc
            .constantFrom(0, 16, 32)
            .chain((more) =>
              fc
                .uint8Array({ minLength: more, maxLength: more })
                .map((tail) => new Uint8Array([...head, ...tail])),
            ),
    )
    .map((bytes) => clearReserved(type, bytes));
}
