import { type Accessor, type InPlace, type Type } from './type.js';
/** An accessor and the property it is for. */
export type NamedAccessor = {
    readonly name: string;
} & Accessor<unknown>;
/** Assigns through an accessor; what does not fit is an error with the path from the outermost view on. */
export declare function assign<V>(view: InPlace, key: string | number, set: (this: InPlace, value: V) => void, value: V): void;
/** An object whose properties read and write fields wherever the view that inherits it stands. */
export declare function viewPrototype(accessors: readonly NamedAccessor[]): object;
/** The view of part `key` of another view, with the properties of `prototype`, `offset` bytes from its start. */
export declare function inner(prototype: object, outer: InPlace, offset: number, key: string | number): object;
/**
 * A view of `bytes`: reading a property reads the buffer, assigning one writes it, and nothing is copied.
 * Reserved fields are not checked; they are properties like the others. The properties are inherited: spreading a
 * view or turning it into JSON gives nothing, so use `decode` where a plain object is wanted.
 * @param offset where in `bytes` the value begins, in bytes
 * @throws StructError if the buffer is too short; when assigned, if the value does not fit its field
 */
export declare function view<Out, In, V>(type: Type<Out, In, V>, bytes: Uint8Array, offset?: number): V;
//# sourceMappingURL=view.d.ts.map