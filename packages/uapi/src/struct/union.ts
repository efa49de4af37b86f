import { type Annotating, type Annotation, paddingAt } from './annotation.js';
import { RawBytes } from './array.js';
import { bytesAt, firstNonZero, viewOf } from './bytes.js';
import { inside, Mismatch, show } from './error.js';
import { isJsonObject, type Json } from './json.js';
import { isObject } from './object.js';
import {
  type Accessor,
  type AnyType,
  type Decoded,
  type Encodable,
  type InPlace,
  type Siblings,
  Type,
  type Views,
} from './type.js';
import { inner, viewPrototype } from './view.js';

type Members = Readonly<Record<string, AnyType>>;
type DecodedMembers<M extends Members> = { -readonly [K in keyof M]: Decoded<M[K]> };
type EncodableMembers<M extends Members> = { readonly [K in keyof M]: Encodable<M[K]> };
type OneOrMore<T> = { [K in keyof T]: Pick<T, K> & Partial<T> }[keyof T];
/** The base of both kinds of union. Their members share the same bytes. */
abstract class Overlay<Out, In, V extends object> extends Type<Out, In, V> {
  readonly byteLength: number;
  readonly align: number;
  /** The names of the members. */
  abstract readonly keys: readonly string[];
  /** The earlier field of the struct that selects the member. Undefined for a union without a tag. */
  readonly tag: string | undefined = undefined;
  private shown: object | undefined = undefined;

  constructor(
    readonly name: string,
    readonly members: Members,
  ) {
    super();
    const types = Object.values(members);
    this.align = Math.max(1, ...types.map((type) => type.align));
    const size = Math.max(0, ...types.map((type) => type.byteLength));
    this.byteLength = Math.ceil(size / this.align) * this.align;
  }

  /** The prototype of views. Created with the first view, because most programs view few types or none. */
  private get prototype(): object {
    this.shown ??= viewPrototype(this.accessors(0));
    return this.shown;
  }

  /** One accessor per member, for the view of a struct that has this union as an anonymous member. */
  accessors(offset: number): ({ readonly name: string } & Accessor<unknown>)[] {
    return Object.entries(this.members).map(([name, type]) => ({ name, ...type.accessor(offset, name) }));
  }

  override accessor(offset: number, key: string | number): Accessor<V> {
    const type = this;
    return {
      get(this: InPlace) {
        // The prototype has one accessor for each member.
        return inner(type.prototype, this, offset, key) as V;
      },
    };
  }

  /** The members that `value` has. @throws Mismatch if it has another property, or none */
  protected given(
    value: unknown,
    at: number,
  ): { readonly values: Siblings; readonly names: readonly string[] } {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Mismatch(at, `an object with one of ${this.keys.join(', ')}`, show(value));
    }
    const values = value as Siblings;
    for (const key of Object.keys(values)) {
      if (!this.keys.includes(key))
        throw new Mismatch(at, `one of ${this.keys.join(', ')}`, 'no such member').under(key);
    }
    return { values, names: this.keys.filter((key) => values[key] !== undefined) };
  }

  override fromJson(json: Json, at: number): unknown {
    const { names } = this.given(json, at);
    const members = isJsonObject(json) ? json : {};
    const values: Record<string, unknown> = {};
    for (const name of names) {
      const member = members[name];
      if (member !== undefined) values[name] = inside(name, () => this.typeOf(name)?.fromJson(member, at));
    }
    return values;
  }

  override toJson(value: Out): Json {
    const { values, names } = this.given(value, 0);
    return Object.fromEntries(names.map((name) => [name, this.typeOf(name)?.toJson(values[name]) ?? null]));
  }

  /** The type of the value's field `name`. */
  protected typeOf(name: string): AnyType | undefined {
    return this.members[name];
  }
}

/** A union without a tag. All members are decoded. */
export class Union<M extends Members> extends Overlay<
  DecodedMembers<M>,
  OneOrMore<EncodableMembers<M>>,
  Views<M>
> {
  readonly keys: readonly string[];

  constructor(name: string, members: M) {
    super(name, members);
    this.keys = Object.keys(members);
  }

  override read(view: DataView, at: number, _end: number, lenient: boolean): DecodedMembers<M> {
    const value: Record<string, unknown> = {};
    for (const [key, type] of Object.entries(this.members)) {
      value[key] = inside(key, () => type.read(view, at, at + type.byteLength, lenient));
    }
    return value as DecodedMembers<M>;
  }

  override write(view: DataView, at: number, value: OneOrMore<EncodableMembers<M>>): void {
    const { values, names } = this.given(value, at);
    if (names.length === 0) throw new Mismatch(at, `one of ${this.keys.join(', ')}`, 'none');
    const bytes = new Uint8Array(this.byteLength);
    const known = new Uint8Array(this.byteLength);
    for (const name of names) {
      const type = this.members[name];
      if (type === undefined) continue;
      const member = this.memberBytes(name, type, values[name], at);
      for (let i = 0; i < type.byteLength; i++) {
        if (known[i] === 1 && member[i] !== bytes[i]) {
          throw new Mismatch(at + i, `the same bytes as ${names[0]}`, show(values[name])).under(name);
        }
        bytes[i] = member[i] ?? 0;
        known[i] = 1;
      }
    }
    bytesAt(view, at, bytes.length).set(bytes);
  }

  /** A value without any member gets the widest member with value zero, so that all are zero. */
  override zeroFilled(value: unknown = {}): unknown {
    if (!isObject(value)) return value;
    const given = Object.entries(value).filter(([, member]) => member !== undefined);
    const [widest] = Object.entries(this.members).sort(([, a], [, b]) => b.byteLength - a.byteLength);
    const members = given.length > 0 || widest === undefined ? given : [[widest[0], undefined] as const];
    return Object.fromEntries(
      members.map(([name, member]) => [name, this.members[name]?.zeroFilled(member) ?? member]),
    );
  }

  private memberBytes(name: string, type: AnyType, value: unknown, at: number): Uint8Array {
    const bytes = new Uint8Array(type.byteLength);
    try {
      type.write(viewOf(bytes), 0, value as never);
    } catch (cause) {
      throw cause instanceof Mismatch ? cause.movedBy(at).under(name) : cause;
    }
    return bytes;
  }

  override annotate(view: DataView, at: number, end: number, context: Annotating, into: Annotation[]): void {
    // The widest member covers all bytes. Its annotation also lists the other names.
    const widest = Object.values(this.members).reduce((a, b) => (b.byteLength > a.byteLength ? b : a));
    widest.annotate(view, at, end, context.under(this.keys.join('/')), into);
  }
}

