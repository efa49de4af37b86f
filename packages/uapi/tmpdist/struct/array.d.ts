import { type Annotating, type Annotation } from './annotation.js';
import { type Json } from './json.js';
import { type Accessor, type InPlace, Type } from './type.js';
/** An array in place: `get` and `set` go to the buffer. */
export declare class ArrayView<V> implements Iterable<V> {
    private readonly place;
    /** Elements. */
    readonly length: number;
    private readonly element;
    constructor(place: InPlace, 
    /** Elements. */
    length: number, element: (index: number) => Accessor<V>);
    /** The element at `index`; a view of it where it is a struct. @throws RangeError */
    get(index: number): V;
    /** Writes the element at `index`, a number. @throws RangeError | StructError */
    set(index: number, value: V): void;
    [Symbol.iterator](): Generator<V>;
    private accessor;
}
/** What arrays of fixed and of open length do alike: `count` elements from `at` on. */
declare abstract class Elements<Out, In, V> extends Type<Out[], readonly In[], ArrayView<V>> {
    readonly element: Type<Out, In, V>;
    readonly align: number;
    constructor(element: Type<Out, In, V>);
    protected readCount(view: DataView, at: number, count: number, lenient: boolean): Out[];
    write(view: DataView, at: number, values: readonly In[]): void;
    protected annotateCount(view: DataView, at: number, count: number, context: Annotating, into: Annotation[]): void;
    protected viewCount(offset: number, key: string | number, count: (place: InPlace) => number): Accessor<ArrayView<V>>;
    toJson(values: Out[]): Json;
    fromJson(json: Json, at: number): unknown[];
}
/** A C array of fixed length. */
export declare class ArrayType<Out, In, V> extends Elements<Out, In, V> {
    readonly length: number;
    readonly name: string;
    readonly byteLength: number;
    constructor(element: Type<Out, In, V>, length: number);
    read(view: DataView, at: number, _end: number, lenient: boolean): Out[];
    write(view: DataView, at: number, values: readonly In[]): void;
    annotate(view: DataView, at: number, _end: number, context: Annotating, into: Annotation[]): void;
    accessor(offset: number, key: string | number): Accessor<ArrayView<V>>;
    locate(available: number, keys: (string | number)[]): number;
}
/** A C array without a length at the end of a struct: as many elements as the buffer has room for. */
export declare class FlexibleArray<Out, In, V> extends Elements<Out, In, V> {
    readonly name: string;
    readonly byteLength = 0;
    readonly open = true;
    constructor(element: Type<Out, In, V>);
    private count;
    read(view: DataView, at: number, end: number, lenient: boolean): Out[];
    write(view: DataView, at: number, values: readonly In[]): void;
    annotate(view: DataView, at: number, end: number, context: Annotating, into: Annotation[]): void;
    accessor(offset: number, key: string | number): Accessor<ArrayView<V>>;
    lengthOf(values: readonly In[]): number;
}
/** Bytes without an inner form; of any number at the end of a struct, of a fixed number elsewhere. */
export declare class RawBytes extends Type<Uint8Array, Uint8Array, Uint8Array> {
    readonly length: number | undefined;
    readonly name: string;
    readonly align = 1;
    readonly byteLength: number;
    readonly open: boolean;
    constructor(length: number | undefined);
    read(view: DataView, at: number, end: number): Uint8Array;
    write(view: DataView, at: number, value: Uint8Array): void;
    annotate(view: DataView, at: number, end: number, context: Annotating, into: Annotation[]): void;
    accessor(offset: number): Accessor<Uint8Array>;
    toJson(value: Uint8Array): Json;
    fromJson(json: Json, at: number): Uint8Array;
    lengthOf(value: Uint8Array): number;
}
/** `element name[length]`. */
export declare function array<Out, In, V>(element: Type<Out, In, V>, length: number): ArrayType<Out, In, V>;
/** `element name[]`, the last member of a struct. */
export declare function flexible<Out, In, V>(element: Type<Out, In, V>): FlexibleArray<Out, In, V>;
/** `__u8 name[]`, the last member of a struct, as a `Uint8Array`. */
export declare const flexibleBytes: RawBytes;
export {};
//# sourceMappingURL=array.d.ts.map