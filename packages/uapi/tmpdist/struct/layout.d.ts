import { type AnyType, type Direction } from './type.js';
/** One row of a layout: a field, or some bits of one. */
export interface LayoutRow {
    /** Empty for an anonymous union. */
    readonly name: string;
    /** In bytes, from the start of the outermost type. */
    readonly offset: number;
    /** In bytes; 0 for a flexible array. */
    readonly size: number;
    /** Highest and lowest bit, from bit 0 of the record, where the field is no whole number of bytes. */
    readonly bits?: {
        readonly hi: number;
        readonly lo: number;
    };
    /** The C type. */
    readonly type: string;
    readonly direction: Direction;
    readonly reserved: boolean;
    /** What the number is: `Flags of …`, `Id of hwpt`; empty for a plain number. */
    readonly role: string;
    readonly doc: string;
    /** What is inside: members of a struct or union. */
    readonly rows: readonly LayoutRow[];
}
/** Where everything is in a type, as data. */
export interface Layout {
    readonly name: string;
    readonly size: number;
    readonly align: number;
    readonly rows: readonly LayoutRow[];
}
/** The layout of a type: of a struct its fields, of a record its bits, of a variant record each form. */
export declare function layout(type: AnyType): Layout;
//# sourceMappingURL=layout.d.ts.map