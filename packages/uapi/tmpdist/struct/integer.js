import { reservedProblem } from './annotation.js';
import { bytesAt } from './bytes.js';
import { Mismatch, show } from './error.js';
import { integerFromJson } from './json.js';
import {} from './enumeration.js';
import { describe } from './role.js';
import { AT, DATA, Type } from './type.js';
/** What integers of all widths share: a range, a role, one annotation. */
export class Integer extends Type {
    access;
    role;
    name;
    byteLength;
    align;
    min;
    max;
    constructor(access, role) {
        super();
        this.access = access;
        this.role = role;
        this.name = access.name;
        this.byteLength = access.byteLength;
        this.align = access.byteLength;
        this.min = access.min;
        this.max = access.max;
    }
    read(view, at) {
        return this.access.get(view, at);
    }
    write(view, at, value) {
        if (!this.fits(value))
            throw this.wrong(at, value);
        this.access.put(view, at, value);
    }
    annotate(view, at, _end, context, into) {
        const bytes = bytesAt(view, at, this.byteLength);
        into.push({
            kind: context.reserved ? 'reserved' : 'field',
            path: context.path,
            offset: at,
            bytes,
            type: this.name,
            text: describe(this.read(view, at), this.role),
            doc: context.doc,
            direction: context.direction,
            ...reservedProblem(context.reserved, bytes),
        });
    }
    accessor(offset) {
        const type = this;
        return {
            get() {
                return type.read(this[DATA], this[AT] + offset);
            },
            set(value) {
                type.write(this[DATA], this[AT] + offset, value);
            },
        };
    }
    toJson(value) {
        return typeof value === 'bigint' ? `0x${value.toString(16)}` : value;
    }
    wrong(at, value) {
        const what = typeof this.min === 'bigint' ? 'a bigint' : 'an integer';
        return new Mismatch(at, `${what} from ${this.min} to ${this.max}`, show(value));
    }
}
/** An integer that a JavaScript number holds exactly. */
export class SmallInteger extends Integer {
    as(role) {
        return new SmallInteger(this.access, role);
    }
    fits(value) {
        return typeof value === 'number' && Number.isInteger(value) && value >= this.min && value <= this.max;
    }
    fromJson(json, at) {
        const value = integerFromJson(json);
        if (value === undefined || value < this.min || value > this.max)
            throw this.wrong(at, value ?? json);
        return Number(value);
    }
}
/** An integer of 64 bits. */
export class BigInteger extends Integer {
    as(role) {
        return new BigInteger(this.access, role);
    }
    fits(value) {
        return typeof value === 'bigint' && value >= this.min && value <= this.max;
    }
    fromJson(json, at) {
        const value = integerFromJson(json);
        if (value === undefined)
            throw new Mismatch(at, 'a number, or "0x…"', show(json));
        return value;
    }
}
const NUMBER = { kind: 'number' };
/** An unsigned byte. */
export const u8 = new SmallInteger({
    name: '__u8',
    byteLength: 1,
    min: 0,
    max: 0xff,
    get: (view, at) => view.getUint8(at),
    put: (view, at, value) => view.setUint8(at, value),
}, NUMBER);
/** A little-endian unsigned 16-bit integer. */
export const u16 = new SmallInteger({
    name: '__u16',
    byteLength: 2,
    min: 0,
    max: 0xffff,
    get: (view, at) => view.getUint16(at, true),
    put: (view, at, value) => view.setUint16(at, value, true),
}, NUMBER);
/** A little-endian unsigned 32-bit integer. */
export const u32 = new SmallInteger({
    name: '__u32',
    byteLength: 4,
    min: 0,
    max: 0xffff_ffff,
    get: (view, at) => view.getUint32(at, true),
    put: (view, at, value) => view.setUint32(at, value, true),
}, NUMBER);
/** A little-endian signed 32-bit integer. */
export const s32 = new SmallInteger({
    name: '__s32',
    byteLength: 4,
    min: -0x8000_0000,
    max: 0x7fff_ffff,
    get: (view, at) => view.getInt32(at, true),
    put: (view, at, value) => view.setInt32(at, value, true),
}, NUMBER);
/** A little-endian unsigned 64-bit integer, as a bigint. */
export const u64 = new BigInteger({
    name: '__u64',
    byteLength: 8,
    min: 0n,
    max: 0xffffffffffffffffn,
    get: (view, at) => view.getBigUint64(at, true),
    put: (view, at, value) => view.setBigUint64(at, value, true),
}, NUMBER);
/** The `size` that begins every struct of iommufd: bytes of it that the caller knows. */
export const structSize = u32.as({ kind: 'size' });
/** The id of an object in the same context. */
export const objectId = (...of) => u32.as({ kind: 'id', of });
/** A 32-bit field of flags. */
export const flags = (set) => u32.as({ kind: 'flags', set });
/** A 64-bit field of flags. */
export const flags64 = (set) => u64.as({ kind: 'flags', set });
/** A 32-bit field that holds a value of an enum. */
export const enumOf = (of) => u32.as({ kind: 'enum', of });
/** A pointer into the caller's memory. */
export const userPointer = (to) => u64.as({ kind: 'pointer', to });
/** An address that is no pointer of the caller's: an IOVA, a guest-physical address. */
export const address = u64.as({ kind: 'address' });
//# sourceMappingURL=integer.js.map