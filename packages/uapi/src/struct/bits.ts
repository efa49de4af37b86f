import { type Annotating, type Annotation, type BitAnnotation, reservedProblem } from './annotation.js';
import { bytesAt } from './bytes.js';
import type { Compiled, Generated } from './compiled.js';
import type { Enumeration } from './enumeration.js';
import { inside, Mismatch, show } from './error.js';
import { integerFromJson, isJsonObject, type Json } from './json.js';
import { isObject } from './object.js';
import { type Reader, type Readers, wideReaders } from './readers.js';
import { describe, jsonForms, type Role } from './role.js';
import { type Accessor, AT, DATA, type InPlace, type Siblings, Type } from './type.js';
import { inner, viewPrototype } from './view.js';

/** A field of adjacent bits of a record, numbered as in its specification: bit 0 is bit 0 of byte 0. */
export interface BitField<N extends number | bigint = number | bigint> {
  readonly hi: number;
  readonly lo: number;
  readonly doc: string;
  readonly role: Role;
  /** The largest value. */
  readonly max: N;
  /** True if the value keeps its position in the word, as an address whose low bits are not stored. */
  readonly inPlace: boolean;
  /** The only valid value, if the specification has one. */
  readonly fixed?: N;
}

function checkRange(hi: number, lo: number, most: number): void {
  if (Number.isInteger(hi) && Number.isInteger(lo) && lo >= 0 && hi >= lo && hi - lo < most) return;
  throw new TypeError(`bits ${hi} to ${lo}: these must be 1 to ${most} bits`);
}

/**
 * A field of up to 32 bits, as a number.
 * @param hi highest bit, counted from the start of the record
 * @param lo lowest bit
 * @param of names of its values
 */
export function bits(hi: number, lo: number, doc: string, of?: Enumeration): BitField<number> {
  checkRange(hi, lo, 32);
  const role: Role = of === undefined ? { kind: 'number' } : { kind: 'enum', of };
  return { hi, lo, doc, role, max: 2 ** (hi - lo + 1) - 1, inPlace: false };
}

/** A field of up to 32 bits, as a number that is printed in hex. */
export function hexBits(hi: number, lo: number, doc: string): BitField<number> {
  return { ...bits(hi, lo, doc), role: { kind: 'hex' } };
}

/** A StreamID or a PCI requester ID. */
export function streamBits(hi: number, lo: number, doc: string): BitField<number> {
  return { ...bits(hi, lo, doc), role: { kind: 'stream' } };
}

/** A single bit, 0 or 1. */
export function bit(at: number, doc: string): BitField<number> {
  return bits(at, at, doc);
}

/** A field of up to 64 bits, as a bigint. */
export function wideBits(hi: number, lo: number, doc: string): BitField<bigint> {
  checkRange(hi, lo, 64);
  return { hi, lo, doc, role: { kind: 'hex' }, max: (1n << BigInt(hi - lo + 1)) - 1n, inPlace: false };
}

/**
 * An address of which the record stores only the upper bits. The value is the whole address, as a bigint, aligned to
 * 2 to the power of (`lo` modulo 64).
 */
export function addressBits(hi: number, lo: number, doc: string): BitField<bigint> {
  checkRange(hi, lo, 64);
  const shift = BigInt(lo % 64);
  const max = ((1n << BigInt(hi - lo + 1)) - 1n) << shift;
  return { hi, lo, doc, role: { kind: 'address' }, max, inPlace: true };
}

/** The fields of a record, by name. */
export type BitFields = Readonly<Record<string, BitField>>;
type NumberOf<F extends BitField> = F extends BitField<infer N> ? N : never;
/** The numbers of a record's fields. */
export type BitValues<B extends BitFields> = { -readonly [K in keyof B]: NumberOf<B[K]> };

/** How one field is read from and written to the narrowest aligned piece of memory that holds it. */
interface Slot {
  get(view: DataView, at: number): number | bigint;
  put(view: DataView, at: number, value: number | bigint): void;
}

// The functions of a slot close over parameters, not over constants. An engine then needs no check that they are initialised,
// and the functions stay small enough to be inlined always.

