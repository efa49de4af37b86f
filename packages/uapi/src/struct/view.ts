import { viewOf } from './bytes.js';
import { Mismatch, reporting, StructError } from './error.js';
import { type Accessor, AT, DATA, type InPlace, needs, type Type } from './type.js';

/** An accessor and the property it is for. */
export type NamedAccessor = { readonly name: string } & Accessor<unknown>;

/** An object whose properties read and write fields wherever the view that inherits it stands. */
export function viewPrototype(struct: string, accessors: readonly NamedAccessor[]): object {
  const prototype = {};
  for (const { name, get, set } of accessors) {
    const property: PropertyDescriptor = { enumerable: true, get };
    if (set !== undefined) {
      property.set = function (this: InPlace, value: unknown) {
        try {
          set.call(this, value);
        } catch (cause) {
          if (!(cause instanceof Mismatch)) throw cause;
          const { path, offset, expected, found } = cause.under(name);
          throw new StructError({ struct, path, offset, expected, found });
        }
      };
    }
    Object.defineProperty(prototype, name, property);
  }
  return Object.freeze(prototype);
}

/** A view with the properties of `prototype`, `at` bytes into `data`. */
export function place(prototype: object, data: DataView, at: number): object {
  const view = Object.create(prototype) as { [DATA]: DataView; [AT]: number };
  view[DATA] = data;
  view[AT] = at;
  return view;
}

/**
 * A view of `bytes`: reading a property reads the buffer, assigning one writes it, and nothing is copied.
 * Reserved fields are not checked; they are properties like the others.
 * @param offset where in `bytes` the value begins, in bytes
 * @throws StructError if the buffer is too short; when assigned, if the value does not fit its field
 */
export function view<Out, In, V>(type: Type<Out, In, V>, bytes: Uint8Array, offset = 0): V {
  reporting(type.name, () => needs(type, offset, bytes.length));
  return type.accessor(0).get.call({ [DATA]: viewOf(bytes), [AT]: offset });
}
