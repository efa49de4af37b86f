import { type Annotating, type Annotation, paddingAt } from './annotation.js';
import { bytesAt, firstNonZero } from './bytes.js';
import { inside, Mismatch, show } from './error.js';
import { BigInteger, Integer } from './integer.js';
import { isJsonObject, type Json } from './json.js';
import type { Compiled, Generated } from './compiled.js';
import { isObject } from './object.js';
import { type Reader, type Readers, wideReaders, wordReader } from './readers.js';
import {
  type Accessor,
  type AnyType,
  type Decoded,
  type Encodable,
  type Field,
  type FieldLayout,
  type InPlace,
  type Siblings,
  Type,
  type Views,
} from './type.js';
import { isUnion } from './union.js';
import { inner, viewPrototype } from './view.js';

/** The members of a struct in order; the key `''` is an anonymous union. */
export type Fields = Readonly<Record<string, Field>>;

/** Flattens an intersection, so that editors show the fields. */
export type Simplify<T> = T extends unknown ? { [K in keyof T]: T[K] } : never;

/**
 * The type of the anonymous union in `F`, if it is of kind `Kind`. A tagged union decodes to one of many types. They are
 * intersected with the other fields and not merged with them: merging repeats all fields for each member, which takes the
 * compiler seconds for `iommu_test_cmd`.
 */
type Anonymous<
  F extends Fields,
  Kind extends 'tagged' | 'untagged',
  What extends '$decoded' | '$encodable' | '$view',
> = F extends { readonly '': Field<infer U> }
  ? (U extends { readonly tag: string } ? 'tagged' : 'untagged') extends Kind
    ? What extends '$encodable'
      ? Encodable<U>
      : U[What]
    : unknown
  : unknown;

/** The decoded fields, without an anonymous union. */
type Named<F extends Fields> = {
  -readonly [K in keyof F as K extends '' ? never : K]: Decoded<F[K]['type']>;
};

/** The names of the fields, without an anonymous union: of all, of the reserved ones, or of the others. */
type Names<F extends Fields, Reserved extends boolean = boolean> = {
  [K in keyof F]: K extends '' ? never : F[K] extends Field<AnyType, Reserved> ? K : never;
}[keyof F];

/** The type of field `K` of `F` or, if `F` does not have it, of `A`. */
type FieldType<F extends Fields, A extends Fields, K> = K extends keyof F
  ? F[K]['type']
  : K extends keyof A
    ? A[K]['type']
    : never;

interface Member extends FieldLayout {
  /** Number of padding bytes between the end of this member and the start of the next one, or the end of the struct. */
  readonly padding: number;
  /** True if a later release added it: an older, shorter struct does not have it. */
  readonly added: boolean;
}

const roundUp = (value: number, align: number): number => Math.ceil(value / align) * align;

function lay(fields: Fields, added: Fields): { members: Member[]; size: number; align: number } {
  const members: { -readonly [K in keyof Member]: Member[K] }[] = [];
  let offset = 0;
  let align = 1;
  for (const group of [fields, added]) {
    for (const [name, field] of Object.entries(group)) {
      const { type } = field;
      const start = roundUp(offset, type.align);
      const before = members.at(-1);
      if (before !== undefined) before.padding = start - offset;
      members.push({
        name,
        offset: start,
        size: type.byteLength,
        padding: 0,
        added: group === added,
        ...field,
      });
      offset = start + type.byteLength;
      align = Math.max(align, type.align);
    }
  }
  const size = roundUp(offset, align);
  const last = members.at(-1);
  if (last !== undefined) last.padding = size - offset;
  return { members, size, align };
}

/** @throws TypeError if only the last member may have an open size and another has, or the tag of a union is not valid */
function refuseImpossible(struct: string, members: readonly Member[]): void {
  members.forEach(({ name, type }, i) => {
    if (type.open && i < members.length - 1)
      throw new TypeError(`${struct}.${name}: only the last field may be open`);
    if (!isUnion(type) || type.tag === undefined) return;
    const tag = members.slice(0, i).find((member) => member.name === type.tag)?.type;
    if (tag instanceof Integer && typeof tag.max === 'number') return;
    throw new TypeError(`${struct}.${name}: ${type.tag} is not an earlier field of at most 32 bits`);
  });
}

