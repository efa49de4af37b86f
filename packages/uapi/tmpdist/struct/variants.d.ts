import { type Annotating, type Annotation } from './annotation.js';
import { type BitField, type BitFields, BitStruct, type BitValues } from './bits.js';
import { type Json } from './json.js';
import { type Checker, type Readers } from './readers.js';
import { type Simplify } from './struct.js';
import { type Accessor, Type } from './type.js';
type CountTo<N extends number, Seen extends number[] = []> = Seen['length'] extends N ? Seen[number] : CountTo<N, [...Seen, Seen['length']]>;
/** Every number of eight bits, so that those without a case can be told from those with one. */
export type U8Number = CountTo<256>;
/** One form of a record: the number that marks it, where it is specified, what it says, its own fields. */
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
    [K in keyof C]: Simplify<{
        [P in T]: C[K]['tag'];
    } & BitValues<C[K]['fields']>>;
}[keyof C];
/** A record whose number has no case. */
export type UnknownVariant<T extends string, Known extends number> = {
    [P in T]: Exclude<U8Number, Known>;
} & {
    raw: Uint8Array;
};
/** A discriminated union on the number `T`. */
export type VariantValue<T extends string, C extends Cases> = DecodedVariant<T, C> | Simplify<UnknownVariant<T, TagOf<C>>>;
/** A record in place, before anybody has looked at which form it has. */
export interface VariantView<T extends string, C extends Cases> {
    /** The number that marks the form. */
    readonly tag: number;
    /** The form's name; undefined for a number without one. */
    readonly variant: keyof C | undefined;
    /** The fields of form `name`. @throws TypeError if the record has another form */
    as<K extends keyof C & string>(name: K): Simplify<{
        [P in T]: C[K]['tag'];
    } & BitValues<C[K]['fields']>>;
}
/** A record whose first eight bits tell which fields the rest has. */
export declare class Variants<T extends string, C extends Cases> extends Type<VariantValue<T, C>, Readonly<VariantValue<T, C>>, VariantView<T, C>> {
    readonly name: string;
    readonly description: string;
    readonly byteLength: number;
    readonly tagName: T;
    readonly cases: C;
    readonly align = 8;
    /** The layout of each form, by name. */
    readonly structs: ReadonlyMap<string, BitStruct<BitFields>>;
    private readonly byTag;
    private readonly raw;
    /** For each tag and each 32 bits of the record, those that must be zero. */
    private readonly unused;
    constructor(name: string, description: string, byteLength: number, tagName: T, cases: C);
    /** The layout of one form. */
    form<K extends keyof C & string>(name: K): BitStruct<{
        [P in T]: BitField<number>;
    } & C[K]['fields']>;
    /** The name of the form that `tag` marks. */
    nameOf(tag: number): (keyof C & string) | undefined;
    read(view: DataView, at: number, end: number, lenient: boolean): VariantValue<T, C>;
    private readForm;
    write(view: DataView, at: number, value: Readonly<VariantValue<T, C>>): void;
    private formOf;
    annotate(view: DataView, at: number, _end: number, context: Annotating, into: Annotation[]): void;
    toJson(value: VariantValue<T, C>): Json;
    fromJson(json: Json, at: number): unknown;
    checker(): Checker;
    /**
     * A field that stands in one place in every form that has it is read there, whatever the form of the record at
     * hand; one whose place differs where this record's form has it.
     */
    readers(): Readers;
    private readersByForm;
    accessor(offset: number, key: string | number): Accessor<VariantView<T, C>>;
}
/** Declares one form of a record. */
export declare function variant<const Tag extends number, const B extends BitFields>(tag: Tag, section: string, doc: string, fields: B): Variant<Tag, B>;
/**
 * Declares a record whose first eight bits, `tagName`, tell its form.
 * @param byteLength a multiple of 8
 */
export declare function variants<const T extends string, const C extends Cases>(name: string, description: string, byteLength: number, tagName: T, cases: C): Variants<T, C>;
export {};
//# sourceMappingURL=variants.d.ts.map