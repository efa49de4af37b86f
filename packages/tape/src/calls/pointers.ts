/**
 * The memory that an ioctl accesses besides its struct: finds the pointers of the struct, also in nested unions and structs, and the
 * length of the memory behind each. Both follow from the roles of fields in the declarations; no ioctl is handled by name.
 */

import {
  type AnyType,
  decode,
  type Direction,
  type Fields,
  Integer,
  type Pointee,
  RawBytes,
  Struct,
  TaggedUnion,
  Union,
} from '@iommufd/uapi/struct';

/** The decoded fields of a struct. */
export type Values = Readonly<Record<string, unknown>>;

/** A pointer of a struct. It is not null. */
export interface Pointer {
  /** Its name: `data_uptr`, or `access_rw.uptr` in a nested struct. */
  readonly path: string;
  readonly to: Pointee;
  readonly address: bigint;
  /** The fields of the struct that contains it. */
  readonly values: Values;
}

/** Decodes the fields of a struct as the kernel sees them: fields beyond the end of the caller's struct are zero. */
export function valuesOf(struct: AnyType, bytes: Uint8Array): Values {
  const full = new Uint8Array(Math.max(bytes.length, struct.byteLength));
  full.set(bytes);
  return decode(struct, full.subarray(0, struct.open ? full.length : struct.byteLength), {
    lenient: true,
  }) as Values;
}

/** The part of a struct that the caller knows, by the size in its first field. */
export function knownBytes(struct: AnyType, bytes: Uint8Array): Uint8Array {
  if (!(struct instanceof Struct) || struct.sized === undefined || bytes.length < 4)
    return bytes.subarray(0, struct.byteLength);
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return bytes.subarray(0, Math.max(4, struct.open ? size : Math.min(size, struct.byteLength)));
}

/** Largest struct in bytes: a page, as the kernel-doc of `copy_struct_from_user()` recommends. */
const MOST_OF_STRUCT = 4096;

/** The number of bytes of a struct that are printed. @param claimed the size in its first field; includes bytes at an open end */
export function shownLength(struct: AnyType, claimed: number): number {
  const tail = struct instanceof Struct ? (struct as Struct<Fields, Fields>).members.at(-1)?.type : undefined;
  const most = tail?.open === true && tail instanceof RawBytes ? MOST_OF_STRUCT : struct.byteLength;
  return Math.max(4, Math.min(claimed, most));
}

const withRoles = new WeakMap<AnyType, ReadonlySet<string>>();

/** The kinds of roles that the integers of a struct have, also in nested unions and structs. */
export function rolesIn(struct: AnyType): ReadonlySet<string> {
  let roles = withRoles.get(struct);
  if (roles === undefined) withRoles.set(struct, (roles = new Set(rolesOf(struct))));
  return roles;
}

function* rolesOf(type: AnyType): Generator<string> {
  if (type instanceof Integer) yield (type as Integer<number | bigint>).role.kind;
  else if (type instanceof Struct) for (const member of type.members) yield* rolesOf(member.type);
  else if (type instanceof Union || type instanceof TaggedUnion)
    for (const member of Object.values(type.members as Readonly<Record<string, AnyType>>))
      yield* rolesOf(member);
}

/** An integer of a struct. */
export interface NumberField {
  /** Its name: `data_uptr`, or `access_rw.uptr` in a nested struct. */
  readonly path: string;
  readonly type: Integer<number | bigint>;
  readonly value: number | bigint;
  /** Whether the caller or the kernel writes it. */
  readonly direction: Direction;
  /** The fields of the struct that contains it. */
  readonly values: Values;
}

/** The integers of a struct, also in nested unions and structs; of a tagged union, those of the member that the tag selects. */
export function numbersOf(struct: AnyType, values: Values): NumberField[] {
  const plain = plainNumbers(struct);
  if (plain === undefined) return [...walk(struct, values, '', 'none')];
  const found: NumberField[] = [];
  for (const { path, type, direction } of plain) {
    const value = values[path];
    if (typeof value === 'number' || typeof value === 'bigint')
      found.push({ path, type, value, direction, values });
  }
  return found;
}

