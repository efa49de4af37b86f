import { paddingAt } from './annotation.js';
import { RawBytes } from './array.js';
import { bytesAt, firstNonZero, viewOf } from './bytes.js';
import { inside, Mismatch, show } from './error.js';
import { isJsonObject } from './json.js';
import { Type, } from './type.js';
import { inner, viewPrototype } from './view.js';
/** What both kinds of union do alike: their members lie over each other. */
class Overlay extends Type {
    name;
    members;
    byteLength;
    align;
    /** The earlier field of the struct that tells which member is meant, if one does. */
    tag = undefined;
    prototype;
    constructor(name, members) {
        super();
        this.name = name;
        this.members = members;
        const types = Object.values(members);
        this.align = Math.max(1, ...types.map((type) => type.align));
        const size = Math.max(0, ...types.map((type) => type.byteLength));
        this.byteLength = Math.ceil(size / this.align) * this.align;
        this.prototype = viewPrototype(this.accessors(0));
    }
    /** One accessor a member, for the view of a struct that holds this union without a name. */
    accessors(offset) {
        return Object.entries(this.members).map(([name, type]) => ({ name, ...type.accessor(offset, name) }));
    }
    accessor(offset, key) {
        const { prototype } = this;
        return {
            get() {
                // The prototype has one accessor for each member.
                return inner(prototype, this, offset, key);
            },
        };
    }
    /** The members that `value` has. @throws Mismatch for what is no member */
    given(value, at) {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
            throw new Mismatch(at, `an object with one of ${this.keys.join(', ')}`, show(value));
        }
        const values = value;
        for (const key of Object.keys(values)) {
            if (!this.keys.includes(key))
                throw new Mismatch(at, `one of ${this.keys.join(', ')}`, 'no such member').under(key);
        }
        return { values, names: this.keys.filter((key) => values[key] !== undefined) };
    }
    fromJson(json, at) {
        const { names } = this.given(json, at);
        const members = isJsonObject(json) ? json : {};
        const values = {};
        for (const name of names) {
            const member = members[name];
            if (member !== undefined)
                values[name] = inside(name, () => this.typeOf(name)?.fromJson(member, at));
        }
        return values;
    }
    toJson(value) {
        const { values, names } = this.given(value, 0);
        return Object.fromEntries(names.map((name) => [name, this.typeOf(name)?.toJson(values[name]) ?? null]));
    }
    /** The type of the value's field `name`. */
    typeOf(name) {
        return this.members[name];
    }
}
/** A union of which nothing tells which member is meant: all are read. */
export class Union extends Overlay {
    keys;
    constructor(name, members) {
        super(name, members);
        this.keys = Object.keys(members);
    }
    read(view, at, _end, lenient) {
        const value = {};
        for (const [key, type] of Object.entries(this.members)) {
            value[key] = inside(key, () => type.read(view, at, at + type.byteLength, lenient));
        }
        return value;
    }
    write(view, at, value) {
        const { values, names } = this.given(value, at);
        if (names.length === 0)
            throw new Mismatch(at, `one of ${this.keys.join(', ')}`, 'none');
        const bytes = new Uint8Array(this.byteLength);
        const known = new Uint8Array(this.byteLength);
        for (const name of names) {
            const type = this.members[name];
            if (type === undefined)
                continue;
            const member = this.memberBytes(name, type, values[name], at);
            for (let i = 0; i < type.byteLength; i++) {
                if (known[i] === 1 && member[i] !== bytes[i]) {
                    throw new Mismatch(at + i, `the same bytes as ${names[0]}`, show(values[name])).under(name);
                }
                bytes[i] = member[i] ?? 0;
                known[i] = 1;
            }
        }
        bytesAt(view, at, bytes.length).set(bytes);
    }
    memberBytes(name, type, value, at) {
        const bytes = new Uint8Array(type.byteLength);
        try {
            type.write(viewOf(bytes), 0, value);
        }
        catch (cause) {
            throw cause instanceof Mismatch ? cause.movedBy(at).under(name) : cause;
        }
        return bytes;
    }
    annotate(view, at, end, context, into) {
        // The widest member covers all bytes; the other names stand beside its own.
        const widest = Object.values(this.members).reduce((a, b) => (b.byteLength > a.byteLength ? b : a));
        widest.annotate(view, at, end, context.under(this.keys.join('/')), into);
    }
}
/** A union whose member is told by a number earlier in the same struct. */
export class TaggedUnion extends Overlay {
    cases;
    keys;
    tag;
    names;
    raw;
    constructor(name, tag, cases) {
        super(name, Object.fromEntries(Object.entries(cases).map(([key, [, type]]) => [key, type])));
        this.cases = cases;
        this.tag = tag;
        this.raw = new RawBytes(this.byteLength);
        this.keys = [...Object.keys(cases), 'raw'];
        this.names = new Map(Object.entries(cases).map(([key, [tag]]) => [tag, key]));
    }
    /** The member that the struct around means: the raw bytes where its tag has no name. */
    chosen(siblings) {
        const key = this.names.get(siblings?.[this.tag]);
        const type = key === undefined ? undefined : this.members[key];
        return key !== undefined && type !== undefined ? { key, type } : { key: 'raw', type: this.raw };
    }
    read(view, at, _end, lenient, siblings) {
        const { key, type } = this.chosen(siblings);
        const bad = lenient ? -1 : firstNonZero(view, at + type.byteLength, at + this.byteLength);
        if (bad !== -1)
            throw new Mismatch(bad, `zero after ${key}`, `0x${view.getUint8(bad).toString(16)}`);
        const member = inside(key, () => type.read(view, at, at + type.byteLength, lenient));
        return { [key]: member };
    }
    write(view, at, value, siblings) {
        const { values, names } = this.given(value, at);
        const { key, type } = this.chosen(siblings);
        const expected = `${key}, as ${this.tag} is ${show(siblings?.[this.tag])}`;
        for (const other of names)
            if (other !== key)
                throw new Mismatch(at, expected, other).under(other);
        if (names.length === 0)
            throw new Mismatch(at, expected, 'nothing').under(key);
        inside(key, () => type.write(view, at, values[key]));
        bytesAt(view, at + type.byteLength, this.byteLength - type.byteLength).fill(0);
    }
    annotate(view, at, _end, context, into) {
        const { key, type } = this.chosen(context.siblings);
        const doc = key === 'raw' ? `No member is known for this ${this.tag}.` : context.doc;
        type.annotate(view, at, at + type.byteLength, context.under(key, { doc }), into);
        const offset = at + type.byteLength;
        const length = this.byteLength - type.byteLength;
        if (length > 0)
            into.push(paddingAt(view, offset, length, `The rest of the union, beyond ${key}.`));
    }
    typeOf(name) {
        return name === 'raw' ? this.raw : super.typeOf(name);
    }
}
/** Is `type` a union, whose members an anonymous field of a struct takes as its own? */
export function isUnion(type) {
    return type instanceof Overlay;
}
/** Declares a union whose members are different names for the same bytes. */
export function union(members) {
    return new Union('union', members);
}
/**
 * Declares a union whose member depends on an earlier field.
 * @param tag the earlier field
 * @param cases for each member the tag's value and the member's type
 */
export function taggedUnion(tag, cases) {
    return new TaggedUnion('union', tag, cases);
}
//# sourceMappingURL=union.js.map