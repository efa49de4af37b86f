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

/** The part of a restructure stream that `decode` uses. */
export interface ReadStream {
  readonly view: DataView;
  readonly length: number;
  pos: number;
}

/** The part of a restructure stream that `encode` uses. */
export interface WriteStream {
  readonly view: DataView;
  pos: number;
}

/** The methods of every restructure type that handle a whole buffer. */
export interface RestructureType {
  fromBuffer(buffer: Uint8Array): unknown;
  toBuffer(value: unknown): Uint8Array;
}

// restructure does not export the base class of its types. It is the class that its Struct extends.
const Base = Object.getPrototypeOf(RestructureStruct) as abstract new () => RestructureType;

/** The direction of a field: set by the caller, set by the kernel, both, or none (hardware formats). */
export type Direction = 'in' | 'out' | 'inout' | 'none';

/** A member of a struct: its type, and what a C header can state only in a comment. */
export interface Field<T extends AnyType = AnyType, Reserved extends boolean = boolean> {
  readonly type: T;
  readonly direction: Direction;
  /** One or two sentences: meaning, unit, range. */
  readonly doc: string;
  /** True if it must be zero: encoding may omit it, and strict decoding fails if it is not zero. */
  readonly reserved: Reserved;
}

/** The layout of one field, as data. */
export interface FieldLayout {
  /** The C name; empty for an anonymous union. */
  readonly name: string;
  readonly offset: number;
  /** In bytes; 0 for a flexible array. */
  readonly size: number;
  readonly type: AnyType;
  readonly direction: Direction;
  readonly doc: string;
  readonly reserved: boolean;
}

/** A type with any values, for code that handles declarations. */
export type AnyType = Type<unknown, never, unknown>;

/** The decoded value of `T`. */
export type Decoded<T extends AnyType> = T['$decoded'];
/** The input of encoding a `T`. */
export type Encodable<T extends AnyType> = Parameters<T['$encodable']>[0];
/** The in-place view of a `T`. */
export type View<T extends AnyType> = T['$view'];

type Assignable = number | bigint;
/** The views of several types, by name. Numbers can be assigned; structs and arrays only through their own members. */
export type Views<M extends Readonly<Record<string, AnyType>>> = {
  -readonly [K in keyof M as View<M[K]> extends Assignable ? K : never]: View<M[K]>;
} & { readonly [K in keyof M as View<M[K]> extends Assignable ? never : K]: View<M[K]> };

/** The key of a view's buffer. */
export const DATA = Symbol('data');
/** The key of a view's offset in its buffer, in bytes. */
export const AT = Symbol('at');
/** The key of the name of the outermost viewed type, for errors. */
export const STRUCT = Symbol('struct');
/** The key of the path from the outermost viewed type, for errors. */
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

/** The values of the struct that contains a field, by name. A tagged union reads its tag from them. */
export type Siblings = Readonly<Record<string, unknown>>;

/**
 * A memory layout. It is a restructure type: `decode`, `encode` and `size` are that library's protocol, so these types
 * work in its arrays, structs and streams. The implementation reads and writes a `DataView` at an offset, always
 * little-endian, whatever the host's byte order.
 *
 * `Out` is the decoded value, `In` the input of encoding (every `Out` is an `In`), `V` the in-place view.
 */
export abstract class Type<Out, In, V> extends Base {
  declare readonly $decoded: Out;
  // `In` as a parameter makes the type contravariant in it.
  declare readonly $encodable: (value: In) => void;
  declare readonly $view: V;

  /** The C name: `__u32`, `iommu_hwpt_alloc`, `__le64[2]`. */
  abstract readonly name: string;
  /** Size in bytes, without a flexible array at the end. */
  abstract readonly byteLength: number;
  /** Alignment in bytes. */
  abstract readonly align: number;
  /** True if it ends in an array without a length, which extends to the end of the buffer. */
  readonly open: boolean = false;
  /** Compiled code for the common case, if the declaration has it. @internal */
  declare readonly compiled: Compiled<Out, In> | undefined;

