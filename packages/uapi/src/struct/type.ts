/// <reference path="./restructure.d.ts" />
import { Struct as RestructureStruct } from 'restructure';
import type { Annotation, Annotating } from './annotation.js';
import { bytesAt, type OwnBytes, viewOf } from './bytes.js';
import type { Compiled } from './compiled.js';
import { Mismatch, reporting, show } from './error.js';
import type { Json } from './json.js';
import { isObject } from './object.js';
import { KeptView } from './kept-view.js';
import type { Checker, Readers } from './readers.js';

/** What `decode` needs of a restructure stream. */
export interface ReadStream {
  readonly view: DataView;
  readonly length: number;
  pos: number;
}

/** What `encode` needs of a restructure stream. */
export interface WriteStream {
  readonly view: DataView;
  pos: number;
}

/** What every restructure type can do with a whole buffer. */
export interface RestructureType {
  fromBuffer(buffer: Uint8Array): unknown;
  toBuffer(value: unknown): Uint8Array;
}

// restructure does not export the class that its types share; it is the one that its Struct extends.
const Base = Object.getPrototypeOf(RestructureStruct) as abstract new () => RestructureType;

/** Which way a field's value travels: to the kernel, from it, both, or neither (hardware formats). */
export type Direction = 'in' | 'out' | 'inout' | 'none';

/** A member of a struct: its type and what the C header can only say in a comment. */
export interface Field<T extends AnyType = AnyType, Reserved extends boolean = boolean> {
  readonly type: T;
  readonly direction: Direction;
  /** One or two sentences: meaning, unit, range. */
  readonly doc: string;
  /** Must be zero: may be left out of a value that is encoded, and decodes as zero or not at all. */
  readonly reserved: Reserved;
}

/** Where a field's bytes are and what it is, as data. */
export interface FieldLayout {
  /** The C name; empty for an anonymous union. */
  readonly name: string;
  readonly offset: number;
  /** 0 for a flexible array. */
  readonly size: number;
  readonly type: AnyType;
  readonly direction: Direction;
  readonly doc: string;
  readonly reserved: boolean;
}

/** Any type, for code that handles declarations and not values. */
export type AnyType = Type<unknown, never, unknown>;

/** What decoding `T` gives. */
export type Decoded<T extends AnyType> = T['$decoded'];
/** What encoding `T` takes. */
export type Encodable<T extends AnyType> = Parameters<T['$encodable']>[0];
/** What an in-place view of `T` looks like. */
export type View<T extends AnyType> = T['$view'];

type Assignable = number | bigint;
/** Views of several things by name: numbers can be assigned, what is inside structs and arrays through them. */
export type Views<M extends Readonly<Record<string, AnyType>>> = {
  -readonly [K in keyof M as View<M[K]> extends Assignable ? K : never]: View<M[K]>;
} & { readonly [K in keyof M as View<M[K]> extends Assignable ? never : K]: View<M[K]> };

/** Slots of an in-place view: the bytes, and where in them the viewed thing starts. */
export const DATA = Symbol('data');
export const AT = Symbol('at');
/** And for its errors: the outermost type that is viewed, and the way from there. */
export const STRUCT = Symbol('struct');
export const KEYS = Symbol('keys');

/** The part of a view that its accessors read. */
export interface InPlace {
  readonly [DATA]: DataView;
  readonly [AT]: number;
  readonly [STRUCT]: string;
  readonly [KEYS]: Keys;
}

/** Names of fields and indexes of elements, outermost first. */
export type Keys = readonly (string | number)[];

/** How one field of a view reads and writes the buffer. */
export interface Accessor<V> {
  get(this: InPlace): V;
  set?(this: InPlace, value: V): void;
}

/** The values of the struct around a field, by name: one of them may tell which type the field has. */
export type Siblings = Readonly<Record<string, unknown>>;

/**
 * A piece of memory with a fixed layout. It is a restructure type (`decode`, `encode` and `size` are that
 * library's protocol, so these types stand in its arrays, structs and streams); what is read and written
 * underneath is a `DataView` at an offset, always little-endian, whatever the host's byte order.
 *
 * `Out` is what decoding gives, `In` what encoding takes (every `Out` is an `In`), `V` what a view shows.
 */
export abstract class Type<Out, In, V> extends Base {
  declare readonly $decoded: Out;
  // As a parameter, so that a type which takes less stands for one that takes more.
  declare readonly $encodable: (value: In) => void;
  declare readonly $view: V;

  /** The C name: `__u32`, `iommu_hwpt_alloc`, `__le64[2]`. */
  abstract readonly name: string;
  /** Size in bytes; for a type that ends in a flexible array, without it. */
  abstract readonly byteLength: number;
  /** Alignment in bytes. */
  abstract readonly align: number;
  /** Ends in an array without a length, which takes what the buffer has left. */
  readonly open: boolean = false;
  /** Quick code for the usual case. Only the declaration gives it. @internal */
  declare readonly compiled: Compiled<Out, In> | undefined;

