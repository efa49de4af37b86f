import type { Annotating, Annotation } from './annotation.js';
import { RawBytes } from './array.js';
import {
  type BitField,
  type BitFields,
  type BitMember,
  bitRange,
  bitReaders,
  bits,
  BitStruct,
  type BitValues,
} from './bits.js';
import { enumeration } from './enumeration.js';
import { viewOf } from './bytes.js';
import { inside, Mismatch, show } from './error.js';
import { integerFromJson, isJsonObject, type Json } from './json.js';
import { isObject } from './object.js';
import type { Checker, Reader, Readers } from './readers.js';
import type { Role } from './role.js';
import type { Compiled, Generated } from './compiled.js';
import type { Simplify } from './struct.js';
import { type Accessor, AT, DATA, type InPlace, type Siblings, Type } from './type.js';
import { INSPECT } from './inspect.js';
import { innerPlace } from './view.js';

type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';
type NumberOf<S> = S extends `${infer N extends number}` ? N : never;
/** Every 8-bit number. The numbers without a case are computed from it. */
export type U8Number = NumberOf<
  | Digit
  | `${Exclude<Digit, '0'>}${Digit}`
  | `1${Digit}${Digit}`
  | `2${'0' | '1' | '2' | '3' | '4'}${Digit}`
  | `25${'0' | '1' | '2' | '3' | '4' | '5'}`
>;

/** One form of a record: the number that selects it, and its own fields. */
export interface Variant<Tag extends number = number, B extends BitFields = BitFields> {
  readonly tag: Tag;
  /** Section of the specification. */
  readonly section: string;
  readonly doc: string;
  readonly fields: B;
}

type Cases = Readonly<Record<string, Variant>>;
type TagOf<C extends Cases> = C[keyof C]['tag'];

type DecodedVariant<T extends string, C extends Cases> = {
  [K in keyof C]: Simplify<{ [P in T]: C[K]['tag'] } & BitValues<C[K]['fields']>>;
}[keyof C];
/** A record whose number selects no known form. */
export type UnknownVariant<T extends string, Known extends number> = Simplify<
  { [P in T]: Exclude<U8Number, Known> } & {
    /** All bytes of the record, the number included. */ raw: Uint8Array;
  }
>;
/** A discriminated union on the number `T`. */
export type VariantValue<T extends string, C extends Cases> =
  | DecodedVariant<T, C>
  | UnknownVariant<T, TagOf<C>>;

/** The values of form `K`. */
type FormOf<T extends string, C extends Cases, K extends keyof C, O> = Extract<
  O,
  { readonly [P in T]: C[K]['tag'] }
>;

/** The in-place view of a record, before its form is known. */
export interface VariantView<T extends string, C extends Cases, O = VariantValue<T, C>> {
  /** The number that selects the form. */
  readonly tag: number;
  /** The name of the form; undefined if the number selects no known form. */
  readonly variant: (keyof C & string) | undefined;
  /** The fields of form `name`. @throws TypeError if the record has another form */
  as<K extends keyof C & string>(name: K): FormOf<T, C, K, O>;
}

/** The bits of the number that selects the form of a record. They lie within one byte. */
export interface TagPlace {
  readonly hi: number;
  readonly lo: number;
}

/** The first eight bits. */
const FIRST_BYTE: TagPlace = { hi: 7, lo: 0 };

/** A record with several forms. A number in it, usually its first eight bits, selects the form. */
export class Variants<
  T extends string,
  C extends Cases,
  O extends VariantValue<T, C> = VariantValue<T, C>,
