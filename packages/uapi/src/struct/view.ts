import { viewOf } from './bytes.js';
import { joinPath, Mismatch, reporting, StructError } from './error.js';
import { INSPECT } from './inspect.js';
import {
  type Accessor,
  AT,
  DATA,
  type InPlace,
  KEYS,
  type Keys,
  needs,
  type Siblings,
  STRUCT,
  type Type,
} from './type.js';

/** An accessor and the name of its property. */
export type NamedAccessor = { readonly name: string } & Accessor<unknown>;

/** Assigns through an accessor. @throws StructError, with the path from the outermost view, if the value is invalid */
export function assign<V>(
  view: InPlace,
  key: string | number,
  set: (this: InPlace, value: V) => void,
  value: V,
): void {
  try {
    set.call(view, value);
  } catch (cause) {
    if (!(cause instanceof Mismatch)) throw cause;
    const { offset, expected, found, keys } = cause;
    const path = joinPath([...view[KEYS], key, ...keys]);
    throw new StructError({ struct: view[STRUCT], path, offset, expected, found });
  }
}

/** A prototype of views: its properties read and write the fields at the view's offset. `console.log` shows their values. */
export function viewPrototype(accessors: readonly NamedAccessor[]): object {
  const prototype = {};
  for (const { name, get, set } of accessors) {
    const property: PropertyDescriptor = { enumerable: true, get };
    if (set !== undefined) {
      property.set = function (this: InPlace, value: unknown) {
        assign(this, name, set, value);
      };
    }
    Object.defineProperty(prototype, name, property);
  }
  Object.defineProperty(prototype, INSPECT, {
    value(this: Siblings) {
      // The prototype itself has no buffer. It is shown as an ordinary object.
      if (!Object.hasOwn(this, DATA)) return this;
      return Object.fromEntries(accessors.map(({ name }) => [name, this[name]]));
    },
  });
  return Object.freeze(prototype);
}

const NO_KEYS: Keys = [];

/**
 * The prototype of a place without properties. Shared, because the first use of an object as a prototype takes a
 * microsecond.
 */
const NOTHING_SHOWN: object = Object.freeze({});

/** The place of part `key` of a view, without properties: for callers that define their own view object. */
export function innerPlace(outer: InPlace, offset: number, key: string | number): InPlace {
  return placeIn(NOTHING_SHOWN, outer, offset, key);
}

function placeIn(prototype: object, outer: InPlace, offset: number, key: string | number): InPlace {
  const keys = key === '' ? outer[KEYS] : [...outer[KEYS], key];
  return place(prototype, outer[DATA], outer[AT] + offset, outer[STRUCT], keys);
}

/** The view of part `key` of another view, `offset` bytes from its start, with the properties of `prototype`. */
export function inner(prototype: object, outer: InPlace, offset: number, key: string | number): object {
  return placeIn(prototype, outer, offset, key);
}

function place(prototype: object, data: DataView, at: number, struct: string, keys: Keys): InPlace {
  const view = Object.create(prototype) as { -readonly [K in keyof InPlace]: InPlace[K] };
  view[DATA] = data;
  view[AT] = at;
  view[STRUCT] = struct;
  view[KEYS] = keys;
  return view;
}

/**
 * A view of `bytes`: reading a property reads the buffer, assigning one writes it, and nothing is copied.
 * Reserved fields are not checked; they are properties like the others. The properties are inherited: `console.log`
 * shows them, but spreading a view or converting it to JSON gives an empty object; use `decode` for a plain object.
 * @param offset of the value in `bytes`, in bytes
 * @throws StructError if the buffer is too short; on assignment, if the value is out of range
 */
export function view<Out, In, V>(type: Type<Out, In, V>, bytes: Uint8Array, offset = 0): V {
  const data = reporting(type.name, () => {
    const all = viewOf(bytes);
    needs(type, offset, all.byteLength);
    return all;
  });
  return type.whole.get.call(place(NOTHING_SHOWN, data, offset, type.name, NO_KEYS));
}