  constructor(code?: Compiled<Out, In>) {
    super();
    // A property that cannot be written: what a codec does is settled where it is declared.
    Object.defineProperty(this, 'compiled', { value: code });
  }

  /**
   * Reads the value at `at`. The caller has made sure that `byteLength` bytes are there; `end` is where the
   * buffer ends, for what is longer than that; `siblings` are the fields of the struct around it so far.
   * @throws Mismatch
   * @internal
   */
  abstract read(view: DataView, at: number, end: number, lenient: boolean, siblings?: Siblings): Out;

  /**
   * Writes `value` at `at`, padding included.
   * @throws Mismatch for a value that does not fit; some bytes may then have been written.
   * @internal
   */
  abstract write(view: DataView, at: number, value: In, siblings?: Siblings): void;

  /**
   * `value` with zero for all that it lacks, so that `write` takes it. What has no place in the type stays, for `write`
   * to refuse.
   * @internal
   */
  abstract zeroFilled(value: unknown, siblings?: Siblings): unknown;

  /**
   * Appends what the bytes from `at` on are, without a gap. The caller has made sure that they are there.
   * @internal
   */
  abstract annotate(view: DataView, at: number, end: number, context: Annotating, into: Annotation[]): void;

  /**
   * The value as JSON: 64-bit numbers as `"0x…"`, raw bytes as hex.
   * @internal
   */
  abstract toJson(value: Out): Json;

  /**
   * The opposite of `toJson`, for a value that will be written at `at`.
   * @throws Mismatch for JSON of the wrong kind; ranges are left to `write`.
   * @internal
   */
  abstract fromJson(json: Json, at: number): unknown;

  /**
   * How a view reads and writes its part `key`, which is of this type and `offset` bytes from its start.
   * @internal
   */
  abstract accessor(offset: number, key: string | number): Accessor<V>;

  /**
   * How a view of nothing but this type shows it.
   * @internal
   */
  get whole(): Accessor<V> {
    return (this.wholeAccessor ??= this.accessor(0, ''));
  }

  private wholeAccessor: Accessor<V> | undefined;

  /**
   * How each field is read by itself, in place.
   * @internal
   */
  readers(): Readers {
    return new Map();
  }

  /**
   * Tells whether a strict read of a value would find nothing to refuse.
   * @internal
   */
  checker(): Checker {
    return (view, at) => {
      try {
        this.read(view, at, at + this.byteLength, false);
        return true;
      } catch (cause) {
        if (cause instanceof Mismatch) return false;
        throw cause;
      }
    };
  }

  /**
   * Bytes that `value` takes.
   * @internal
   */
  lengthOf(_value: In): number {
    return this.byteLength;
  }

  /**
   * Adds to `mismatch`, raised because only `available` bytes are there, which part is the first to suffer.
   * @internal
   */
  locate(_available: number, _keys: (string | number)[]): number {
    return 0;
  }

  /** The type inside arrays and structs of restructure: reads one value at the stream's position. */
  decode(stream: ReadStream): Out {
    return reporting(this.name, () => {
      const at = stream.pos;
      needs(this, at, stream.length);
      const value = this.read(stream.view, at, stream.length, false);
      stream.pos = at + this.lengthRead(stream.length - at);
      return value;
    });
  }

  /** The opposite of {@link decode}. Nothing is written if the value does not fit. */
  encode(stream: WriteStream, value: In): void {
    const bytes = reporting(this.name, () => {
      const encoded = encodedBytes(this, value);
      hasRoom(encoded.length, stream.pos, stream.view.byteLength);
      return encoded;
    });
    bytesAt(stream.view, stream.pos, bytes.length).set(bytes);
    stream.pos += bytes.length;
  }

  /** Bytes that `value` takes, or that the type takes at least, in restructure's protocol. */
  size(value?: In | null): number {
    return value === undefined || value === null ? this.byteLength : this.lengthOf(value);
  }

  /**
   * How many of `available` bytes a read takes.
   * @internal
   */
  lengthRead(available: number): number {
    return this.open ? available : this.byteLength;
  }

  /** A field that the program fills in and the kernel reads. */
  in(doc: string): Field<this, false> {
    return { type: this, direction: 'in', doc, reserved: false };
  }

  /** A field that the kernel fills in. */
  out(doc: string): Field<this, false> {
    return { type: this, direction: 'out', doc, reserved: false };
  }

  /** A field that the kernel reads and then overwrites. */
  inout(doc: string): Field<this, false> {
    return { type: this, direction: 'inout', doc, reserved: false };
  }

