import { type Annotating, type Annotation } from './annotation.js';
import { type Json } from './json.js';
import { type Readers } from './readers.js';
import { type Accessor, type AnyType, type Decoded, type Encodable, type Field, type FieldLayout, Type, type Views } from './type.js';
/** The members of a struct in order; the key `''` is an anonymous union. */
export type Fields = Readonly<Record<string, Field>>;
/** Flattens an intersection, so that editors show the fields. */
export type Simplify<T> = T extends unknown ? {
    [K in keyof T]: T[K];
} : never;
type Anonymous<F extends Fields, What extends '$decoded' | '$encodable' | '$view'> = F extends {
    readonly '': Field<infer U>;
} ? What extends '$encodable' ? Encodable<U> : U[What] : unknown;
/** What decoding these fields gives. */
export type DecodedFields<F extends Fields> = Simplify<{
    -readonly [K in keyof F as K extends '' ? never : K]: Decoded<F[K]['type']>;
} & Anonymous<F, '$decoded'>>;
/** What encoding these fields takes: reserved ones may be left out. */
export type EncodableFields<F extends Fields> = Simplify<{
    readonly [K in keyof F as K extends '' ? never : IfReserved<F[K], never, K>]: Encodable<F[K]['type']>;
} & {
    readonly [K in keyof F as IfReserved<F[K], K, never>]?: Encodable<F[K]['type']>;
} & Anonymous<F, '$encodable'>>;
type IfReserved<T extends Field, Then, Else> = T extends Field<AnyType, true> ? Then : Else;
/** These fields in place. */
export type FieldsView<F extends Fields> = Simplify<Views<{
    [K in keyof F as K extends '' ? never : K]: F[K]['type'];
}> & Anonymous<F, '$view'>>;
interface Member extends FieldLayout {
    /** Zero bytes between this member's end and the next one's start, or the struct's end. */
    readonly padding: number;
    /** Added to the struct after it was first released: an older, shorter struct does not have it. */
    readonly added: boolean;
}
/** What decoding a struct gives; fields that were added later may be absent. */
export type DecodedStruct<F extends Fields, A extends Fields> = Simplify<DecodedFields<F> & Partial<DecodedFields<A>>>;
/** What encoding a struct takes. */
export type EncodableStruct<F extends Fields, A extends Fields> = Simplify<EncodableFields<F> & Partial<EncodableFields<A>>>;
/** A struct in place. */
export type StructView<F extends Fields, A extends Fields> = Simplify<FieldsView<F> & FieldsView<A>>;
/** A C struct: its layout follows from the fields' types by the rules of the System V ABI. */
export declare class Struct<F extends Fields, A extends Fields> extends Type<DecodedStruct<F, A>, EncodableStruct<F, A>, StructView<F, A>> {
    readonly name: string;
    readonly description: string;
    readonly byteLength: number;
    readonly align: number;
    readonly open: boolean;
    /** The fields in order, as data. */
    readonly members: readonly Member[];
    /** Size of the oldest version of the struct: without the fields that were added later. */
    readonly minByteLength: number;
    /** What its first field says: the size of the struct that the caller knows, by iommufd's rules or by VFIO's. */
    readonly sized: 'size' | 'argsz' | undefined;
    private readonly keys;
    private readonly prototype;
    constructor(name: string, description: string, fields: F, added: A);
    read(view: DataView, at: number, end: number, lenient: boolean): DecodedStruct<F, A>;
    private readMembers;
    private mustBeZero;
    write(view: DataView, at: number, value: EncodableStruct<F, A>): void;
    private checked;
    /**
     * Bytes that a value describes: the whole struct, or an older one where its first field says so and every field that
     * the older one lacks is absent.
     */
    private lengthDescribed;
    lengthOf(value: EncodableStruct<F, A>): number;
    locate(available: number, keys: (string | number)[]): number;
    annotate(view: DataView, at: number, end: number, context: Annotating, into: Annotation[]): void;
    /** Annotates the members that end within the first `size` bytes. */
    annotateUpTo(size: number, view: DataView, at: number, end: number, context: Annotating, into: Annotation[]): void;
    toJson(value: DecodedStruct<F, A>): Json;
    fromJson(json: Json, at: number): unknown;
    readers(): Readers;
    private noField;
    accessor(offset: number, key: string | number): Accessor<StructView<F, A>>;
}
/**
 * Declares a C struct.
 * @param name the C tag
 * @param description what the struct is for
 * @param fields the members in order, each a type with its direction and meaning
 * @param added members that later kernels appended: in a shorter, older struct they are absent
 */
export declare function struct<const F extends Fields, const A extends Fields = Record<never, never>>(name: string, description: string, fields: F, added?: A): Struct<F, A>;
export {};
//# sourceMappingURL=struct.d.ts.map