  constructor(code?: Compiled<Out, In>) {
    super();
    // Not writable: only the declaration chooses the code of a type.
    Object.defineProperty(this, 'compiled', { value: code });
  }

  /**
   * Reads the value at `at`. The caller has checked that the buffer has `byteLength` bytes there.
   * @param end the end of the value: for an open type, the end of its flexible array
   * @param siblings the fields of the containing struct that were read before
   * @throws Mismatch
   * @internal
   */
  abstract read(view: DataView, at: number, end: number, lenient: boolean, siblings?: Siblings): Out;

  /**
   * Writes `value` at `at`, padding included.
   * @throws Mismatch if the value is invalid; some bytes may have been written by then
   * @internal
   */
  abstract write(view: DataView, at: number, value: In, siblings?: Siblings): void;

  /**
   * `value` with zero for its missing parts, for `write`. Unknown parts are kept, so that `write` refuses them.
   * @internal
   */
  abstract zeroFilled(value: unknown, siblings?: Siblings): unknown;

  /**
   * Appends annotations of the bytes from `at`, without gaps. The caller has checked that the buffer has them.
   * @internal
   */
  abstract annotate(view: DataView, at: number, end: number, context: Annotating, into: Annotation[]): void;

  /**
   * The value as JSON: 64-bit numbers as `"0x…"`, raw bytes as hex.
   * @internal
   */
  abstract toJson(value: Out): Json;

  /**
   * The inverse of `toJson`, for a value that will be written at `at`.
   * @throws Mismatch if the JSON is of the wrong kind. `write` checks missing fields and most ranges.
   * @internal
   */
  abstract fromJson(json: Json, at: number): unknown;

  /**
   * The accessor of a view's part `key`, which is of this type and `offset` bytes from the start of the view.
   * @internal
   */
  abstract accessor(offset: number, key: string | number): Accessor<V>;

  /**
   * The accessor of a view that has this type as a whole.
   * @internal
   */
  get whole(): Accessor<V> {
    return (this.wholeAccessor ??= this.accessor(0, ''));
  }

  private wholeAccessor: Accessor<V> | undefined;

  /**
   * Readers of the single fields, in place.
   * @internal
   */
  readers(): Readers {
    return new Map();
  }

  /**
   * A function that returns true if a strict read accepts the value.
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
   * Size in bytes of `value` when encoded.
   * @internal
   */
  lengthOf(_value: In): number {
    return this.byteLength;
  }

  /**
   * Finds the first part that is not complete within `available` bytes, and appends the path to it to `_keys`.
   * @returns the offset of the part
   * @internal
   */
  locate(_available: number, _keys: (string | number)[]): number {
    return 0;
  }

  /** Reads one value at the stream's position. restructure calls it for types in its arrays and structs. */
  decode(stream: ReadStream): Out {
    return reporting(this.name, () => {
      const at = stream.pos;
      needs(this, at, stream.length);
      const value = this.read(stream.view, at, stream.length, false);
      stream.pos = at + this.lengthRead(stream.length - at);
      return value;
    });
  }

  /** Writes one value at the stream's position. Nothing is written if the value is invalid. */
  encode(stream: WriteStream, value: In): void {
    const bytes = reporting(this.name, () => {
      const encoded = encodedBytes(this, value);
      hasRoom(encoded.length, stream.pos, stream.view.byteLength);
      return encoded;
    });
    bytesAt(stream.view, stream.pos, bytes.length).set(bytes);
    stream.pos += bytes.length;
  }

  /** Size in bytes of `value` when encoded; without a value, the minimum. Part of restructure's protocol. */
  size(value?: In | null): number {
    return value === undefined || value === null ? this.byteLength : this.lengthOf(value);
  }

