/// <reference path="./restructure.d.ts" />
import { Struct as RestructureStruct } from 'restructure';
import {} from './annotation.js';
import { bytesAt, viewOf } from './bytes.js';
import {} from './compiled.js';
import { Mismatch, reporting, show } from './error.js';
import {} from './json.js';
import { isObject } from './object.js';
import {} from './readers.js';
// restructure does not export the class that its types share; it is the one that its Struct extends.
const Base = Object.getPrototypeOf(RestructureStruct);
/** Slots of an in-place view: the bytes, and where in them the viewed thing starts. */
export const DATA = Symbol('data');
export const AT = Symbol('at');
/** And for its errors: the outermost type that is viewed, and the way from there. */
export const STRUCT = Symbol('struct');
export const KEYS = Symbol('keys');
/**
 * A piece of memory with a fixed layout. It is a restructure type (`decode`, `encode` and `size` are that
 * library's protocol, so these types stand in its arrays, structs and streams); what is read and written
 * underneath is a `DataView` at an offset, always little-endian, whatever the host's byte order.
 *
 * `Out` is what decoding gives, `In` what encoding takes (every `Out` is an `In`), `V` what a view shows.
 */
export class Type extends Base {
    /** Ends in an array without a length, which takes what the buffer has left. */
    open = false;
    /** Quick code for the usual case. @internal */
    compiled = undefined;
    /**
     * How each field is read by itself, in place.
     * @internal
     */
    readers() {
        return new Map();
    }
    /**
     * Tells whether a strict read of a value would find nothing to refuse.
     * @internal
     */
    checker() {
        return (view, at) => {
            try {
                this.read(view, at, at + this.byteLength, false);
                return true;
            }
            catch (cause) {
                if (cause instanceof Mismatch)
                    return false;
                throw cause;
            }
        };
    }
    /**
     * Bytes that `value` takes.
     * @internal
     */
    lengthOf(_value) {
        return this.byteLength;
    }
    /**
     * Adds to `mismatch`, raised because only `available` bytes are there, which part is the first to suffer.
     * @internal
     */
    locate(_available, _keys) {
        return 0;
    }
    /** The type inside arrays and structs of restructure: reads one value at the stream's position. */
    decode(stream) {
        return reporting(this.name, () => {
            const at = stream.pos;
            needs(this, at, stream.length);
            const value = this.read(stream.view, at, stream.length, false);
            stream.pos = at + this.lengthRead(stream.length - at);
            return value;
        });
    }
    /** The opposite of {@link decode}. Nothing is written if the value does not fit. */
    encode(stream, value) {
        const bytes = reporting(this.name, () => {
            const encoded = encodedBytes(this, value);
            hasRoom(encoded.length, stream.pos, stream.view.byteLength);
            return encoded;
        });
        bytesAt(stream.view, stream.pos, bytes.length).set(bytes);
        stream.pos += bytes.length;
    }
    /** Bytes that `value` takes, or that the type takes at least, in restructure's protocol. */
    size(value) {
        return value === undefined || value === null ? this.byteLength : this.lengthOf(value);
    }
    /**
     * How many of `available` bytes a read takes.
     * @internal
     */
    lengthRead(available) {
        return this.open ? available : this.byteLength;
    }
    /** A field that the program fills in and the kernel reads. */
    in(doc) {
        return { type: this, direction: 'in', doc, reserved: false };
    }
    /** A field that the kernel fills in. */
    out(doc) {
        return { type: this, direction: 'out', doc, reserved: false };
    }
    /** A field that the kernel reads and then overwrites. */
    inout(doc) {
        return { type: this, direction: 'inout', doc, reserved: false };
    }
    /** A field of a format that hardware defines. */
    doc(doc) {
        return { type: this, direction: 'none', doc, reserved: false };
    }
}
/** The bytes of `value` in a buffer of their own. @throws Mismatch */
export function encodedBytes(type, value) {
    const { compiled } = type;
    if (compiled !== undefined && isObject(value)) {
        const buffer = new ArrayBuffer(type.byteLength);
        if (compiled.write(new DataView(buffer), 0, value))
            return new Uint8Array(buffer);
    }
    const length = type.lengthOf(value);
    // At full size first: what an older, shorter struct leaves out may be cut off only afterwards.
    const bytes = new Uint8Array(Math.max(length, type.byteLength));
    type.write(viewOf(bytes), 0, value);
    return bytes.length === length ? bytes : bytes.slice(0, length);
}
/** Throws unless `length` bytes fit from `at` to `end`. */
export function hasRoom(length, at, end) {
    isOffset(at);
    if (length > end - at)
        throw new Mismatch(at, `room for ${length} bytes`, `${end - at}`);
}
function isOffset(at) {
    if (!Number.isInteger(at) || at < 0)
        throw new Mismatch(at, 'an offset of 0 or more', show(at));
}
/** Throws, naming the first field that does not fit, unless the bytes from `at` to `end` hold a `type`. */
export function needs(type, at, end) {
    isOffset(at);
    const available = end - at;
    if (available >= type.byteLength)
        return;
    const keys = [];
    const offset = type.locate(available, keys);
    const mismatch = new Mismatch(at + offset, `${type.byteLength} bytes in all`, `${Math.max(available, 0)}`);
    mismatch.keys.push(...keys);
    throw mismatch;
}
/** A field that must be zero. */
export function reserved(type) {
    return { type, direction: 'in', doc: 'Must be zero.', reserved: true };
}
//# sourceMappingURL=type.js.map