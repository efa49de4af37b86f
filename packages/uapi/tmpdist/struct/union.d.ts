import { type Annotating, type Annotation } from './annotation.js';
import { type Json } from './json.js';
import { type Accessor, type AnyType, type Decoded, type Encodable, type Siblings, Type, type Views } from './type.js';
type Members = Readonly<Record<string, AnyType>>;
type DecodedMembers<M extends Members> = {
    [K in keyof M]: Decoded<M[K]>;
};
type EncodableMembers<M extends Members> = {
    readonly [K in keyof M]: Encodable<M[K]>;
};
type OneOrMore<T> = {
    [K in keyof T]: Pick<T, K> & Partial<T>;
}[keyof T];
/** What both kinds of union do alike: their members lie over each other. */
declare abstract class Overlay<Out, In, V extends object> extends Type<Out, In, V> {
    readonly name: string;
    readonly members: Members;
    readonly byteLength: number;
    readonly align: number;
    /** Names that a value may have. */
    abstract readonly keys: readonly string[];
    /** The earlier field of the struct that tells which member is meant, if one does. */
    readonly tag: string | undefined;
    private readonly prototype;
    constructor(name: string, members: Members);
    /** One accessor a member, for the view of a struct that holds this union without a name. */
    accessors(offset: number): ({
        readonly name: string;
    } & Accessor<unknown>)[];
    accessor(offset: number, key: string | number): Accessor<V>;
    /** The members that `value` has. @throws Mismatch for what is no member */
    protected given(value: unknown, at: number): {
        readonly values: Siblings;
        readonly names: readonly string[];
    };
    fromJson(json: Json, at: number): unknown;
    toJson(value: Out): Json;
    /** The type of the value's field `name`. */
    protected typeOf(name: string): AnyType | undefined;
}
/** A union of which nothing tells which member is meant: all are read. */
export declare class Union<M extends Members> extends Overlay<DecodedMembers<M>, OneOrMore<EncodableMembers<M>>, Views<M>> {
    readonly keys: readonly string[];
    constructor(name: string, members: M);
    read(view: DataView, at: number, _end: number, lenient: boolean): DecodedMembers<M>;
    write(view: DataView, at: number, value: OneOrMore<EncodableMembers<M>>): void;
    private memberBytes;
    annotate(view: DataView, at: number, end: number, context: Annotating, into: Annotation[]): void;
}
/** A case of a tagged union: the tag's number, and what is there then. */
export type Case = readonly [tag: number, type: AnyType];
type Cases = Readonly<Record<string, Case>>;
type CaseTypes<C extends Cases> = {
    [K in keyof C]: C[K][1];
};
/** Exactly one member, or the raw bytes where the tag has no name. */
type DecodedCase<C extends Cases> = {
    [K in keyof C]: {
        [P in K]: Decoded<C[K][1]>;
    };
}[keyof C] | {
    raw: Uint8Array;
};
type EncodableCase<C extends Cases> = {
    [K in keyof C]: {
        readonly [P in K]: Encodable<C[K][1]>;
    };
}[keyof C] | {
    readonly raw: Uint8Array;
};
/** A union whose member is told by a number earlier in the same struct. */
export declare class TaggedUnion<C extends Cases> extends Overlay<DecodedCase<C>, EncodableCase<C>, Views<CaseTypes<C>>> {
    readonly cases: C;
    readonly keys: readonly string[];
    readonly tag: string;
    private readonly names;
    private readonly raw;
    constructor(name: string, tag: string, cases: C);
    /** The member that the struct around means: the raw bytes where its tag has no name. */
    private chosen;
    read(view: DataView, at: number, _end: number, lenient: boolean, siblings?: Siblings): DecodedCase<C>;
    write(view: DataView, at: number, value: EncodableCase<C>, siblings?: Siblings): void;
    annotate(view: DataView, at: number, _end: number, context: Annotating, into: Annotation[]): void;
    protected typeOf(name: string): AnyType | undefined;
}
/** Is `type` a union, whose members an anonymous field of a struct takes as its own? */
export declare function isUnion(type: AnyType): type is AnyType & Overlay<unknown, never, object>;
/** Declares a union whose members are different names for the same bytes. */
export declare function union<const M extends Members>(members: M): Union<M>;
/**
 * Declares a union whose member depends on an earlier field.
 * @param tag the earlier field
 * @param cases for each member the tag's value and the member's type
 */
export declare function taggedUnion<const C extends Cases>(tag: string, cases: C): TaggedUnion<C>;
export {};
//# sourceMappingURL=union.d.ts.map