> extends Type<O, Readonly<O>, VariantView<T, C, O>> {
  readonly align = 8;
  /** The names of the forms, by tag. */
  private readonly names = new Map<number, keyof C & string>();
  /** The layouts of forms, by tag. Created on demand, because most programs use few of them. */
  private readonly made = new Map<number, BitStruct<BitFields>>();
  private readonly raw: RawBytes;
  private readonly tag: BitField<number>;
  private role: Role | undefined = undefined;
  /** Reads the number that selects the form. */
  private readonly tagOf: Reader<number>;
  constructor(
    readonly name: string,
    readonly description: string,
    readonly byteLength: number,
    readonly tagName: T,
    readonly cases: C,
    code?: Compiled<O, Readonly<O>>,
    /** The bits of the number that selects the form. */
    readonly place: TagPlace = FIRST_BYTE,
  ) {
    super(code);
    this.tag = bits(place.hi, place.lo, description);
    this.tagOf = tagReader(place);
    this.raw = new RawBytes(byteLength);
    for (const [form, { tag }] of Object.entries(cases)) {
      if (this.names.has(tag)) throw new TypeError(`${name}.${form}: ${tag} is the tag of another form`);
      this.names.set(tag, form);
    }
  }

  /** The role of the tag, with the names of the forms. Created when it is first used. */
  private get tagRole(): Role {
    if (this.role === undefined) {
      const names = Object.entries(this.cases).map(([form, { tag, doc }]) => [form, [tag, doc]] as const);
      const of = enumeration(this.tagName, this.description, Object.fromEntries(names));
      this.role = { kind: 'enum', of };
    }
    return this.role;
  }

  /** The layout of each form, by name. */
  get structs(): ReadonlyMap<string, BitStruct<BitFields>> {
    return new Map([...this.byTag].map(([, struct]) => [struct.name, struct]));
  }

  /** The layout of each form, by tag. */
  private get byTag(): (readonly [tag: number, struct: BitStruct<BitFields>])[] {
    return [...this.names.keys()].flatMap((tag) => {
      const struct = this.formOfTag(tag);
      return struct === undefined ? [] : [[tag, struct]];
    });
  }

  /** The layout of the form that a tag selects. */
  private formOfTag(tag: number): BitStruct<BitFields> | undefined {
    return this.made.get(tag) ?? this.makeForm(tag);
  }

  private makeForm(tag: number): BitStruct<BitFields> | undefined {
    const form = this.names.get(tag);
    const found = form === undefined ? undefined : this.cases[form];
    if (form === undefined || found === undefined) return undefined;
    const { doc, fields } = found;
    const marked = { [this.tagName]: { ...this.tag, doc, role: this.tagRole, fixed: tag }, ...fields };
    const struct = new BitStruct<BitFields>(form, doc, this.byteLength, marked);
    this.made.set(tag, struct);
    return struct;
  }

  /** For each tag and each 32-bit word of the record, a mask of the bits that must be zero. */
  private unused(): Int32Array {
    const words = this.byteLength / 4;
    const unused = new Int32Array(256 * words);
    for (const [tag, struct] of this.byTag) unused.set(struct.unused, tag * words);
    return unused;
  }

  /** The layout of one form. */
  form<K extends keyof C & string>(name: K): BitStruct<{ [P in T]: BitField<number> } & C[K]['fields']> {
    const { tag } = this.cases[name] ?? {};
    // The struct is made of the fields of that case.
    return (tag === undefined ? undefined : this.formOfTag(tag)) as unknown as BitStruct<
      { [P in T]: BitField<number> } & C[K]['fields']
    >;
  }

  /** The name of the form that `tag` selects. */
  nameOf(tag: number): (keyof C & string) | undefined {
    return this.names.get(tag);
  }

  override read(view: DataView, at: number, end: number, lenient: boolean): O {
    return this.compiled?.read(view, at) ?? this.readForm(view, at, end, lenient);
  }

  private readForm(view: DataView, at: number, end: number, lenient: boolean): O {
    const tag = this.tagOf(view, at);
    const struct = this.formOfTag(tag);
    const value =
      struct === undefined
        ? { [this.tagName]: tag, raw: this.raw.read(view, at, end) }
        : struct.read(view, at, end, lenient);
    // The struct was selected by the tag, which is the discriminant of the union.
    return value as O;
  }

  override write(view: DataView, at: number, value: Readonly<O>): void {
    if (this.compiled !== undefined && isObject(value) && this.compiled.write(view, at, value)) return;
    const { tag, struct } = this.formOf(value, at);
    if (struct !== undefined) {
      struct.write(view, at, value as object as BitValues<BitFields>);
      return;
    }
    const { [this.tagName]: _tag, raw, ...others } = value as Siblings;
    for (const key of Object.keys(others))
      throw new Mismatch(at, `only raw beside ${this.tagName}`, key).under(key);
    if (raw instanceof Uint8Array && raw.length === this.byteLength) {
      const found = this.tagOf(viewOf(raw), 0);
      if (found !== tag)
        throw new Mismatch(at, `${tag} where ${this.tagName} is, ${bitRange(this.place)}`, show(found)).under(
          'raw',
        );
    }
    inside('raw', () => this.raw.write(view, at, raw as Uint8Array));
  }

  private formOf(value: unknown, at: number): { tag: number; struct: BitStruct<BitFields> | undefined } {
    const tag = typeof value === 'object' && value !== null ? (value as Siblings)[this.tagName] : undefined;
    if (typeof tag === 'number' && Number.isInteger(tag) && tag >= 0 && tag <= this.tag.max) {
      return { tag, struct: this.formOfTag(tag) };
    }
    throw new Mismatch(at, `an integer from 0 to ${this.tag.max}`, show(tag)).under(this.tagName);
  }

  override zeroFilled(value: unknown): unknown {
    if (!isObject(value)) return value;
    const { [this.tagName]: tag, raw } = value as Siblings;
    if (typeof tag !== 'number') return value;
    const struct = this.formOfTag(tag);
    if (struct !== undefined) return struct.zeroFilled(value);
    const bytes = new Uint8Array(this.byteLength);
    putTag(viewOf(bytes), this.place, tag);
    return raw === undefined ? { ...value, raw: bytes } : value;
  }

  override annotate(view: DataView, at: number, _end: number, context: Annotating, into: Annotation[]): void {
    const struct = this.formOfTag(this.tagOf(view, at)) ?? this.raw;
    struct.annotate(view, at, at + this.byteLength, context, into);
  }

  override toJson(value: O): Json {
    const { [this.tagName]: tag, raw } = value as Siblings;
    const struct = this.formOfTag(tag as number);
    if (struct !== undefined) return struct.toJson(value as object as BitValues<BitFields>);
    return { [this.tagName]: tag as number, raw: this.raw.toJson(raw as Uint8Array) };
  }

  override fromJson(json: Json, at: number): unknown {
    const values = isJsonObject(json) ? json : {};
    const tag = integerFromJson(values[this.tagName] ?? null, this.tagRole);
    const { struct } = this.formOf(
      { [this.tagName]: tag === undefined ? values[this.tagName] : Number(tag) },
      at,
    );
    if (struct !== undefined) return struct.fromJson(json, at);
    const { raw } = values;
    if (raw === undefined) return { ...values, [this.tagName]: Number(tag) };
    return { ...values, [this.tagName]: Number(tag), raw: inside('raw', () => this.raw.fromJson(raw, at)) };
  }

  override checker(): Checker {
    return this.byteLength === 32 && this.place === FIRST_BYTE ? checkerOf32(this.unused()) : super.checker();
  }

  /**
   * A field that has the same bits in all its forms is read there, whatever the form of the record. A field whose bits differ
   * between forms is read where the record's form has it.
   * @internal
   */
  override readers(): Readers {
    const places = new Map<string, Map<number, BitMember>>();
    for (const [tag, { members }] of this.byTag) {
      for (const member of members) {
        const byForm = places.get(member.name) ?? new Map<number, BitMember>();
        places.set(member.name, byForm.set(tag, member));
      }
    }
    const readers = new Map<string, Reader>([
      ['raw', (view, at) => this.raw.read(view, at, at + this.byteLength)],
    ]);
    for (const byForm of places.values()) {
      const one = onePlace([...byForm.values()]);
      for (const [key, read] of one === undefined ? this.readersByForm(byForm) : bitReaders(one)) {
        readers.set(key, read);
      }
    }
    return readers;
  }

  private readersByForm(byForm: ReadonlyMap<number, BitMember>): Readers {
    const readers = new Map<string, Reader[]>();
    const zeroes = new DataView(new ArrayBuffer(this.byteLength));
    for (const [tag, member] of byForm) {
      for (const [key, read] of bitReaders(member)) {
        const nothing = read(zeroes, 0);
        const byTag = readers.get(key) ?? new Array<Reader>(256).fill(() => nothing);
        byTag[tag] = read;
        readers.set(key, byTag);
      }
    }
    const byTag = [...readers].map(([key, byTag]): [string, Reader] => [
      key,
      (view, at) => byTag[this.tagOf(view, at)]?.(view, at),
    ]);
    return new Map(byTag);
  }

  override accessor(offset: number, key: string | number): Accessor<VariantView<T, C, O>> {
    const variants = this;
    return {
      get(this: InPlace) {
        const place = innerPlace(this, offset, key);
        return {
          get tag() {
            return variants.tagOf(place[DATA], place[AT]);
          },
          get variant() {
            return variants.nameOf(this.tag);
          },
          [INSPECT]() {
            const { tag, variant } = this;
            return variant === undefined
              ? { [variants.tagName]: tag, raw: variants.raw.accessor(0).get.call(place) }
              : this.as(variant);
          },
          as(name) {
            const found = this.variant ?? `${variants.tagName} ${this.tag}`;
            if (found !== name) throw new TypeError(`not ${name} but ${found}`);
            const fields: object = variants.form(name).accessor(0, '').get.call(place);
            // The check above has shown that the record has this form.
            return fields as FormOf<T, C, typeof name, O>;
          },
        };
      },
    };
  }
}

