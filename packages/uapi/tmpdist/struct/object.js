/** Has it properties to look at? */
export function isObject(value) {
    return typeof value === 'object' && value !== null;
}
//# sourceMappingURL=object.js.map