const byteSlot = (byte: number, shift: number, mask: number): Slot => ({
  get: (view, at) => (view.getUint8(at + byte) >>> shift) & mask,
  put: (view, at, value) =>
    view.setUint8(at + byte, (view.getUint8(at + byte) & ~(mask << shift)) | (Number(value) << shift)),
});

const halfSlot = (byte: number, shift: number, mask: number): Slot => ({
  get: (view, at) => (view.getUint16(at + byte, true) >>> shift) & mask,
  put: (view, at, value) => {
    const rest = view.getUint16(at + byte, true) & ~(mask << shift);
    view.setUint16(at + byte, rest | (Number(value) << shift), true);
  },
});

const wordSlot = (byte: number, shift: number, mask: number): Slot => ({
  get: (view, at) => (view.getUint32(at + byte, true) >>> shift) & mask,
  put: (view, at, value) => {
    const rest = view.getUint32(at + byte, true) & ~(mask << shift);
    view.setUint32(at + byte, rest | (Number(value) << shift), true);
  },
});

/** Bits up to the highest bit of a word: reading them needs no mask. */
const topSlot = (byte: number, shift: number, mask: number): Slot => ({
  get: (view, at) => view.getUint32(at + byte, true) >>> shift,
  put: wordSlot(byte, shift, mask).put,
});

const wholeByteSlot = (byte: number): Slot => ({
  get: (view, at) => view.getUint8(at + byte),
  put: (view, at, value) => view.setUint8(at + byte, Number(value)),
});

const wholeWordSlot = (byte: number): Slot => ({
  get: (view, at) => view.getUint32(at + byte, true),
  put: (view, at, value) => view.setUint32(at + byte, Number(value), true),
});

function numberSlot(hi: number, lo: number): Slot {
  const width = hi - lo + 1;
  const unit = [8, 16, 32].find((bits) => Math.floor(hi / bits) === Math.floor(lo / bits));
  if (unit === undefined) return straddlingSlot(hi, lo);
  const byte = Math.floor(lo / unit) * (unit / 8);
  const shift = lo % unit;
  if (width === 32) return wholeWordSlot(byte);
  const mask = (1 << width) - 1;
  if (unit === 8) return width === 8 ? wholeByteSlot(byte) : byteSlot(byte, shift, mask);
  if (unit === 16) return halfSlot(byte, shift, mask);
  return shift + width === 32 ? topSlot(byte, shift, mask) : wordSlot(byte, shift, mask);
}

/** A number whose bits lie in both halves of a 64-bit word. */
function straddlingSlot(hi: number, lo: number): Slot {
  const wide = bigintSlot(hi, lo, false);
  return {
    get: (view, at) => Number(wide.get(view, at)),
    put: (view, at, value) => wide.put(view, at, BigInt(value)),
  };
}

const wholeWideSlot = (byte: number): Slot => ({
  get: (view, at) => view.getBigUint64(at + byte, true),
  put: (view, at, value) => view.setBigUint64(at + byte, BigInt(value), true),
});

/** @param up number of bits by which the value is shifted left when it is stored */
const wideSlot = (byte: number, mask: bigint, up: bigint): Slot => ({
  get: (view, at) => (view.getBigUint64(at + byte, true) & mask) >> up,
  put: (view, at, value) => {
    const rest = view.getBigUint64(at + byte, true) & ~mask;
    view.setBigUint64(at + byte, rest | (BigInt(value) << up), true);
  },
});

function bigintSlot(hi: number, lo: number, inPlace: boolean): Slot {
  const byte = Math.floor(lo / 64) * 8;
  const shift = BigInt(lo % 64);
  const mask = ((1n << BigInt(hi - lo + 1)) - 1n) << shift;
  return mask === 0xffff_ffff_ffff_ffffn ? wholeWideSlot(byte) : wideSlot(byte, mask, inPlace ? 0n : shift);
}

/** A field with its name and its access to memory. */
export interface BitMember extends BitField {
  readonly name: string;
  readonly slot: Slot;
}

