/** A 64-bit field as it is and, `_lo` and `_hi`, as the two numbers of 32 bits that it consists of. */
export function wideReaders(name, whole, low, high) {
    return [
        [name, whole],
        [`${name}_lo`, low],
        [`${name}_hi`, high],
    ];
}
//# sourceMappingURL=readers.js.map