function tagReader({ hi, lo }: TagPlace): Reader<number> {
  if (hi === 7 && lo === 0) return (view, at) => view.getUint8(at);
  const mask = 2 ** (hi - lo + 1) - 1;
  return (view, at) => (view.getUint8(at + Math.floor(lo / 8)) >>> (lo % 8)) & mask;
}

function putTag(view: DataView, { lo }: TagPlace, tag: number): void {
  view.setUint8(Math.floor(lo / 8), tag << (lo % 8));
}

/**
 * Checks the reserved bits of records of 32 bytes. It runs for every record that is visited in place, so it has no loop
 * and no branch, and stays small enough for engines to inline it.
 * @param masks bits that must be zero, eight words for each tag
 */
function checkerOf32(masks: Int32Array): Checker {
  // A tag is a byte, and each of the 256 tags has eight masks, so every index below exists.
  return (view, at) => {
    const mask = view.getUint8(at) << 3;
    return (
      ((view.getInt32(at, true) & masks[mask]!) |
        (view.getInt32(at + 4, true) & masks[mask + 1]!) |
        (view.getInt32(at + 8, true) & masks[mask + 2]!) |
        (view.getInt32(at + 12, true) & masks[mask + 3]!) |
        (view.getInt32(at + 16, true) & masks[mask + 4]!) |
        (view.getInt32(at + 20, true) & masks[mask + 5]!) |
        (view.getInt32(at + 24, true) & masks[mask + 6]!) |
        (view.getInt32(at + 28, true) & masks[mask + 7]!)) ===
      0
    );
  };
}

