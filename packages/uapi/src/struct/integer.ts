import { type Annotating, type Annotation, reservedProblem } from './annotation.js';
import { bytesAt } from './bytes.js';
import { Mismatch, show } from './error.js';
import { integerFromJson, type Json } from './json.js';
import { type Enumeration, type FlagSet } from './enumeration.js';
import { describe, type ObjectKind, type Pointee, type Role } from './role.js';
import { type Accessor, AT, DATA, type InPlace, Type } from './type.js';

/** What integers of all widths share: a range, a role, one annotation. */
export abstract class Integer<N extends number | bigint> extends Type<N, N, N> {
  readonly align: number;

  constructor(
    readonly name: string,
    readonly byteLength: number,
    readonly min: N,
    readonly max: N,
    readonly role: Role,
  ) {
    super();
    this.align = byteLength;
  }

  /** Throws unless `value`, to be written at `at`, is of this type's kind and range. */
  protected abstract check(value: N, at: number): void;
  abstract override read(view: DataView, at: number): N;
  protected abstract put(view: DataView, at: number, value: N): void;

  override write(view: DataView, at: number, value: N): void {
    this.check(value, at);
    this.put(view, at, value);
  }

  override annotate(view: DataView, at: number, _end: number, context: Annotating, into: Annotation[]): void {
    const bytes = bytesAt(view, at, this.byteLength);
    into.push({
      kind: context.reserved ? 'reserved' : 'field',
      path: context.path,
      offset: at,
      bytes,
      type: this.name,
      text: describe(this.read(view, at), this.role),
      doc: context.doc,
      direction: context.direction,
      ...reservedProblem(context.reserved, bytes),
    });
  }

  override accessor(offset: number): Accessor<N> {
    const type = this;
    return {
      get(this: InPlace) {
        return type.read(this[DATA], this[AT] + offset);
      },
      set(this: InPlace, value: N) {
        type.write(this[DATA], this[AT] + offset, value);
      },
    };
  }

  override toJson(value: N): Json {
    return typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
  }

  protected wrong(at: number, value: unknown): Mismatch {
    const what = typeof this.min === 'bigint' ? 'a bigint' : 'an integer';
    return new Mismatch(at, `${what} from ${this.min} to ${this.max}`, show(value));
  }
}

/** An integer that a JavaScript number holds exactly. */
abstract class SmallInteger extends Integer<number> {
  /** The same integer with a meaning. */
  abstract as(role: Role): SmallInteger;

  protected override check(value: number, at: number): void {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < this.min || value > this.max) {
      throw this.wrong(at, value);
    }
  }

  override fromJson(json: Json, at: number): number {
    const value = integerFromJson(json);
    if (value === undefined || value < this.min || value > this.max) throw this.wrong(at, value ?? json);
    return Number(value);
  }
}

class U8 extends SmallInteger {
  constructor(role: Role = { kind: 'number' }) {
    super('__u8', 1, 0, 0xff, role);
  }
  override as(role: Role): U8 {
    return new U8(role);
  }
  override read(view: DataView, at: number): number {
    return view.getUint8(at);
  }
  protected override put(view: DataView, at: number, value: number): void {
    view.setUint8(at, value);
  }
}

class U16 extends SmallInteger {
  constructor(role: Role = { kind: 'number' }) {
    super('__u16', 2, 0, 0xffff, role);
  }
  override as(role: Role): U16 {
    return new U16(role);
  }
  override read(view: DataView, at: number): number {
    return view.getUint16(at, true);
  }
  protected override put(view: DataView, at: number, value: number): void {
    view.setUint16(at, value, true);
  }
}

class U32 extends SmallInteger {
  constructor(role: Role = { kind: 'number' }) {
    super('__u32', 4, 0, 0xffff_ffff, role);
  }
  override as(role: Role): U32 {
    return new U32(role);
  }
  override read(view: DataView, at: number): number {
    return view.getUint32(at, true);
  }
  protected override put(view: DataView, at: number, value: number): void {
    view.setUint32(at, value, true);
  }
}

class S32 extends SmallInteger {
  constructor(role: Role = { kind: 'number' }) {
    super('__s32', 4, -0x8000_0000, 0x7fff_ffff, role);
  }
  override as(role: Role): S32 {
    return new S32(role);
  }
  override read(view: DataView, at: number): number {
    return view.getInt32(at, true);
  }
  protected override put(view: DataView, at: number, value: number): void {
    view.setInt32(at, value, true);
  }
}

class U64 extends Integer<bigint> {
  constructor(role: Role = { kind: 'number' }) {
    super('__u64', 8, 0n, 0xffff_ffff_ffff_ffffn, role);
  }
  as(role: Role): U64 {
    return new U64(role);
  }
  override read(view: DataView, at: number): bigint {
    return view.getBigUint64(at, true);
  }
  protected override put(view: DataView, at: number, value: bigint): void {
    view.setBigUint64(at, value, true);
  }
  protected override check(value: bigint, at: number): void {
    if (typeof value !== 'bigint' || value < 0n || value > this.max) throw this.wrong(at, value);
  }
  override fromJson(json: Json, at: number): bigint {
    const value = integerFromJson(json);
    if (value === undefined) throw new Mismatch(at, 'a number, or "0x…"', show(json));
    return value;
  }
}

/** An unsigned byte. */
export const u8: U8 = new U8();
/** A little-endian unsigned 16-bit integer. */
export const u16: U16 = new U16();
/** A little-endian unsigned 32-bit integer. */
export const u32: U32 = new U32();
/** A little-endian signed 32-bit integer. */
export const s32: S32 = new S32();
/** A little-endian unsigned 64-bit integer, as a bigint. */
export const u64: U64 = new U64();

export type { U8, U16, U32, S32, U64 };

/** The `size` that begins every struct of iommufd: bytes of it that the caller knows. */
export const structSize: U32 = u32.as({ kind: 'size' });
/** The id of an object in the same context. */
export const objectId = (...of: readonly ObjectKind[]): U32 => u32.as({ kind: 'id', of });
/** A 32-bit field of flags. */
export const flags = (set: FlagSet): U32 => u32.as({ kind: 'flags', set });
/** A 64-bit field of flags. */
export const flags64 = (set: FlagSet): U64 => u64.as({ kind: 'flags', set });
/** A 32-bit field that holds a value of an enum. */
export const enumOf = (of: Enumeration): U32 => u32.as({ kind: 'enum', of });
/** A pointer into the caller's memory. */
export const userPointer = (to: Pointee): U64 => u64.as({ kind: 'pointer', to });
/** An address that is no pointer of the caller's: an IOVA, a guest-physical address. */
export const address: U64 = u64.as({ kind: 'address' });
