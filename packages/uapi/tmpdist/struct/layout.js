import { BitStruct } from './bits.js';
import { Integer } from './integer.js';
import { roleName } from './role.js';
import { Struct } from './struct.js';
import {} from './type.js';
import { isUnion } from './union.js';
import { Variants } from './variants.js';
/** The layout of a type: of a struct its fields, of a record its bits, of a variant record each form. */
export function layout(type) {
    return { name: type.name, size: type.byteLength, align: type.align, rows: rowsOf(type, 0) };
}
const describeRole = (type) => (type instanceof Integer ? roleName(type.role) : '');
function rowsOf(type, base) {
    if (type instanceof Struct) {
        return type.members.map(({ name, offset, size, type: inner, direction, doc, reserved }) => ({
            name,
            offset: base + offset,
            size,
            type: inner.name,
            direction,
            reserved,
            role: describeRole(inner),
            doc,
            rows: rowsOf(inner, base + offset),
        }));
    }
    const plain = { offset: base, direction: 'none', reserved: false, role: '' };
    if (isUnion(type)) {
        return Object.entries(type.members).map(([name, inner]) => {
            const { byteLength: size, name: typeName } = inner;
            return {
                ...plain,
                name,
                size,
                type: typeName,
                role: describeRole(inner),
                doc: '',
                rows: rowsOf(inner, base),
            };
        });
    }
    if (type instanceof Variants) {
        return [...type.structs.values()].map((form) => {
            const { name, byteLength: size, description: doc } = form;
            return { ...plain, name, size, type: type.name, doc, rows: rowsOf(form, base) };
        });
    }
    if (type instanceof BitStruct) {
        return type.members.map(({ name, hi, lo, doc, role }) => {
            const offset = base + Math.floor(lo / 8);
            const size = Math.floor(hi / 8) - Math.floor(lo / 8) + 1;
            return {
                ...plain,
                name,
                offset,
                size,
                bits: { hi, lo },
                type: 'bits',
                role: roleName(role),
                doc,
                rows: [],
            };
        });
    }
    return [];
}
//# sourceMappingURL=layout.js.map