  /** A field of a format that hardware defines. */
  doc(doc: string): Field<this, false> {
    return { type: this, direction: 'none', doc, reserved: false };
  }
}

/** The bytes of `value` in a buffer of their own. @throws Mismatch */
export function encodedBytes<Out, In, V>(type: Type<Out, In, V>, value: In): OwnBytes {
  const quick = newlyEncoded(type, value);
  if (quick !== undefined) return quick;
  const length = type.lengthOf(value);
  // At full size first: what an older, shorter struct leaves out may be cut off only afterwards.
  const bytes = new Uint8Array(Math.max(length, type.byteLength));
  type.write(viewOf(bytes), 0, value);
  return bytes.length === length ? bytes : bytes.slice(0, length);
}

/** Is it a `Uint8Array` of this realm? What only inherits from it is none, and one of another realm is left to the declaration. */
function isOurs(bytes: Uint8Array): boolean {
  return ArrayBuffer.isView(bytes) && bytes instanceof Uint8Array;
}

/** What compiled code makes of a value, in a buffer of its own; undefined if it leaves that to the declaration. */
export function newlyEncoded<Out, In, V>(type: Type<Out, In, V>, value: In): OwnBytes | undefined {
  const { compiled, byteLength } = type;
  if (compiled === undefined || byteLength > BENCH_BYTES || !isObject(value)) return undefined;
  return compiled.write(benchView, 0, value) ? new Uint8Array(benchUpTo(byteLength)) : undefined;
}

/**
 * Has compiled code put a value into bytes that have room for it. Nothing is made on the way.
 * @returns whether that was done; if not, the value is left to the declaration, and nothing was written
 */
export function encodedQuickly<Out, In, V>(
  type: Type<Out, In, V>,
  value: In,
  bytes: Uint8Array,
  at: number,
): boolean {
  const { compiled, byteLength } = type;
  if (compiled === undefined || byteLength > BENCH_BYTES || !isObject(value)) return false;
  if (!isOurs(bytes) || !Number.isInteger(at) || at < 0 || byteLength > bytes.length - at) return false;
  const view = written.of(bytes);
  if (view !== undefined) return compiled.write(view, at, value);
  if (!compiled.write(benchView, 0, value)) return false;
  bytes.set(benchUpTo(byteLength), at);
  return true;
}

/** What compiled code makes of bytes; undefined if it leaves them to the declaration. */
export function decodedQuickly<Out, In, V>(type: Type<Out, In, V>, bytes: Uint8Array): Out | undefined {
  const { compiled, byteLength } = type;
  if (compiled === undefined || byteLength > BENCH_BYTES) return undefined;
  if (!isOurs(bytes) || bytes.length !== byteLength) return undefined;
  const view = seen.of(bytes);
  if (view !== undefined) return compiled.read(view, 0);
  // A class of its own may say any length; what is not copied would be what was there before.
  if (bytes[byteLength - 1] === undefined) return undefined;
  bench.set(bytes);
  return compiled.read(benchView, 0);
}

/**
 * Where small values are put together and taken apart: a view of one's own for each, and for bytes that the engine keeps
 * on its heap a buffer as well, would take several times as long as all the rest. No other code runs meanwhile.
 */
const BENCH_BYTES = 256;
const bench = new Uint8Array(BENCH_BYTES);
const benchView = new DataView(bench.buffer);

/** The beginning of the bench, by its length in bytes: as many as there are lengths of types in use. */
const beginnings: (Uint8Array<ArrayBuffer> | undefined)[] = Array.from({ length: BENCH_BYTES + 1 });

const seen = new KeptView();
const written = new KeptView();

function benchUpTo(length: number): Uint8Array<ArrayBuffer> {
  return (beginnings[length] ??= bench.subarray(0, length));
}

/** Throws unless `length` bytes fit from `at` to `end`. */
export function hasRoom(length: number, at: number, end: number): void {
  isOffset(at);
  if (length > end - at) throw new Mismatch(at, `room for ${length} bytes`, `${end - at}`);
}

function isOffset(at: number): void {
  if (!Number.isInteger(at) || at < 0) throw new Mismatch(at, 'an offset of 0 or more', show(at));
}

/** Throws, naming the first field that does not fit, unless the bytes from `at` to `end` hold a `type`. */
export function needs(type: AnyType, at: number, end: number): void {
  isOffset(at);
  const available = end - at;
  if (available >= type.byteLength) return;
  const keys: (string | number)[] = [];
  const offset = type.locate(available, keys);
  const mismatch = new Mismatch(at + offset, `${type.byteLength} bytes in all`, `${Math.max(available, 0)}`);
  mismatch.keys.push(...keys);
  throw mismatch;
}

/** A field that must be zero. */
export function reserved<T extends AnyType>(type: T): Field<T, true> {
  return { type, direction: 'in', doc: 'Must be zero.', reserved: true };
}