  /**
   * The number of the `available` bytes that a read consumes.
   * @internal
   */
  lengthRead(available: number): number {
    return this.open ? available : this.byteLength;
  }

  /** A field that the caller sets and the kernel reads. */
  in(doc: string): Field<this, false> {
    return { type: this, direction: 'in', doc, reserved: false };
  }

  /** A field that the kernel sets. */
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

/** Encodes `value` into a new buffer. @throws Mismatch if the value is invalid */
export function encodedBytes<Out, In, V>(type: Type<Out, In, V>, value: In): OwnBytes {
  const quick = newlyEncoded(type, value);
  if (quick !== undefined) return quick;
  const length = type.lengthOf(value);
  // At full size first: `write` needs the room, and the part that an older, shorter struct lacks is cut off afterwards.
  const bytes = new Uint8Array(Math.max(length, type.byteLength));
  type.write(viewOf(bytes), 0, value);
  return bytes.length === length ? bytes : bytes.slice(0, length);
}

/** True for a `Uint8Array` of this realm. Those of another realm are left to the generic codec. */
function isOurs(bytes: Uint8Array): boolean {
  return ArrayBuffer.isView(bytes) && bytes instanceof Uint8Array;
}

/** Encodes `value` into a new buffer by compiled code; undefined if the generic codec must do it. */
export function newlyEncoded<Out, In, V>(type: Type<Out, In, V>, value: In): OwnBytes | undefined {
  const { compiled, byteLength } = type;
  if (compiled === undefined || byteLength > BENCH_BYTES || !isObject(value)) return undefined;
  return compiled.write(benchView, 0, value) ? new Uint8Array(benchUpTo(byteLength)) : undefined;
}

/**
 * Encodes `value` into `bytes` at `at` by compiled code, without an allocation.
 * @returns true if done; false, with nothing written, if the generic codec must do it
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

/** Decodes `bytes` by compiled code; undefined if the generic codec must do it. */
export function decodedQuickly<Out, In, V>(type: Type<Out, In, V>, bytes: Uint8Array): Out | undefined {
  const { compiled, byteLength } = type;
  if (compiled === undefined || byteLength > BENCH_BYTES) return undefined;
  if (!isOurs(bytes) || bytes.length !== byteLength) return undefined;
  const view = seen.of(bytes);
  if (view !== undefined) return compiled.read(view, 0);
  // A subclass may report any length. Without this check, bytes of an earlier value in `bench` would be decoded.
  if (bytes[byteLength - 1] === undefined) return undefined;
  bench.set(bytes);
  return compiled.read(benchView, 0);
}

/**
 * A scratch buffer in which small values are encoded and decoded. Creating a `DataView` for each value takes several times as
 * long as the codec; for bytes that the engine keeps on its heap it also allocates their buffer. No other code runs between
 * a write to the scratch buffer and its use.
 */
const BENCH_BYTES = 256;
const bench = new Uint8Array(BENCH_BYTES);
const benchView = new DataView(bench.buffer);

/** Prefixes of `bench`, by length in bytes. Created on demand: one for each size of a type in use. */
const beginnings: (Uint8Array<ArrayBuffer> | undefined)[] = Array.from({ length: BENCH_BYTES + 1 });

const seen = new KeptView();
const written = new KeptView();

function benchUpTo(length: number): Uint8Array<ArrayBuffer> {
  return (beginnings[length] ??= bench.subarray(0, length));
}

/** @throws Mismatch if fewer than `length` bytes lie between `at` and `end` */
export function hasRoom(length: number, at: number, end: number): void {
  isOffset(at);
  if (length > end - at) throw new Mismatch(at, `room for ${length} bytes`, `${end - at}`);
}

function isOffset(at: number): void {
  if (!Number.isInteger(at) || at < 0) throw new Mismatch(at, 'an offset of 0 or more', show(at));
}

/** @throws Mismatch if the bytes from `at` to `end` are too few for `type`; it names the first field that is cut off */
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