/** The decoded value of a struct. Fields that were added later may be absent. */
export type DecodedStruct<F extends Fields, A extends Fields> = Simplify<
  Named<F> & Partial<Named<A>> & Anonymous<F, 'untagged', '$decoded'>
> &
  Anonymous<F, 'tagged', '$decoded'>;
// The types below iterate over the keys of `O`, so that editors show the documentation of the fields of `O`. The keys are a parameter:
// a mapped type over `keyof O` itself is made again for each member of a union `O`, and the intersection of two such types has the
// square of their number.

/** The required fields of {@link EncodableStruct}: those that are neither reserved nor added later. */
type RequiredInput<F extends Fields, A extends Fields, O, Keys extends keyof O> = {
  readonly [K in Keys as Extract<K, Names<F, false>>]: Encodable<FieldType<F, A, K>>;
};
/** The optional fields of {@link EncodableStruct}. */
type OptionalInput<F extends Fields, A extends Fields, O, Keys extends keyof O> = {
  readonly [K in Keys as Extract<K, Names<F, true> | Names<A>>]?: Encodable<FieldType<F, A, K>>;
};
/** The types of all fields, without an anonymous union. */
type FieldTypes<F extends Fields, A extends Fields, O, Keys extends keyof O> = {
  [K in Keys as Extract<K, Names<F> | Names<A>>]-?: FieldType<F, A, K>;
};

/** The input of encoding a struct. Reserved fields, and fields that were added later, are optional. */
export type EncodableStruct<F extends Fields, A extends Fields, O = DecodedStruct<F, A>> = Simplify<
  RequiredInput<F, A, O, keyof O> & OptionalInput<F, A, O, keyof O> & Anonymous<F, 'untagged', '$encodable'>
> &
  Anonymous<F, 'tagged', '$encodable'>;
/** The in-place view of a struct. */
export type StructView<F extends Fields, A extends Fields, O = DecodedStruct<F, A>> = Simplify<
  Views<FieldTypes<F, A, O, keyof O>> & Anonymous<F, 'tagged' | 'untagged', '$view'>
>;

/** Options of {@link struct}. */
export interface StructOptions<F extends Fields, A extends Fields, O extends DecodedStruct<F, A>> {
  /** Members that later kernels appended. An older, shorter struct does not have them. */
  readonly added?: A;
  /** The export of the same name in the generated file beside the declaration, written by `pnpm compile`. */
  readonly code?: Generated<O, EncodableStruct<F, A, O>>;
}

/** A C struct. Its layout follows from the types of its fields by the rules of the System V ABI. */
export class Struct<
  F extends Fields,
  A extends Fields,
  O extends DecodedStruct<F, A> = DecodedStruct<F, A>,
