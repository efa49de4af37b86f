import { type AnyType, type Decoded, type Encodable, type Type } from './type.js';
/**
 * Straight code for one type: no loop over fields, no name of a field in a variable, so that an engine makes of it what
 * it makes of code written by hand. It knows only the usual: all fields there, nothing reserved set. For the rest it
 * gives up, and the declaration is followed field by field, which also finds the words for what is wrong.
 *
 * `packages/compiler` writes it from the declarations. It is source like any other, so that it runs where `eval` does not.
 */
export interface Compiled<Out, In> {
    /** @returns the value at `at`; undefined if anything reserved is not zero. The caller has made sure of the length. */
    read(view: DataView, at: number): Out | undefined;
    /** @returns false, with nothing written, unless `value` has the fields of the type and no others, all in range */
    write(view: DataView, at: number, value: In): boolean;
}
/** Gives a type its compiled code. */
export declare function compiled<Out, In, V>(type: Type<Out, In, V>, read: Compiled<Out, In>['read'], write: Compiled<Out, In>['write']): void;
/** What decoding gives for the form of a record that `Tag` marks. */
export type DecodedForm<T extends AnyType, Tag> = Extract<Decoded<T>, Tag>;
/** What encoding takes for that form. */
export type EncodableForm<T extends AnyType, Tag> = Extract<Encodable<T>, Readonly<Tag>>;
//# sourceMappingURL=compiled.d.ts.map