import { reservedProblem } from './annotation.js';
import { bytesAt, fromHex, toHex } from './bytes.js';
import { atEach, inside, Mismatch, show } from './error.js';
import {} from './json.js';
import { AT, DATA, Type } from './type.js';
import { assign, inner } from './view.js';
/** An array in place: `get` and `set` go to the buffer. */
export class ArrayView {
    place;
    length;
    element;
    constructor(place, 
    /** Elements. */
    length, element) {
        this.place = place;
        this.length = length;
        this.element = element;
    }
    /** The element at `index`; a view of it where it is a struct. @throws RangeError */
    get(index) {
        return this.accessor(index).get.call(this.place);
    }
    /** Writes the element at `index`, a number. @throws RangeError | StructError */
    set(index, value) {
        const { set } = this.accessor(index);
        if (set === undefined)
            throw new TypeError(`element ${index} cannot be assigned, only its fields`);
        assign(this.place, index, set, value);
    }
    *[Symbol.iterator]() {
        for (let index = 0; index < this.length; index++)
            yield this.get(index);
    }
    accessor(index) {
        if (Number.isInteger(index) && index >= 0 && index < this.length)
            return this.element(index);
        throw new RangeError(`an array of ${this.length} has no element ${index}`);
    }
}
/** What arrays of fixed and of open length do alike: `count` elements from `at` on. */
class Elements extends Type {
    element;
    align;
    constructor(element) {
        super();
        this.element = element;
        if (element.open)
            throw new TypeError(`an array of ${element.name}, whose size is open`);
        this.align = element.align;
    }
    readCount(view, at, count, lenient) {
        const { element } = this;
        return atEach(count, (i) => {
            const from = at + i * element.byteLength;
            return element.read(view, from, from + element.byteLength, lenient);
        });
    }
    write(view, at, values) {
        const { element } = this;
        // By index: a hole in the array is a missing element, not one to pass over.
        atEach(values.length, (i) => element.write(view, at + i * element.byteLength, values[i]));
    }
    annotateCount(view, at, count, context, into) {
        const { byteLength } = this.element;
        for (let i = 0; i < count; i++) {
            const from = at + i * byteLength;
            this.element.annotate(view, from, from + byteLength, context.under(i), into);
        }
    }
    viewCount(offset, key, count) {
        const { element } = this;
        return {
            get() {
                // Elements stand in the array, which is `offset` bytes into the view.
                const place = inner({}, this, offset, key);
                return new ArrayView(place, count(place), (i) => element.accessor(i * element.byteLength, i));
            },
        };
    }
    toJson(values) {
        return values.map((value) => this.element.toJson(value));
    }
    fromJson(json, at) {
        if (!Array.isArray(json))
            throw new Mismatch(at, 'an array', show(json));
        const { element } = this;
        return json.map((value, i) => inside(i, () => element.fromJson(value, at + i * element.byteLength)));
    }
}
/** A C array of fixed length. */
export class ArrayType extends Elements {
    length;
    name;
    byteLength;
    constructor(element, length) {
        super(element);
        this.length = length;
        this.name = `${element.name}[${length}]`;
        this.byteLength = element.byteLength * length;
    }
    read(view, at, _end, lenient) {
        return this.readCount(view, at, this.length, lenient);
    }
    write(view, at, values) {
        if (!Array.isArray(values) || values.length !== this.length) {
            throw new Mismatch(at, `an array of ${this.length}`, show(values));
        }
        super.write(view, at, values);
    }
    annotate(view, at, _end, context, into) {
        this.annotateCount(view, at, this.length, context, into);
    }
    accessor(offset, key) {
        return this.viewCount(offset, key, () => this.length);
    }
    locate(available, keys) {
        const index = Math.floor(available / this.element.byteLength);
        keys.push(index);
        const start = index * this.element.byteLength;
        return start + this.element.locate(available - start, keys);
    }
}
/** A C array without a length at the end of a struct: as many elements as the buffer has room for. */
export class FlexibleArray extends Elements {
    name;
    byteLength = 0;
    open = true;
    constructor(element) {
        super(element);
        this.name = `${element.name}[]`;
    }
    count(at, end) {
        const count = (end - at) / this.element.byteLength;
        if (Number.isInteger(count))
            return count;
        const whole = Math.floor(count) * this.element.byteLength;
        throw new Mismatch(at + whole, `whole elements of ${this.element.byteLength} bytes`, `${end - at - whole} bytes at the end`);
    }
    read(view, at, end, lenient) {
        return this.readCount(view, at, this.count(at, end), lenient);
    }
    write(view, at, values) {
        if (!Array.isArray(values))
            throw new Mismatch(at, 'an array', show(values));
        super.write(view, at, values);
    }
    annotate(view, at, end, context, into) {
        this.annotateCount(view, at, Math.floor((end - at) / this.element.byteLength), context, into);
    }
    accessor(offset, key) {
        const { byteLength } = this.element;
        return this.viewCount(offset, key, (place) => Math.floor((place[DATA].byteLength - place[AT]) / byteLength));
    }
    lengthOf(values) {
        return Array.isArray(values) ? values.length * this.element.byteLength : 0;
    }
}
/** Bytes without an inner form; of any number at the end of a struct, of a fixed number elsewhere. */
export class RawBytes extends Type {
    length;
    name;
    align = 1;
    byteLength;
    open;
    constructor(length) {
        super();
        this.length = length;
        this.open = length === undefined;
        this.name = `__u8[${length ?? ''}]`;
        this.byteLength = length ?? 0;
    }
    read(view, at, end) {
        return bytesAt(view, at, this.length ?? end - at).slice();
    }
    write(view, at, value) {
        if (!(value instanceof Uint8Array) || (this.length !== undefined && value.length !== this.length)) {
            const expected = this.length === undefined ? 'a Uint8Array' : `a Uint8Array of ${this.length}`;
            throw new Mismatch(at, expected, show(value));
        }
        bytesAt(view, at, value.length).set(value);
    }
    annotate(view, at, end, context, into) {
        const bytes = bytesAt(view, at, this.length ?? end - at);
        if (bytes.length === 0)
            return;
        const { path, doc, direction, reserved } = context;
        const fields = {
            path,
            offset: at,
            bytes,
            type: this.name,
            text: `${bytes.length} bytes`,
            doc,
            direction,
        };
        into.push({ kind: reserved ? 'reserved' : 'field', ...fields, ...reservedProblem(reserved, bytes) });
    }
    accessor(offset) {
        const { length } = this;
        return {
            get() {
                const from = this[AT] + offset;
                return bytesAt(this[DATA], from, length ?? this[DATA].byteLength - from);
            },
        };
    }
    toJson(value) {
        return toHex(value);
    }
    fromJson(json, at) {
        if (typeof json !== 'string')
            throw new Mismatch(at, 'a string of hex digits', show(json));
        try {
            return fromHex(json);
        }
        catch {
            throw new Mismatch(at, 'a string of hex digits', show(json));
        }
    }
    lengthOf(value) {
        return value instanceof Uint8Array ? value.length : this.byteLength;
    }
}
/** `element name[length]`. */
export function array(element, length) {
    return new ArrayType(element, length);
}
/** `element name[]`, the last member of a struct. */
export function flexible(element) {
    return new FlexibleArray(element);
}
/** `__u8 name[]`, the last member of a struct, as a `Uint8Array`. */
export const flexibleBytes = new RawBytes(undefined);
//# sourceMappingURL=array.js.map