> extends Type<O, EncodableStruct<F, A, O>, StructView<F, A, O>> {
  readonly byteLength: number;
  readonly align: number;
  override readonly open: boolean;
  /** The fields in order, as data. */
  readonly members: readonly Member[];
  /** Size in bytes of the oldest version of the struct, which has no added fields. */
  readonly minByteLength: number;
  /** The role of its first field, if that holds the size known to the caller: `size` in iommufd, `argsz` in VFIO. */
  readonly sized: 'size' | 'argsz' | undefined;
  private readonly keys: ReadonlySet<string>;
  private shown: object | undefined = undefined;

  constructor(
    readonly name: string,
    readonly description: string,
    fields: F,
    added: A,
    code?: Compiled<O, EncodableStruct<F, A, O>>,
  ) {
    super(code);
    const { members, size, align } = lay(fields, added);
    refuseImpossible(name, members);
    this.members = members;
    this.byteLength = size;
    this.align = align;
    this.open = members.at(-1)?.type.open === true;
    this.minByteLength = members.find((member) => member.added)?.offset ?? size;
    const first = members[0]?.type;
    const role = first instanceof Integer ? first.role.kind : undefined;
    this.sized = role === 'size' || role === 'argsz' ? role : undefined;
    const keys = members.flatMap(({ name, type }) => (name === '' && isUnion(type) ? type.keys : [name]));
    this.keys = new Set(keys);
  }

  /** The prototype of views. Created with the first view, because most programs view few types or none. */
  private get prototype(): object {
    this.shown ??= viewPrototype(
      this.members.flatMap(({ name, type, offset }) =>
        name === '' && isUnion(type) ? type.accessors(offset) : [{ name, ...type.accessor(offset, name) }],
      ),
    );
    return this.shown;
  }

  override read(view: DataView, at: number, end: number, lenient: boolean): O {
    const { compiled } = this;
    const quick = compiled !== undefined && end - at >= this.byteLength ? compiled.read(view, at) : undefined;
    return quick ?? this.readMembers(view, at, end, lenient);
  }

  private readMembers(view: DataView, at: number, end: number, lenient: boolean): O {
    const value: Record<string, unknown> = {};
    for (const member of this.members) {
      const { name, type, padding } = member;
      const from = at + member.offset;
      // An older struct ends before the added fields.
      if (member.added && from >= end) break;
      if (!lenient) {
        if (member.reserved) this.mustBeZero(view, from, member.size, name);
        if (padding > 0)
          this.mustBeZero(view, from + member.size, padding, '', `zero in the padding after ${name}`);
      }
      try {
        const read = type.read(view, from, type.open ? end : from + member.size, lenient, value);
        if (name === '') Object.assign(value, read);
        else value[name] = read;
      } catch (cause) {
        throw cause instanceof Mismatch ? cause.under(name) : cause;
      }
    }
    // Every member was read by its declared type.
    return value as O;
  }

  private mustBeZero(view: DataView, at: number, size: number, name: string, expected = 'zero'): void {
    const bad = firstNonZero(view, at, at + size);
    if (bad !== -1) throw new Mismatch(bad, expected, `0x${view.getUint8(bad).toString(16)}`).under(name);
  }

  override write(view: DataView, at: number, value: EncodableStruct<F, A, O>): void {
    const { compiled } = this;
    if (compiled !== undefined && isObject(value) && compiled.write(view, at, value)) return;
    const values: Siblings = this.checked(value, at);
    const size = this.lengthDescribed(values);
    for (const { name, offset, size: width, type, reserved, padding, added } of this.members) {
      if (added && offset >= size) break;
      const from = at + offset;
      const field = name === '' ? own(type, values) : values[name];
      if (reserved && field === undefined) {
        bytesAt(view, from, width).fill(0);
      } else {
        if (field === undefined) throw new Mismatch(from, type.name, 'nothing').under(name);
        try {
          // The type of the field checks the value.
          type.write(view, from, field as never, values);
        } catch (cause) {
          throw cause instanceof Mismatch ? cause.under(name) : cause;
        }
        if (reserved) this.mustBeZero(view, from, width, name);
      }
      if (padding > 0) bytesAt(view, from + width, padding).fill(0);
    }
  }

  private checked(value: unknown, at: number): Siblings {
    if (!isObject(value) || Array.isArray(value)) {
      throw new Mismatch(at, `an object with the fields of ${this.name}`, show(value));
    }
    for (const key of Object.keys(value)) {
      if (!this.keys.has(key)) throw this.noField(key, at);
    }
    return value as Siblings;
  }

  /**
   * The size in bytes that a value has: that of an older version if its first field holds that size and all fields that the
   * version lacks are absent; otherwise that of the whole struct.
   */
  private lengthDescribed(values: Siblings): number {
    const claimed = this.sized === undefined ? undefined : values[this.members[0]?.name ?? ''];
    const cut = this.members.findIndex(({ added, offset }) => added && offset === claimed);
    const tail = cut === -1 ? [] : this.members.slice(cut);
    const older = tail.every(({ name }) => values[name] === undefined) ? tail[0] : undefined;
    return older?.offset ?? this.byteLength;
  }

  override lengthOf(value: EncodableStruct<F, A, O>): number {
    if (typeof value !== 'object' || value === null) return this.byteLength;
    const values = value as Siblings;
    const tail = this.members.at(-1);
    const open = tail?.type.open === true ? tail.type.lengthOf(values[tail.name] as never) : 0;
    return this.lengthDescribed(values) + open;
  }

  override zeroFilled(value: unknown = {}): unknown {
    if (!isObject(value) || Array.isArray(value)) return value;
    const filled: Record<string, unknown> = { ...value };
    for (const { name, type } of this.members) {
      // The members of an anonymous union are among the struct's own, and an earlier field may select one of them.
      if (name === '') Object.assign(filled, type.zeroFilled(own(type, filled), filled));
      else filled[name] = type.zeroFilled(filled[name]);
    }
    return filled;
  }

  override locate(available: number, keys: (string | number)[]): number {
    const member = this.members.find(({ offset, size }) => offset + size > available);
    if (member === undefined) return available;
    if (member.name !== '') keys.push(member.name);
    return member.offset + member.type.locate(available - member.offset, keys);
  }

  override annotate(view: DataView, at: number, end: number, context: Annotating, into: Annotation[]): void {
    this.annotateUpTo(this.byteLength, view, at, end, context, into);
  }

  /** Annotates the members that end within the first `size` bytes of the struct. */
  annotateUpTo(
    size: number,
    view: DataView,
    at: number,
    end: number,
    context: Annotating,
    into: Annotation[],
  ): void {
    const siblings: Record<string, unknown> = {};
    for (const { name, type, offset, size: width, padding, ...member } of this.members) {
      const from = at + offset;
      if (offset + width > size) break;
      const to = type.open ? end : from + width;
      if (type instanceof Integer) siblings[name] = type.read(view, from);
      const { doc } = member;
      const reserved = context.reserved || member.reserved;
      // The innermost declared direction applies.
      const direction = member.direction === 'none' ? context.direction : member.direction;
      type.annotate(view, from, to, context.under(name, { doc, reserved, siblings, direction }), into);
      // The buffer may end within the padding.
      const present = Math.min(padding, end - from - width);
      if (present > 0) into.push(paddingAt(view, from + width, present));
    }
  }

  override toJson(value: O): Json {
    const values = value as Siblings;
    const json: Record<string, Json> = {};
    for (const { name, type } of this.members) {
      if (name === '') Object.assign(json, type.toJson(own(type, values)));
      // The value was decoded by this declaration. A field is absent only in an older struct.
      else if (values[name] !== undefined) json[name] = type.toJson(values[name]);
    }
    return json;
  }

  override fromJson(json: Json, at: number): unknown {
    if (!isJsonObject(json)) throw new Mismatch(at, `an object with the fields of ${this.name}`, show(json));
    const values: Record<string, unknown> = {};
    for (const key of Object.keys(json)) if (!this.keys.has(key)) throw this.noField(key, at);
    for (const { name, type, offset } of this.members) {
      const field = name === '' ? own(type, json) : json[name];
      if (field === undefined) continue;
      const read = inside(name, () => type.fromJson(field, at + offset));
      if (name === '') Object.assign(values, read);
      else values[name] = read;
    }
    return values;
  }

  override readers(): Readers {
    return new Map(this.members.flatMap(memberReaders));
  }

  private noField(key: string, at: number): Mismatch {
    return new Mismatch(at, `a field of ${this.name}`, 'no such field').under(key);
  }

  override accessor(offset: number, key: string | number): Accessor<StructView<F, A, O>> {
    const type = this;
    return {
      get(this: InPlace) {
        // The prototype has one accessor for each field of the declaration.
        return inner(type.prototype, this, offset, key) as StructView<F, A, O>;
      },
    };
  }
}

function memberReaders({ name, offset, size, type }: Member): [string, Reader][] {
  const read: Reader = (view, at) => type.read(view, at + offset, at + offset + size, true);
  if (!(type instanceof BigInteger)) return [[name, read]];
  return wideReaders(
    name,
    (view, at) => type.read(view, at + offset),
    wordReader(offset),
    wordReader(offset + 4),
  );
}

/** The values of a struct that belong to its anonymous union. */
function own<T>(union: AnyType, values: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const keys = isUnion(union) ? union.keys : [];
  const entries = keys.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]] as const]));
  return Object.fromEntries(entries);
}

/**
 * Declares a C struct.
 * @param name the C tag
 * @param description what the struct is for
 * @param fields the members in order, each a type with its direction and meaning
 */
export function struct<
  const F extends Fields,
  const A extends Fields = Record<never, never>,
  O extends DecodedStruct<F, A> = DecodedStruct<F, A>,
>(name: string, description: string, fields: F, options: StructOptions<F, A, O> = {}): Struct<F, A, O> {
  return new Struct(name, description, fields, options.added ?? ({} as A), options.code);
}
