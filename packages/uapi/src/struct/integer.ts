import { type Annotating, type Annotation, reservedProblem } from './annotation.js';
import { bytesAt } from './bytes.js';
import { Mismatch, show } from './error.js';
import { integerFromJson, type Json } from './json.js';
import type { Enumeration, FlagSet } from './enumeration.js';
import { describe, jsonForms, type ObjectKind, type Pointee, type Role } from './role.js';
import { type Accessor, AT, DATA, type InPlace, Type } from './type.js';

/** Range and access of an integer of one width. Little-endian, whatever the host's byte order. */
interface Access<N> {
  readonly name: string;
  readonly byteLength: number;
  readonly min: N;
  readonly max: N;
  get(view: DataView, at: number): N;
  put(view: DataView, at: number, value: N): void;
}

/** The base of integers of all widths: a range, a role, one annotation. */
export abstract class Integer<N extends number | bigint> extends Type<N, N, N> {
  readonly name: string;
  readonly byteLength: number;
  readonly align: number;
  readonly min: N;
  readonly max: N;

  constructor(
    protected readonly access: Access<N>,
    readonly role: Role,
  ) {
    super();
    this.name = access.name;
    this.byteLength = access.byteLength;
    this.align = access.byteLength;
    this.min = access.min;
    this.max = access.max;
  }

  /** True if JSON may give the value by name. */
  protected get hasNames(): boolean {
    return this.role.kind === 'flags' || this.role.kind === 'enum';
  }

  /** The same integer with a role. */
  abstract as(role: Role): Integer<N>;

  protected abstract fits(value: N): boolean;

  override read(view: DataView, at: number): N {
    return this.access.get(view, at);
  }

  override write(view: DataView, at: number, value: N): void {
    if (!this.fits(value)) throw this.wrong(at, value);
    this.access.put(view, at, value);
  }

  override zeroFilled(value: unknown = typeof this.min === 'bigint' ? 0n : 0): unknown {
    return value;
  }

  /** The value as text, by its role: a number, names of flags, the name of an enum's value. */
  format(value: N): string {
    return describe(value, this.role);
  }

  override annotate(view: DataView, at: number, _end: number, context: Annotating, into: Annotation[]): void {
    const bytes = bytesAt(view, at, this.byteLength);
    into.push({
      kind: context.reserved ? 'reserved' : 'field',
      path: context.path,
      offset: at,
      bytes,
      type: this.name,
      text: this.format(this.read(view, at)),
      doc: context.doc,
      direction: context.direction,
      ...reservedProblem(context.reserved, bytes),
    });
  }

  override accessor(offset: number): Accessor<N> {
    const type = this;
    const { get } = this.access;
    return {
      get(this: InPlace) {
        return get(this[DATA], this[AT] + offset);
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
export class SmallInteger extends Integer<number> {
  override as(role: Role): SmallInteger {
    return new SmallInteger(this.access, role);
  }

  protected override fits(value: number): boolean {
    return typeof value === 'number' && Number.isInteger(value) && value >= this.min && value <= this.max;
  }

  override fromJson(json: Json, at: number): number {
    const value = integerFromJson(json, this.role);
    if (value === undefined && typeof json === 'string' && this.hasNames)
      throw new Mismatch(at, jsonForms(this.role), show(json));
    if (value === undefined || value < this.min || value > this.max) throw this.wrong(at, value ?? json);
    return Number(value);
  }
}

/** An integer of 64 bits. */
export class BigInteger extends Integer<bigint> {
  override as(role: Role): BigInteger {
    return new BigInteger(this.access, role);
  }

  protected override fits(value: bigint): boolean {
    return typeof value === 'bigint' && value >= this.min && value <= this.max;
  }

  override fromJson(json: Json, at: number): bigint {
    const value = integerFromJson(json, this.role);
    if (value === undefined) throw new Mismatch(at, jsonForms(this.role), show(json));
    return value;
  }
}

const NUMBER: Role = { kind: 'number' };

/** An unsigned byte. */
export const u8: SmallInteger = new SmallInteger(
  {
    name: '__u8',
    byteLength: 1,
    min: 0,
    max: 0xff,
    get: (view, at) => view.getUint8(at),
    put: (view, at, value) => view.setUint8(at, value),
  },
  NUMBER,
);
/** A little-endian unsigned 16-bit integer. */
export const u16: SmallInteger = new SmallInteger(
  {
    name: '__u16',
    byteLength: 2,
    min: 0,
    max: 0xffff,
    get: (view, at) => view.getUint16(at, true),
    put: (view, at, value) => view.setUint16(at, value, true),
  },
  NUMBER,
);
/** A little-endian unsigned 32-bit integer. */
export const u32: SmallInteger = new SmallInteger(
  {
    name: '__u32',
    byteLength: 4,
    min: 0,
    max: 0xffff_ffff,
    get: (view, at) => view.getUint32(at, true),
    put: (view, at, value) => view.setUint32(at, value, true),
  },
  NUMBER,
);
/** A little-endian signed 32-bit integer. */
export const s32: SmallInteger = new SmallInteger(
  {
    name: '__s32',
    byteLength: 4,
    min: -0x8000_0000,
    max: 0x7fff_ffff,
    get: (view, at) => view.getInt32(at, true),
    put: (view, at, value) => view.setInt32(at, value, true),
  },
  NUMBER,
);
/** A little-endian unsigned 64-bit integer, as a bigint. */
export const u64: BigInteger = new BigInteger(
  {
    name: '__u64',
    byteLength: 8,
    min: 0n,
    max: 0xffff_ffff_ffff_ffffn,
    get: (view, at) => view.getBigUint64(at, true),
    put: (view, at, value) => view.setBigUint64(at, value, true),
  },
  NUMBER,
);

/** `size`, the first field of every iommufd struct: the size in bytes of the struct that the caller knows. */
export const structSize: SmallInteger = u32.as({ kind: 'size' });
/** The id of an object of one of these kinds, in the same iommufd context. */
export const objectId = (...of: readonly ObjectKind[]): SmallInteger => u32.as({ kind: 'id', of });
/** A 32-bit field of flags. */
export const flags = (set: FlagSet): SmallInteger => u32.as({ kind: 'flags', set });
/** A 64-bit field of flags. */
export const flags64 = (set: FlagSet): BigInteger => u64.as({ kind: 'flags', set });
/** A 32-bit field that holds a value of an enum. */
export const enumOf = (of: Enumeration): SmallInteger => u32.as({ kind: 'enum', of });
/** A pointer into the caller's memory. */
export const userPointer = (to: Pointee): BigInteger => u64.as({ kind: 'pointer', to });
/** An address that is not a pointer into the caller's memory: an IOVA, a guest-physical address. */
export const address: BigInteger = u64.as({ kind: 'address' });
