import {} from './enumeration.js';
import {} from './type.js';
const hex = (value) => `0x${value.toString(16)}`;
/** The value in words, as strace would print it. */
export function describe(value, role) {
    switch (role.kind) {
        case 'flags':
            return role.set.format(value);
        case 'enum':
            return role.of.format(value);
        case 'pointer':
            return value === 0n ? 'NULL' : hex(value);
        case 'address':
        case 'hex':
            return hex(value);
        case 'size':
        case 'argsz':
        case 'id':
        case 'fd':
        case 'number':
            return String(value);
    }
}
/** What kind of number a role makes, in words; empty for a plain number. */
export function roleName(role) {
    switch (role.kind) {
        case 'flags':
            return `Flags of ${role.set.name}`;
        case 'enum':
            return `One of ${role.of.name}`;
        case 'id':
            return `Id of ${role.of.join(' or ')}`;
        case 'fd':
            return 'File descriptor';
        case 'pointer':
            return 'User pointer';
        case 'address':
            return 'Address';
        case 'size':
        case 'argsz':
        case 'hex':
        case 'number':
            return '';
    }
}
//# sourceMappingURL=role.js.map