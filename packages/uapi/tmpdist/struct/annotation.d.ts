import { type Direction, type Siblings } from './type.js';
/** A bit field inside an {@link Annotation}. */
export interface BitAnnotation {
    readonly name: string;
    /** Highest and lowest bit, counted from bit 0 of the whole record. */
    readonly hi: number;
    readonly lo: number;
    readonly text: string;
    readonly doc: string;
    readonly problem?: string;
}
/** Some bytes of a buffer and what they are. */
export interface Annotation {
    /** `reserved` must be zero; `padding` is what the compiler inserts; `rest` belongs to no field. */
    readonly kind: 'field' | 'reserved' | 'padding' | 'missing' | 'rest';
    /** `data_uptr`, `idr[3]`; empty for padding. */
    readonly path: string;
    readonly offset: number;
    readonly bytes: Uint8Array;
    /** The C type. */
    readonly type: string;
    /** The value in words: a number, flag names, an enum name. */
    readonly text: string;
    readonly doc: string;
    /** Which way the value travels. */
    readonly direction: Direction;
    /** What is wrong with these bytes, if something is. */
    readonly problem?: string;
    /** For a word of bit fields: the fields, highest first. */
    readonly bits?: readonly BitAnnotation[];
}
/** Where in the tree of declarations an annotation is being made. */
export declare class Annotating {
    readonly keys: readonly (string | number)[];
    readonly doc: string;
    readonly reserved: boolean;
    /** The numbers before it in the same struct, of which one may tell what it is. */
    readonly siblings: Siblings;
    readonly direction: Direction;
    constructor(keys?: readonly (string | number)[], doc?: string, reserved?: boolean, 
    /** The numbers before it in the same struct, of which one may tell what it is. */
    siblings?: Siblings, direction?: Direction);
    /** The same place, one level further in; what the level does not say stays as it is. */
    under(key: string | number, level?: Partial<Omit<Annotating, 'keys'>>): Annotating;
    get path(): string;
}
/** What annotations of bytes have that are no field. */
export declare const BLANK: {
    readonly path: "";
    readonly type: "";
    readonly text: "";
    readonly direction: "none";
};
/** What is wrong with bytes that must be zero, if they must and are not. */
export declare function reservedProblem(reserved: boolean, bytes: Uint8Array): {
    problem?: string;
};
/** Bytes that belong to no field and must be zero. */
export declare function paddingAt(view: DataView, offset: number, length: number, doc?: string): Annotation;
//# sourceMappingURL=annotation.d.ts.map