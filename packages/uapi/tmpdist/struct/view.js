import { viewOf } from './bytes.js';
import { joinPath, Mismatch, reporting, StructError } from './error.js';
import { AT, DATA, KEYS, needs, STRUCT } from './type.js';
/** Assigns through an accessor; what does not fit is an error with the path from the outermost view on. */
export function assign(view, key, set, value) {
    try {
        set.call(view, value);
    }
    catch (cause) {
        if (!(cause instanceof Mismatch))
            throw cause;
        const { offset, expected, found, keys } = cause;
        const path = joinPath([...view[KEYS], key, ...keys]);
        throw new StructError({ struct: view[STRUCT], path, offset, expected, found });
    }
}
/** An object whose properties read and write fields wherever the view that inherits it stands. */
export function viewPrototype(accessors) {
    const prototype = {};
    for (const { name, get, set } of accessors) {
        const property = { enumerable: true, get };
        if (set !== undefined) {
            property.set = function (value) {
                assign(this, name, set, value);
            };
        }
        Object.defineProperty(prototype, name, property);
    }
    return Object.freeze(prototype);
}
/** The view of part `key` of another view, with the properties of `prototype`, `offset` bytes from its start. */
export function inner(prototype, outer, offset, key) {
    const keys = key === '' ? outer[KEYS] : [...outer[KEYS], key];
    return place(prototype, outer[DATA], outer[AT] + offset, outer[STRUCT], keys);
}
function place(prototype, data, at, struct, keys) {
    const view = Object.create(prototype);
    view[DATA] = data;
    view[AT] = at;
    view[STRUCT] = struct;
    view[KEYS] = keys;
    return view;
}
/**
 * A view of `bytes`: reading a property reads the buffer, assigning one writes it, and nothing is copied.
 * Reserved fields are not checked; they are properties like the others. The properties are inherited: spreading a
 * view or turning it into JSON gives nothing, so use `decode` where a plain object is wanted.
 * @param offset where in `bytes` the value begins, in bytes
 * @throws StructError if the buffer is too short; when assigned, if the value does not fit its field
 */
export function view(type, bytes, offset = 0) {
    const data = reporting(type.name, () => {
        const all = viewOf(bytes);
        needs(type, offset, all.byteLength);
        return all;
    });
    return type.accessor(0, '').get.call(place({}, data, offset, type.name, []));
}
//# sourceMappingURL=view.js.map