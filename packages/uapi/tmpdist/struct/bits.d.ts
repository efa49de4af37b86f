import { type Annotating, type Annotation } from './annotation.js';
import { type Enumeration } from './enumeration.js';
import { type Json } from './json.js';
import { type Reader, type Readers } from './readers.js';
import { type Role } from './role.js';
import { type Accessor, Type } from './type.js';
/** Some adjacent bits of a record, counted as its specification counts them: bit 0 is bit 0 of byte 0. */
export interface BitField<N extends number | bigint = number | bigint> {
    readonly hi: number;
    readonly lo: number;
    readonly doc: string;
    readonly role: Role;
    /** The largest value. */
    readonly max: N;
    /** The value is the word with all other bits cleared: an address whose low bits are not stored. */
    readonly inPlace: boolean;
    /** The only value there may be. */
    readonly fixed?: N;
}
/**
 * Up to 32 bits as a number.
 * @param hi highest bit, counted from the start of the record
 * @param lo lowest bit
 * @param of names of its values, if they have some
 */
export declare function bits(hi: number, lo: number, doc: string, of?: Enumeration): BitField<number>;
/** A single bit, 0 or 1. */
export declare function bit(at: number, doc: string): BitField<number>;
/** More than 32 bits as a bigint. */
export declare function wideBits(hi: number, lo: number, doc: string): BitField<bigint>;
/**
 * An address of which a record stores only the upper bits: the value is the whole address, as a bigint,
 * aligned to 2 to the power of `lo` modulo 64.
 */
export declare function addressBits(hi: number, lo: number, doc: string): BitField<bigint>;
/** The fields of a record, by name. */
export type BitFields = Readonly<Record<string, BitField>>;
type NumberOf<F extends BitField> = F extends BitField<infer N> ? N : never;
/** The numbers of a record's fields. */
export type BitValues<B extends BitFields> = {
    -readonly [K in keyof B]: NumberOf<B[K]>;
};
/** How one field is read from and written to the narrowest aligned piece of memory that holds it. */
interface Slot {
    get(view: DataView, at: number): number | bigint;
    put(view: DataView, at: number, value: number | bigint): void;
}
/** A field and where it is. */
export interface BitMember extends BitField {
    readonly name: string;
    readonly slot: Slot;
}
/** How one member is read by itself; a wide one also as two numbers of 32 bits. */
export declare function bitReaders({ name, hi, lo, max, inPlace, slot }: BitMember): [string, Reader][];
/** Bits `hi` to `lo` as specifications write them. */
export declare function bitRange({ hi, lo }: {
    readonly hi: number;
    readonly lo: number;
}): string;
/** A record of bit fields in little-endian 64-bit words, or a register of 32 bits. */
export declare class BitStruct<B extends BitFields> extends Type<BitValues<B>, Readonly<BitValues<B>>, BitValues<B>> {
    readonly name: string;
    readonly description: string;
    readonly byteLength: number;
    readonly fields: B;
    readonly align: number;
    /** Fields in the order of their declaration. */
    readonly members: readonly BitMember[];
    /** For each 32 bits of the record, those that no field covers: they must be zero. @internal */
    readonly unused: readonly number[];
    private readonly prototype;
    /** All fields with some value: a copy has room for all of them from the start. */
    private readonly blank;
    constructor(name: string, description: string, byteLength: number, fields: B);
    private member;
    read(view: DataView, at: number, _end: number, lenient: boolean): BitValues<B>;
    private readMembers;
    private checkUnused;
    write(view: DataView, at: number, value: Readonly<BitValues<B>>): void;
    private noField;
    annotate(view: DataView, at: number, _end: number, context: Annotating, into: Annotation[]): void;
    toJson(value: BitValues<B>): Json;
    fromJson(json: Json, at: number): unknown;
    readers(): Readers;
    accessor(offset: number, key: string | number): Accessor<BitValues<B>>;
}
/**
 * Declares a record of bit fields.
 * @param name the specification's name
 * @param byteLength 4, or a multiple of 8
 */
export declare function bitStruct<const B extends BitFields>(name: string, description: string, byteLength: number, fields: B): BitStruct<B>;
/** The mask of a field within the word (64 bits, or a register's 32) that holds it, as C headers define it. */
export declare function maskOf<B extends BitFields>(struct: BitStruct<B>, field: keyof B & string): bigint;
export {};
//# sourceMappingURL=bits.d.ts.map