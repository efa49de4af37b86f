import {} from './type.js';
/** Gives a type its compiled code. */
export function compiled(type, read, write) {
    type.compiled = { read, write };
}
//# sourceMappingURL=compiled.js.map