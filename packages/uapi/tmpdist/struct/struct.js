import { paddingAt } from './annotation.js';
import { bytesAt, firstNonZero } from './bytes.js';
import { inside, Mismatch, show } from './error.js';
import { BigInteger, Integer } from './integer.js';
import { isJsonObject } from './json.js';
import { isObject } from './object.js';
import { wideReaders } from './readers.js';
import { Type, } from './type.js';
import { isUnion } from './union.js';
import { inner, viewPrototype } from './view.js';
const roundUp = (value, align) => Math.ceil(value / align) * align;
function lay(fields, added) {
    const laid = [];
    let offset = 0;
    let align = 1;
    for (const [isAdded, group] of [[false, fields], [true, added]]) {
        for (const [name, field] of Object.entries(group)) {
            offset = roundUp(offset, field.type.align);
            laid.push({ name, offset, size: field.type.byteLength, added: isAdded, ...field });
            offset += field.type.byteLength;
            align = Math.max(align, field.type.align);
        }
    }
    const size = roundUp(offset, align);
    const members = laid.map((member, i) => {
        const next = laid[i + 1]?.offset ?? size;
        return { ...member, padding: next - member.offset - member.size };
    });
    return { members, size, align };
}
/** Throws for members that no C struct could have. */
function refuseImpossible(struct, members) {
    members.forEach(({ name, type }, i) => {
        if (type.open && i < members.length - 1)
            throw new TypeError(`${struct}.${name}: only the last field may be open`);
        if (!isUnion(type) || type.tag === undefined)
            return;
        const tag = members.slice(0, i).find((member) => member.name === type.tag)?.type;
        if (tag instanceof Integer && typeof tag.max === 'number')
            return;
        throw new TypeError(`${struct}.${name}: ${type.tag} is no number of at most 32 bits before it`);
    });
}
/** A C struct: its layout follows from the fields' types by the rules of the System V ABI. */
export class Struct extends Type {
    name;
    description;
    byteLength;
    align;
    open;
    /** The fields in order, as data. */
    members;
    /** Size of the oldest version of the struct: without the fields that were added later. */
    minByteLength;
    /** What its first field says: the size of the struct that the caller knows, by iommufd's rules or by VFIO's. */
    sized;
    keys;
    prototype;
    constructor(name, description, fields, added) {
        super();
        this.name = name;
        this.description = description;
        const { members, size, align } = lay(fields, added);
        refuseImpossible(name, members);
        this.members = members;
        this.byteLength = size;
        this.align = align;
        this.open = members.at(-1)?.type.open === true;
        this.minByteLength = members.find((member) => member.added)?.offset ?? size;
        const first = members[0]?.type;
        const role = first instanceof Integer ? first.role.kind : undefined;
        this.sized = role === 'size' || role === 'argsz' ? role : undefined;
        const keys = members.flatMap(({ name, type }) => (name === '' && isUnion(type) ? type.keys : [name]));
        this.keys = new Set(keys);
        const accessors = members.flatMap(({ name, type, offset }) => name === '' && isUnion(type) ? type.accessors(offset) : [{ name, ...type.accessor(offset, name) }]);
        this.prototype = viewPrototype(accessors);
    }
    read(view, at, end, lenient) {
        const { compiled } = this;
        const quick = compiled !== undefined && end - at >= this.byteLength ? compiled.read(view, at) : undefined;
        return quick ?? this.readMembers(view, at, end, lenient);
    }
    readMembers(view, at, end, lenient) {
        const value = {};
        for (const member of this.members) {
            const { name, type, padding } = member;
            const from = at + member.offset;
            // An older struct ends before the fields that came later.
            if (member.added && from >= end)
                break;
            if (!lenient) {
                if (member.reserved)
                    this.mustBeZero(view, from, member.size, name);
                if (padding > 0)
                    this.mustBeZero(view, from + member.size, padding, '', `zero in the padding after ${name}`);
            }
            try {
                const read = type.read(view, from, type.open ? end : from + member.size, lenient, value);
                if (name === '')
                    Object.assign(value, read);
                else
                    value[name] = read;
            }
            catch (cause) {
                throw cause instanceof Mismatch ? cause.under(name) : cause;
            }
        }
        // Every member was read by the type that the declaration gives it.
        return value;
    }
    mustBeZero(view, at, size, name, expected = 'zero') {
        const bad = firstNonZero(view, at, at + size);
        if (bad !== -1)
            throw new Mismatch(bad, expected, `0x${view.getUint8(bad).toString(16)}`).under(name);
    }
    write(view, at, value) {
        const { compiled } = this;
        if (compiled !== undefined && isObject(value) && compiled.write(view, at, value))
            return;
        const values = this.checked(value, at);
        const size = this.lengthDescribed(values);
        for (const { name, offset, size: width, type, reserved, padding, added } of this.members) {
            if (added && offset >= size)
                break;
            const from = at + offset;
            const field = name === '' ? own(type, values) : values[name];
            if (reserved && field === undefined) {
                bytesAt(view, from, width).fill(0);
            }
            else {
                if (field === undefined)
                    throw new Mismatch(from, type.name, 'nothing').under(name);
                try {
                    // The field's own type checks what it is given.
                    type.write(view, from, field, values);
                }
                catch (cause) {
                    throw cause instanceof Mismatch ? cause.under(name) : cause;
                }
                if (reserved)
                    this.mustBeZero(view, from, width, name);
            }
            if (padding > 0)
                bytesAt(view, from + width, padding).fill(0);
        }
    }
    checked(value, at) {
        if (!isObject(value) || Array.isArray(value)) {
            throw new Mismatch(at, `an object with the fields of ${this.name}`, show(value));
        }
        for (const key of Object.keys(value)) {
            if (!this.keys.has(key))
                throw this.noField(key, at);
        }
        return value;
    }
    /**
     * Bytes that a value describes: the whole struct, or an older one where its first field says so and every field that
     * the older one lacks is absent.
     */
    lengthDescribed(values) {
        const claimed = this.sized === undefined ? undefined : values[this.members[0]?.name ?? ''];
        const cut = this.members.findIndex(({ added, offset }) => added && offset === claimed);
        const tail = cut === -1 ? [] : this.members.slice(cut);
        const older = tail.every(({ name }) => values[name] === undefined) ? tail[0] : undefined;
        return older?.offset ?? this.byteLength;
    }
    lengthOf(value) {
        if (typeof value !== 'object' || value === null)
            return this.byteLength;
        const values = value;
        const tail = this.members.at(-1);
        const open = tail?.type.open === true ? tail.type.lengthOf(values[tail.name]) : 0;
        return this.lengthDescribed(values) + open;
    }
    locate(available, keys) {
        const member = this.members.find(({ offset, size }) => offset + size > available);
        if (member === undefined)
            return available;
        if (member.name !== '')
            keys.push(member.name);
        return member.offset + member.type.locate(available - member.offset, keys);
    }
    annotate(view, at, end, context, into) {
        this.annotateUpTo(this.byteLength, view, at, end, context, into);
    }
    /** Annotates the members that end within the first `size` bytes. */
    annotateUpTo(size, view, at, end, context, into) {
        const siblings = {};
        for (const { name, type, offset, size: width, padding, ...member } of this.members) {
            const from = at + offset;
            if (offset + width > size)
                break;
            const to = type.open ? end : from + width;
            if (type instanceof Integer)
                siblings[name] = type.read(view, from);
            const { doc } = member;
            const reserved = context.reserved || member.reserved;
            // What goes which way is said by the innermost struct that says it.
            const direction = member.direction === 'none' ? context.direction : member.direction;
            type.annotate(view, from, to, context.under(name, { doc, reserved, siblings, direction }), into);
            // The buffer may end within the padding.
            const present = Math.min(padding, end - from - width);
            if (present > 0)
                into.push(paddingAt(view, from + width, present));
        }
    }
    toJson(value) {
        const values = value;
        const json = {};
        for (const { name, type } of this.members) {
            if (name === '')
                Object.assign(json, type.toJson(own(type, values)));
            // What decoding gave is what the declaration says, or absent in an older struct.
            else if (values[name] !== undefined)
                json[name] = type.toJson(values[name]);
        }
        return json;
    }
    fromJson(json, at) {
        if (!isJsonObject(json))
            throw new Mismatch(at, `an object with the fields of ${this.name}`, show(json));
        const values = {};
        for (const key of Object.keys(json))
            if (!this.keys.has(key))
                throw this.noField(key, at);
        for (const { name, type, offset } of this.members) {
            const field = name === '' ? own(type, json) : json[name];
            if (field === undefined)
                continue;
            const read = inside(name, () => type.fromJson(field, at + offset));
            if (name === '')
                Object.assign(values, read);
            else
                values[name] = read;
        }
        return values;
    }
    readers() {
        return new Map(this.members.flatMap(memberReaders));
    }
    noField(key, at) {
        return new Mismatch(at, `a field of ${this.name}`, 'no such field').under(key);
    }
    accessor(offset, key) {
        const { prototype } = this;
        return {
            get() {
                // The prototype has one accessor for each field of the declaration.
                return inner(prototype, this, offset, key);
            },
        };
    }
}
function memberReaders({ name, offset, size, type }) {
    const read = (view, at) => type.read(view, at + offset, at + offset + size, true);
    if (!(type instanceof BigInteger))
        return [[name, read]];
    return wideReaders(name, (view, at) => type.read(view, at + offset), (view, at) => view.getUint32(at + offset, true), (view, at) => view.getUint32(at + offset + 4, true));
}
/** Of a struct's values those that belong to an anonymous union in it. */
function own(union, values) {
    const keys = isUnion(union) ? union.keys : [];
    const entries = keys.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]]));
    return Object.fromEntries(entries);
}
/**
 * Declares a C struct.
 * @param name the C tag
 * @param description what the struct is for
 * @param fields the members in order, each a type with its direction and meaning
 * @param added members that later kernels appended: in a shorter, older struct they are absent
 */
export function struct(name, description, fields, added) {
    return new Struct(name, description, fields, added ?? {});
}
//# sourceMappingURL=struct.js.map