/** A case of a tagged union: a value of the tag, and the type that it selects. */
export type Case = readonly [tag: number, type: AnyType];
type Cases = Readonly<Record<string, Case>>;
type CaseTypes<C extends Cases> = { [K in keyof C]: C[K][1] };

/** Exactly one member, or the raw bytes if no case has the tag's value. */
type DecodedCase<C extends Cases> =
  | { [K in keyof C]: { [P in K]: Decoded<C[K][1]> } }[keyof C]
  | { raw: Uint8Array };
type EncodableCase<C extends Cases> =
  | { [K in keyof C]: { readonly [P in K]: Encodable<C[K][1]> } }[keyof C]
  | { readonly raw: Uint8Array };

/** A union whose member is selected by an earlier number of the same struct. */
export class TaggedUnion<C extends Cases> extends Overlay<
  DecodedCase<C>,
  EncodableCase<C>,
  Views<CaseTypes<C>>
> {
  readonly keys: readonly string[];
  override readonly tag: string;
  private readonly names: ReadonlyMap<number, string>;
  private readonly raw: RawBytes;

  constructor(
    name: string,
    tag: string,
    readonly cases: C,
  ) {
    super(name, Object.fromEntries(Object.entries(cases).map(([key, [, type]]) => [key, type])));
    this.tag = tag;
    this.raw = new RawBytes(this.byteLength);
    this.keys = [...Object.keys(cases), 'raw'];
    this.names = new Map(Object.entries(cases).map(([key, [tag]]) => [tag, key]));
  }

  /** The member that the tag selects: the raw bytes if no case has the tag's value. */
  private chosen(siblings: Siblings | undefined): { key: string; type: AnyType } {
    const key = this.names.get(siblings?.[this.tag] as number);
    const type = key === undefined ? undefined : this.members[key];
    return key !== undefined && type !== undefined ? { key, type } : { key: 'raw', type: this.raw };
  }

  override read(
    view: DataView,
    at: number,
    _end: number,
    lenient: boolean,
    siblings?: Siblings,
  ): DecodedCase<C> {
    const { key, type } = this.chosen(siblings);
    const bad = lenient ? -1 : firstNonZero(view, at + type.byteLength, at + this.byteLength);
    if (bad !== -1) throw new Mismatch(bad, `zero after ${key}`, `0x${view.getUint8(bad).toString(16)}`);
    const member = inside(key, () => type.read(view, at, at + type.byteLength, lenient));
    return { [key]: member } as DecodedCase<C>;
  }

  override write(view: DataView, at: number, value: EncodableCase<C>, siblings?: Siblings): void {
    const { values, names } = this.given(value, at);
    const { key, type } = this.chosen(siblings);
    const expected = `${key}, as ${this.tag} is ${show(siblings?.[this.tag])}`;
    for (const other of names) if (other !== key) throw new Mismatch(at, expected, other).under(other);
    if (names.length === 0) throw new Mismatch(at, expected, 'nothing').under(key);
    inside(key, () => type.write(view, at, values[key] as never));
    bytesAt(view, at + type.byteLength, this.byteLength - type.byteLength).fill(0);
  }

  override zeroFilled(value: unknown = {}, siblings?: Siblings): unknown {
    if (!isObject(value)) return value;
    const { key, type } = this.chosen(siblings);
    const members: Siblings = { ...value };
    return { ...members, [key]: type.zeroFilled(members[key]) };
  }

  override annotate(view: DataView, at: number, _end: number, context: Annotating, into: Annotation[]): void {
    const { key, type } = this.chosen(context.siblings);
    const doc = key === 'raw' ? `No member is known for this ${this.tag}.` : context.doc;
    type.annotate(view, at, at + type.byteLength, context.under(key, { doc }), into);
    const offset = at + type.byteLength;
    const length = this.byteLength - type.byteLength;
    if (length > 0) into.push(paddingAt(view, offset, length, `The rest of the union, beyond ${key}.`));
  }

  protected override typeOf(name: string): AnyType | undefined {
    return name === 'raw' ? this.raw : super.typeOf(name);
  }
}

/** True if `type` is a union. The members of an anonymous union belong to the struct that contains it. */
export function isUnion(type: AnyType): type is AnyType & Overlay<unknown, never, object> {
  return type instanceof Overlay;
}

/** Declares a union whose members are different names for the same bytes. */
export function union<const M extends Members>(members: M): Union<M> {
  return new Union('union', members);
}

/**
 * Declares a union whose member depends on an earlier field.
 * @param tag the earlier field
 * @param cases for each member: the value of the tag, and the type of the member
 */
export function taggedUnion<const C extends Cases>(tag: string, cases: C): TaggedUnion<C> {
  return new TaggedUnion('union', tag, cases);
}
