import { type Annotation, type Annotating } from './annotation.js';
import { type Compiled } from './compiled.js';
import { type Json } from './json.js';
import { type Checker, type Readers } from './readers.js';
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
declare const Base: abstract new () => RestructureType;
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
} & {
    readonly [K in keyof M as View<M[K]> extends Assignable ? never : K]: View<M[K]>;
};
/** Slots of an in-place view: the bytes, and where in them the viewed thing starts. */
export declare const DATA: unique symbol;
export declare const AT: unique symbol;
/** And for its errors: the outermost type that is viewed, and the way from there. */
export declare const STRUCT: unique symbol;
export declare const KEYS: unique symbol;
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
export declare abstract class Type<Out, In, V> extends Base {
    readonly $decoded: Out;
    readonly $encodable: (value: In) => void;
    readonly $view: V;
    /** The C name: `__u32`, `iommu_hwpt_alloc`, `__le64[2]`. */
    abstract readonly name: string;
    /** Size in bytes; for a type that ends in a flexible array, without it. */
    abstract readonly byteLength: number;
    /** Alignment in bytes. */
    abstract readonly align: number;
    /** Ends in an array without a length, which takes what the buffer has left. */
    readonly open: boolean;
    /** Quick code for the usual case. @internal */
    compiled: Compiled<Out, In> | undefined;
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
     * How each field is read by itself, in place.
     * @internal
     */
    readers(): Readers;
    /**
     * Tells whether a strict read of a value would find nothing to refuse.
     * @internal
     */
    checker(): Checker;
    /**
     * Bytes that `value` takes.
     * @internal
     */
    lengthOf(_value: In): number;
    /**
     * Adds to `mismatch`, raised because only `available` bytes are there, which part is the first to suffer.
     * @internal
     */
    locate(_available: number, _keys: (string | number)[]): number;
    /** The type inside arrays and structs of restructure: reads one value at the stream's position. */
    decode(stream: ReadStream): Out;
    /** The opposite of {@link decode}. Nothing is written if the value does not fit. */
    encode(stream: WriteStream, value: In): void;
    /** Bytes that `value` takes, or that the type takes at least, in restructure's protocol. */
    size(value?: In | null): number;
    /**
     * How many of `available` bytes a read takes.
     * @internal
     */
    lengthRead(available: number): number;
    /** A field that the program fills in and the kernel reads. */
    in(doc: string): Field<this, false>;
    /** A field that the kernel fills in. */
    out(doc: string): Field<this, false>;
    /** A field that the kernel reads and then overwrites. */
    inout(doc: string): Field<this, false>;
    /** A field of a format that hardware defines. */
    doc(doc: string): Field<this, false>;
}
/** The bytes of `value` in a buffer of their own. @throws Mismatch */
export declare function encodedBytes<Out, In, V>(type: Type<Out, In, V>, value: In): Uint8Array<ArrayBuffer>;
/** Throws unless `length` bytes fit from `at` to `end`. */
export declare function hasRoom(length: number, at: number, end: number): void;
/** Throws, naming the first field that does not fit, unless the bytes from `at` to `end` hold a `type`. */
export declare function needs(type: AnyType, at: number, end: number): void;
/** A field that must be zero. */
export declare function reserved<T extends AnyType>(type: T): Field<T, true>;
export {};
//# sourceMappingURL=type.d.ts.map