/** The readers of one member: of its value and, for a bigint, of its two halves of 32 bits. */
export function bitReaders({ name, hi, lo, max, inPlace, slot }: BitMember): [string, Reader][] {
  if (typeof max === 'number') return [[name, slot.get]];
  const whole: Reader<bigint> = (view, at) => slot.get(view, at) as bigint;
  if (!inPlace && lo % 64 !== 0) {
    const low: Reader<number> = (view, at) => Number(BigInt.asUintN(32, whole(view, at)));
    return wideReaders(name, whole, low, (view, at) => Number(whole(view, at) >> 32n));
  }
  const word = Math.floor(lo / 64) * 64;
  const bitsOf = (from: number): Reader<number> => {
    const [top, bottom] = [Math.min(hi, from + 31), Math.max(lo, from)];
    if (bottom > top) return () => 0;
    const { get } = numberSlot(top, bottom);
    const up = bottom - from;
    return up === 0 ? (get as Reader<number>) : (view, at) => (Number(get(view, at)) << up) >>> 0;
  };
  return wideReaders(name, whole, bitsOf(word), bitsOf(word + 32));
}

/** Bits `hi` to `lo` as specifications write them. */
export function bitRange({ hi, lo }: { readonly hi: number; readonly lo: number }): string {
  return hi === lo ? `[${hi}]` : `[${hi}:${lo}]`;
}

/** A record of bit fields in little-endian 64-bit words, or a register of 32 bits. */
export class BitStruct<B extends BitFields, O extends BitValues<B> = BitValues<B>> extends Type<
  O,
  Readonly<O>,
  O
