import {} from './annotation.js';
import { RawBytes } from './array.js';
import { bitReaders, bits, BitStruct, } from './bits.js';
import { enumeration } from './enumeration.js';
import { inside, Mismatch, show } from './error.js';
import { integerFromJson, isJsonObject } from './json.js';
import { isObject } from './object.js';
import {} from './readers.js';
import {} from './role.js';
import {} from './struct.js';
import { AT, DATA, Type } from './type.js';
import { inner } from './view.js';
/** A record whose first eight bits tell which fields the rest has. */
export class Variants extends Type {
    name;
    description;
    byteLength;
    tagName;
    cases;
    align = 8;
    /** The layout of each form, by name. */
    structs;
    byTag;
    raw;
    /** For each tag and each 32 bits of the record, those that must be zero. */
    unused;
    constructor(name, description, byteLength, tagName, cases) {
        super();
        this.name = name;
        this.description = description;
        this.byteLength = byteLength;
        this.tagName = tagName;
        this.cases = cases;
        this.raw = new RawBytes(byteLength);
        const names = Object.entries(cases).map(([form, { tag, doc }]) => [form, [tag, doc]]);
        const role = { kind: 'enum', of: enumeration(tagName, description, Object.fromEntries(names)) };
        const structs = new Map();
        const byTag = new Map();
        for (const [form, { tag, doc, fields }] of Object.entries(cases)) {
            const marked = { [tagName]: { ...bits(7, 0, doc), role, fixed: tag }, ...fields };
            const struct = new BitStruct(form, doc, byteLength, marked);
            if (byTag.has(tag))
                throw new TypeError(`${name}.${form}: ${tag} is the tag of another form`);
            structs.set(form, struct);
            byTag.set(tag, struct);
        }
        this.structs = structs;
        this.byTag = byTag;
        const lanes = byteLength / 4;
        this.unused = new Int32Array(256 * lanes);
        for (const [tag, struct] of byTag)
            this.unused.set(struct.unused, tag * lanes);
    }
    /** The layout of one form. */
    form(name) {
        // The constructor made one for each case, from that case's fields.
        return this.structs.get(name);
    }
    /** The name of the form that `tag` marks. */
    nameOf(tag) {
        return this.byTag.get(tag)?.name;
    }
    read(view, at, end, lenient) {
        return this.compiled?.read(view, at) ?? this.readForm(view, at, end, lenient);
    }
    readForm(view, at, end, lenient) {
        const tag = view.getUint8(at);
        const struct = this.byTag.get(tag);
        const value = struct === undefined
            ? { [this.tagName]: tag, raw: this.raw.read(view, at, end) }
            : struct.read(view, at, end, lenient);
        // The struct was chosen by the tag, which is what the union is discriminated by.
        return value;
    }
    write(view, at, value) {
        if (this.compiled !== undefined && isObject(value) && this.compiled.write(view, at, value))
            return;
        const { tag, struct } = this.formOf(value, at);
        if (struct !== undefined) {
            struct.write(view, at, value);
            return;
        }
        const { [this.tagName]: _tag, raw, ...others } = value;
        for (const key of Object.keys(others))
            throw new Mismatch(at, `only raw beside ${this.tagName}`, key).under(key);
        if (raw instanceof Uint8Array && raw[0] !== tag) {
            throw new Mismatch(at, `${tag} in its first byte, as ${this.tagName} is`, show(raw[0])).under('raw');
        }
        inside('raw', () => this.raw.write(view, at, raw));
    }
    formOf(value, at) {
        const tag = typeof value === 'object' && value !== null ? value[this.tagName] : undefined;
        if (typeof tag === 'number' && Number.isInteger(tag) && tag >= 0 && tag <= 0xff) {
            return { tag, struct: this.byTag.get(tag) };
        }
        throw new Mismatch(at, 'an integer from 0 to 255', show(tag)).under(this.tagName);
    }
    annotate(view, at, _end, context, into) {
        const struct = this.byTag.get(view.getUint8(at)) ?? this.raw;
        struct.annotate(view, at, at + this.byteLength, context, into);
    }
    toJson(value) {
        const { [this.tagName]: tag, raw } = value;
        const struct = this.byTag.get(tag);
        if (struct !== undefined)
            return struct.toJson(value);
        return { [this.tagName]: tag, raw: this.raw.toJson(raw) };
    }
    fromJson(json, at) {
        const values = isJsonObject(json) ? json : {};
        const tag = integerFromJson(values[this.tagName] ?? null);
        const { struct } = this.formOf({ [this.tagName]: tag === undefined ? values[this.tagName] : Number(tag) }, at);
        if (struct !== undefined)
            return struct.fromJson(json, at);
        const { raw } = values;
        if (raw === undefined)
            return { ...values, [this.tagName]: Number(tag) };
        return { ...values, [this.tagName]: Number(tag), raw: inside('raw', () => this.raw.fromJson(raw, at)) };
    }
    checker() {
        const { unused } = this;
        const lanes = this.byteLength / 4;
        if (lanes !== 8)
            return super.checker();
        // Without a loop or a branch: this is done for every record that is visited in place.
        return (view, at) => {
            const mask = view.getUint8(at) << 3;
            const wrong = (view.getInt32(at, true) & unused[mask]) |
                (view.getInt32(at + 4, true) & unused[mask + 1]) |
                (view.getInt32(at + 8, true) & unused[mask + 2]) |
                (view.getInt32(at + 12, true) & unused[mask + 3]) |
                (view.getInt32(at + 16, true) & unused[mask + 4]) |
                (view.getInt32(at + 20, true) & unused[mask + 5]) |
                (view.getInt32(at + 24, true) & unused[mask + 6]) |
                (view.getInt32(at + 28, true) & unused[mask + 7]);
            return wrong === 0;
        };
    }
    /**
     * A field that stands in one place in every form that has it is read there, whatever the form of the record at
     * hand; one whose place differs where this record's form has it.
     */
    readers() {
        const places = new Map();
        for (const [tag, { members }] of this.byTag) {
            for (const member of members) {
                const byForm = places.get(member.name) ?? new Map();
                places.set(member.name, byForm.set(tag, member));
            }
        }
        const readers = new Map([
            ['raw', (view, at) => this.raw.read(view, at, at + this.byteLength)],
        ]);
        for (const byForm of places.values()) {
            const one = onePlace([...byForm.values()]);
            for (const [key, read] of one === undefined ? this.readersByForm(byForm) : bitReaders(one)) {
                readers.set(key, read);
            }
        }
        return readers;
    }
    readersByForm(byForm) {
        const readers = new Map();
        const zeroes = new DataView(new ArrayBuffer(this.byteLength));
        for (const [tag, member] of byForm) {
            for (const [key, read] of bitReaders(member)) {
                const nothing = read(zeroes, 0);
                const byTag = readers.get(key) ?? new Array(256).fill(() => nothing);
                byTag[tag] = read;
                readers.set(key, byTag);
            }
        }
        const byTag = [...readers].map(([key, byTag]) => [
            key,
            (view, at) => byTag[view.getUint8(at)]?.(view, at),
        ]);
        return new Map(byTag);
    }
    accessor(offset, key) {
        const variants = this;
        return {
            get() {
                const place = inner({}, this, offset, key);
                return {
                    get tag() {
                        return place[DATA].getUint8(place[AT]);
                    },
                    get variant() {
                        return variants.nameOf(this.tag);
                    },
                    as(name) {
                        const found = this.variant ?? `${variants.tagName} ${this.tag}`;
                        if (found !== name)
                            throw new TypeError(`not ${name} but ${String(found)}`);
                        const fields = variants.form(name).accessor(0, '').get.call(place);
                        // In this form the tag has this form's number.
                        return fields;
                    },
                };
            },
        };
    }
}
/**
 * The place that a field has in all its forms, if it is one. An address of which some forms store fewer low bits has
 * the widest of its places: there those bits are reserved, and zero.
 */
function onePlace(members) {
    const [widest] = [...members].sort((a, b) => a.lo - b.lo);
    const fits = members.every(({ hi, lo, max, inPlace }) => hi === widest?.hi && typeof max === typeof widest.max && (lo === widest.lo || inPlace));
    return fits ? widest : undefined;
}
/** Declares one form of a record. */
export function variant(tag, section, doc, fields) {
    return { tag, section, doc, fields };
}
/**
 * Declares a record whose first eight bits, `tagName`, tell its form.
 * @param byteLength a multiple of 8
 */
export function variants(name, description, byteLength, tagName, cases) {
    return new Variants(name, description, byteLength, tagName, cases);
}
//# sourceMappingURL=variants.js.map