type PlainNumber = Pick<NumberField, 'path' | 'type' | 'direction'>;
const numbersIn = new WeakMap<AnyType, { readonly plain: readonly PlainNumber[] | undefined }>();

/** The members of a struct whose members are all integers, as in most structs; undefined for other structs. */
function plainNumbers(struct: AnyType): readonly PlainNumber[] | undefined {
  let known = numbersIn.get(struct);
  if (known === undefined) {
    const members = struct instanceof Struct ? (struct as Struct<Fields, Fields>).members : [];
    const plain = members.flatMap(({ name, type, direction }) =>
      name !== '' && type instanceof Integer ? [{ path: name, type, direction }] : [],
    );
    const isPlain = plain.length > 0 && plain.length === members.length;
    numbersIn.set(struct, (known = { plain: isPlain ? plain : undefined }));
  }
  return known.plain;
}

/** The pointers of a struct, in order. */
export function pointersOf(struct: AnyType, values: Values): Pointer[] {
  if (!rolesIn(struct).has('pointer')) return [];
  return numbersOf(struct, values).flatMap(({ path, type: { role }, value, values: beside }) =>
    role.kind === 'pointer' && typeof value === 'bigint' && value !== 0n
      ? [{ path, to: role.to, address: value, values: beside }]
      : [],
  );
}

function* walk(type: AnyType, values: Values, path: string, direction: Direction): Generator<NumberField> {
  if (type instanceof Struct)
    for (const member of type.members)
      yield* inMember(member, values, path, member.direction === 'none' ? direction : member.direction);
  else if (type instanceof Union || type instanceof TaggedUnion)
    for (const [name, member] of Object.entries(type.members as Readonly<Record<string, AnyType>>))
      yield* inMember({ name, type: member }, values, path, direction);
}

function* inMember(
  { name, type }: { readonly name: string; readonly type: AnyType },
  values: Values,
  path: string,
  direction: Direction,
): Generator<NumberField> {
  const value = name === '' ? values : values[name];
  if (type instanceof Integer) {
    if (typeof value !== 'number' && typeof value !== 'bigint') return;
    yield { path: `${path}${name}`, type, value, direction, values };
  } else if (typeof value === 'object' && value !== null) {
    // A struct decodes to such an object. A tagged union decodes to an object that has only the selected member.
    yield* walk(type, value as Values, name === '' ? path : `${path}${name}.`, direction);
  }
}

function numberIn(values: Values, field: string | undefined): number | undefined {
  const value = field === undefined ? undefined : values[field];
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

/** The array behind a pointer: the number of entries, the distance in bytes between two entries, and the length of each entry. */
export function entriesOf(
  { to, values }: Pointer,
  type: AnyType,
): { readonly count: number; readonly stride: number; readonly length: number } {
  const stride = numberIn(values, to.stride) ?? type.byteLength;
  const count = to.count === undefined ? 1 : (numberIn(values, to.count) ?? 0);
  return { count, stride, length: Math.min(stride, numberIn(values, to.length) ?? stride, type.byteLength) };
}

/** The number of bytes behind a pointer, by the fields of its struct; undefined if the declaration does not define it. */
export function lengthBehind(pointer: Pointer): number | undefined {
  const { to, values } = pointer;
  const { length, count, stride, type, bitmap } = to;
  if (length !== undefined) return numberIn(values, length);
  if (bitmap !== undefined) {
    const { of, page, word } = bitmap;
    const bits = Math.ceil((numberIn(values, of) ?? 0) / Math.max(1, numberIn(values, page) ?? 1));
    return Math.ceil(bits / (8 * word)) * word;
  }
  const each = numberIn(values, stride) ?? type?.byteLength;
  if (each === undefined) return undefined;
  return count === undefined ? each : each * (numberIn(values, count) ?? 0);
}