> {
  readonly align: number;
  /** Fields in the order of their declaration. */
  readonly members: readonly BitMember[];
  /** For each 32-bit word of the record, a mask of the bits that no field covers. They must be zero. @internal */
  readonly unused: readonly number[];
  private shown: object | undefined = undefined;
  /** All fields with value zero. A copy of it has room for all fields from the start. */
  private readonly blank: Readonly<Record<string, number | bigint>>;

  constructor(
    readonly name: string,
    readonly description: string,
    readonly byteLength: number,
    readonly fields: B,
    code?: Compiled<O, Readonly<O>>,
  ) {
    super(code);
    if (byteLength !== 4 && (byteLength % 8 !== 0 || byteLength <= 0)) {
      throw new TypeError(`${name}: ${byteLength} bytes are neither 4 nor whole words of 8`);
    }
    this.align = Math.min(8, byteLength);
    this.members = Object.entries(fields).map(([key, field]) => this.member(key, field));
    this.unused = unusedBits(name, byteLength, this.members);
    this.blank = Object.fromEntries(
      this.members.map(({ name, max }) => [name, typeof max === 'bigint' ? 0n : 0]),
    );
  }

  /** The prototype of views. Created with the first view, because most programs view few types or none. */
  private get prototype(): object {
    this.shown ??= viewPrototype(
      this.members.map((member) => ({ name: member.name, ...memberAccessor(member) })),
    );
    return this.shown;
  }

  private member(name: string, field: BitField): BitMember {
    const { hi, lo, max, inPlace } = field;
    const word = this.align * 8;
    if (lo > hi || Math.floor(hi / word) !== Math.floor(lo / word) || hi >= this.byteLength * 8) {
      throw new TypeError(`${this.name}.${name}: ${bitRange(field)} is not within one word of the record`);
    }
    const slot = typeof max === 'bigint' ? bigintSlot(hi, lo, inPlace) : numberSlot(hi, lo);
    return { name, ...field, slot };
  }

  override read(view: DataView, at: number, _end: number, lenient: boolean): O {
    return this.compiled?.read(view, at) ?? this.readMembers(view, at, lenient);
  }

  private readMembers(view: DataView, at: number, lenient: boolean): O {
    if (!lenient) this.checkUnused(view, at);
    const value: Record<string, number | bigint> = { ...this.blank };
    for (const member of this.members) {
      const read = member.slot.get(view, at);
      if (!lenient && member.fixed !== undefined && read !== member.fixed) {
        throw new Mismatch(byteOf(member, at), show(member.fixed), show(read)).under(member.name);
      }
      value[member.name] = read;
    }
    // Each slot reads a number or a bigint, as its field is declared.
    return value as O;
  }

  private checkUnused(view: DataView, at: number): void {
    this.unused.forEach((mask, i) => {
      const wrong = view.getUint32(at + 4 * i, true) & mask;
      if (wrong === 0) return;
      const lowest = 32 * i + (31 - Math.clz32(wrong & -wrong));
      throw new Mismatch(at + Math.floor(lowest / 8), `zero in reserved bit ${lowest}`, '1');
    });
  }

  override write(view: DataView, at: number, value: Readonly<O>): void {
    if (!isObject(value)) {
      throw new Mismatch(at, `an object with the fields of ${this.name}`, show(value));
    }
    if (this.compiled?.write(view, at, value) === true) return;
    const values: Siblings = value;
    for (const key of Object.keys(values)) if (!Object.hasOwn(this.fields, key)) throw this.noField(key, at);
    bytesAt(view, at, this.byteLength).fill(0);
    for (const member of this.members) {
      const field = values[member.name];
      const problem = misfit(member, field);
      if (problem !== undefined)
        throw new Mismatch(byteOf(member, at), problem, show(field)).under(member.name);
      member.slot.put(view, at, field as number | bigint);
    }
  }

  override zeroFilled(value: unknown = {}): unknown {
    if (!isObject(value)) return value;
    const filled: Record<string, unknown> = { ...value };
    for (const [name, zero] of Object.entries(this.blank)) {
      if (filled[name] === undefined) filled[name] = zero;
    }
    return filled;
  }

  private noField(key: string, at: number): Mismatch {
    return new Mismatch(at, `a field of ${this.name}`, 'no such field').under(key);
  }

  override annotate(view: DataView, at: number, _end: number, context: Annotating, into: Annotation[]): void {
    const bitsPerWord = this.align * 8;
    for (let offset = 0; offset < this.byteLength; offset += this.align) {
      const lo = offset * 8;
      const hi = lo + bitsPerWord - 1;
      const bytes = bytesAt(view, at + offset, this.align);
      const members = this.members.filter((member) => member.lo >= lo && member.hi <= hi);
      const bits = members.sort((a, b) => b.lo - a.lo).map((member) => annotateBits(member, view, at));
      const extra = this.unused.slice(offset / 4, (offset + this.align) / 4);
      const wrong = extra.some((mask, i) => (view.getUint32(at + offset + 4 * i, true) & mask) !== 0);
      const word =
        this.align === 8 ? view.getBigUint64(at + offset, true) : view.getUint32(at + offset, true);
      into.push({
        kind: context.reserved ? 'reserved' : 'field',
        path: context.path + bitRange({ hi, lo }),
        offset: at + offset,
        bytes,
        type: this.name,
        text: `0x${word.toString(16).padStart(this.align * 2, '0')}`,
        doc: context.doc,
        direction: context.direction,
        bits,
        ...(wrong ? { problem: 'a reserved bit is set' } : reservedProblem(context.reserved, bytes)),
      });
    }
  }

  override toJson(value: O): Json {
    const json: Record<string, Json> = {};
    for (const { name } of this.members) {
      const field: number | bigint | undefined = value[name];
      if (field !== undefined) json[name] = typeof field === 'bigint' ? `0x${field.toString(16)}` : field;
    }
    return json;
  }

  override fromJson(json: Json, at: number): unknown {
    if (!isJsonObject(json)) throw new Mismatch(at, `an object with the fields of ${this.name}`, show(json));
    const values: Record<string, unknown> = {};
    for (const key of Object.keys(json)) if (!Object.hasOwn(this.fields, key)) throw this.noField(key, at);
    for (const member of this.members) {
      const field = json[member.name];
      if (field === undefined) continue;
      values[member.name] = inside(member.name, () => bitsFromJson(member, field, byteOf(member, at)));
    }
    return values;
  }

  override readers(): Readers {
    return new Map(this.members.flatMap(bitReaders));
  }

  override accessor(offset: number, key: string | number): Accessor<O> {
    const type = this;
    return {
      get(this: InPlace) {
        // The prototype has one accessor for each field of the declaration.
        return inner(type.prototype, this, offset, key) as O;
      },
    };
  }
}