/**
 * The bits that a field has in all its forms; undefined if they differ. If some forms of an address store fewer low bits, the
 * widest form is returned: in the others the missing low bits are reserved, so they read as zero.
 */
function onePlace(members: readonly BitMember[]): BitMember | undefined {
  const [widest] = [...members].sort((a, b) => a.lo - b.lo);
  const fits = members.every(
    ({ hi, lo, max, inPlace }) =>
      hi === widest?.hi && typeof max === typeof widest.max && (lo === widest.lo || inPlace),
  );
  return fits ? widest : undefined;
}

/** Declares one form of a record. */
export function variant<const Tag extends number, const B extends BitFields>(
  tag: Tag,
  section: string,
  doc: string,
  fields: B,
): Variant<Tag, B> {
  return { tag, section, doc, fields };
}

/**
 * Declares a record with several forms. The number called `tagName` selects the form.
 * @param byteLength a multiple of 8
 * @param options.tag the bits of the number, within one byte. Default: bits 7 to 0.
 * @param options.code the export of the same name in the generated file beside the declaration, written by `pnpm compile`
 */
export function variants<
  const T extends string,
  const C extends Cases,
  O extends VariantValue<T, C> = VariantValue<T, C>,
>(
  name: string,
  description: string,
  byteLength: number,
  tagName: T,
  cases: C,
  options: { readonly code?: Generated<O, Readonly<O>>; readonly tag?: TagPlace } = {},
): Variants<T, C, O> {
  return new Variants(name, description, byteLength, tagName, cases, options.code, options.tag);
}
