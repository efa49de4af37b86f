import { type Annotating, type Annotation } from './annotation.js';
import { Mismatch } from './error.js';
import { type Json } from './json.js';
import { type Enumeration, type FlagSet } from './enumeration.js';
import { type ObjectKind, type Pointee, type Role } from './role.js';
import { type Accessor, Type } from './type.js';
/** How an integer of one width is read and written: little-endian, whatever the host's order is. */
interface Access<N> {
    readonly name: string;
    readonly byteLength: number;
    readonly min: N;
    readonly max: N;
    get(view: DataView, at: number): N;
    put(view: DataView, at: number, value: N): void;
}
/** What integers of all widths share: a range, a role, one annotation. */
export declare abstract class Integer<N extends number | bigint> extends Type<N, N, N> {
    protected readonly access: Access<N>;
    readonly role: Role;
    readonly name: string;
    readonly byteLength: number;
    readonly align: number;
    readonly min: N;
    readonly max: N;
    constructor(access: Access<N>, role: Role);
    /** The same integer with a meaning. */
    abstract as(role: Role): Integer<N>;
    protected abstract fits(value: N): boolean;
    read(view: DataView, at: number): N;
    write(view: DataView, at: number, value: N): void;
    annotate(view: DataView, at: number, _end: number, context: Annotating, into: Annotation[]): void;
    accessor(offset: number): Accessor<N>;
    toJson(value: N): Json;
    protected wrong(at: number, value: unknown): Mismatch;
}
/** An integer that a JavaScript number holds exactly. */
export declare class SmallInteger extends Integer<number> {
    as(role: Role): SmallInteger;
    protected fits(value: number): boolean;
    fromJson(json: Json, at: number): number;
}
/** An integer of 64 bits. */
export declare class BigInteger extends Integer<bigint> {
    as(role: Role): BigInteger;
    protected fits(value: bigint): boolean;
    fromJson(json: Json, at: number): bigint;
}
/** An unsigned byte. */
export declare const u8: SmallInteger;
/** A little-endian unsigned 16-bit integer. */
export declare const u16: SmallInteger;
/** A little-endian unsigned 32-bit integer. */
export declare const u32: SmallInteger;
/** A little-endian signed 32-bit integer. */
export declare const s32: SmallInteger;
/** A little-endian unsigned 64-bit integer, as a bigint. */
export declare const u64: BigInteger;
/** The `size` that begins every struct of iommufd: bytes of it that the caller knows. */
export declare const structSize: SmallInteger;
/** The id of an object in the same context. */
export declare const objectId: (...of: readonly ObjectKind[]) => SmallInteger;
/** A 32-bit field of flags. */
export declare const flags: (set: FlagSet) => SmallInteger;
/** A 64-bit field of flags. */
export declare const flags64: (set: FlagSet) => BigInteger;
/** A 32-bit field that holds a value of an enum. */
export declare const enumOf: (of: Enumeration) => SmallInteger;
/** A pointer into the caller's memory. */
export declare const userPointer: (to: Pointee) => BigInteger;
/** An address that is no pointer of the caller's: an IOVA, a guest-physical address. */
export declare const address: BigInteger;
export {};
//# sourceMappingURL=integer.d.ts.map