const byteOf = ({ lo }: BitMember, at: number): number => at + Math.floor(lo / 8);

function bitsFromJson({ max, role }: BitMember, json: Json, at: number): number | bigint {
  const value = integerFromJson(json, role);
  if (value === undefined) throw new Mismatch(at, jsonForms(role), show(json));
  return typeof max === 'bigint' ? value : Number(value);
}

/** The expected value in words if `value` is invalid; undefined if it is valid. */
function misfit({ hi, lo, max, inPlace, fixed }: BitMember, value: unknown): string | undefined {
  if (fixed !== undefined) return value === fixed ? undefined : show(fixed);
  if (typeof max === 'number') {
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
    return fits ? undefined : `an integer from 0 to ${max}`;
  }
  const fits = typeof value === 'bigint' && value >= 0n && (inPlace ? (value & ~max) === 0n : value <= max);
  if (fits) return undefined;
  return inPlace
    ? `a bigint with bits ${bitRange({ hi: hi % 64, lo: lo % 64 })} only`
    : `a bigint from 0 to 0x${max.toString(16)}`;
}

function memberAccessor(member: BitMember): Accessor<unknown> {
  return accessorOf(member, member.slot.get, member.slot.put);
}

function accessorOf(member: BitMember, get: Slot['get'], put: Slot['put']): Accessor<unknown> {
  return {
    get(this: InPlace) {
      return get(this[DATA], this[AT]);
    },
    set(this: InPlace, value: unknown) {
      const problem = misfit(member, value);
      if (problem !== undefined) throw new Mismatch(byteOf(member, this[AT]), problem, show(value));
      put(this[DATA], this[AT], value as number | bigint);
    },
  };
}

function annotateBits(member: BitMember, view: DataView, at: number): BitAnnotation {
  const { name, hi, lo, doc, fixed } = member;
  const value = member.slot.get(view, at);
  const problem = fixed !== undefined && value !== fixed ? { problem: `must be ${fixed}` } : {};
  return { name, hi, lo, text: describe(value, member.role), doc, ...problem };
}

function unusedBits(name: string, byteLength: number, members: readonly BitMember[]): number[] {
  const unused = new Array<number>(byteLength / 4).fill(0xffff_ffff);
  for (const { name: field, hi, lo } of members) {
    for (let word = lo >>> 5; word <= hi >>> 5; word++) {
      const [top, bottom] = [Math.min(hi - 32 * word, 31), Math.max(lo - 32 * word, 0)];
      const mask = ((0xffff_ffff >>> (31 - top)) & (0xffff_ffff << bottom)) >>> 0;
      const left = unused[word] ?? 0;
      const taken = mask & ~left;
      if (taken !== 0) {
        const bit = 32 * word + 31 - Math.clz32(taken & -taken);
        throw new TypeError(`${name}.${field}: bit ${bit} is another field's`);
      }
      unused[word] = (left & ~mask) >>> 0;
    }
  }
  return unused;
}

/**
 * Declares a record of bit fields.
 * @param name the specification's name
 * @param byteLength 4, or a multiple of 8
 * @param options.code the export of the same name in the generated file beside the declaration, written by `pnpm compile`
 */
export function bitStruct<const B extends BitFields, O extends BitValues<B> = BitValues<B>>(
  name: string,
  description: string,
  byteLength: number,
  fields: B,
  options: { readonly code?: Generated<O, Readonly<O>> } = {},
): BitStruct<B, O> {
  return new BitStruct(name, description, byteLength, fields, options.code);
}

/** The mask of a field within the word (64 bits, or a register's 32) that holds it, as C headers define it. */
export function maskOf<B extends BitFields>(struct: BitStruct<B>, field: keyof B & string): bigint {
  const { hi, lo } = struct.fields[field] as BitField;
  return ((1n << BigInt(hi - lo + 1)) - 1n) << BigInt(lo % (struct.align * 8));
}
