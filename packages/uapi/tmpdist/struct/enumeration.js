function values(members) {
    const byName = {};
    for (const [name, [value]] of Object.entries(members))
        byName[name] = value;
    // The loop above sets exactly the keys of M, each to its own number.
    return byName;
}
/**
 * Declares an enum. The numbers are properties of the result: `iommu_hwpt_data_type.IOMMU_HWPT_DATA_NONE`.
 * @param name the C tag
 * @param doc what the numbers tell apart
 * @param members number and meaning of each name
 */
export function enumeration(name, doc, members) {
    const names = new Map();
    for (const [member, [value]] of Object.entries(members)) {
        const key = BigInt(value);
        if (!names.has(key))
            names.set(key, member);
    }
    const nameOf = (value) => names.get(BigInt(value));
    const format = (value) => nameOf(value) ?? `0x${value.toString(16)}`;
    return Object.freeze({ kind: 'enum', name, doc, members, nameOf, format, ...values(members) });
}
/**
 * Declares a set of flags. The masks are properties of the result.
 * @param low where the lowest bits hold a number instead: its mask and names
 */
export function flagSet(name, doc, members, low) {
    const flags = Object.entries(members).map(([flag, [mask]]) => ({ flag, mask: BigInt(mask) }));
    const format = (value) => {
        let rest = BigInt(value);
        const parts = [];
        if (low !== undefined) {
            const number = rest & BigInt(low.mask);
            rest -= number;
            parts.push(low.of.format(number));
        }
        for (const { flag, mask } of flags) {
            if (mask === 0n || (rest & mask) !== mask)
                continue;
            parts.push(flag);
            rest &= ~mask;
        }
        if (rest !== 0n)
            parts.push(`0x${rest.toString(16)}`);
        return parts.length === 0 ? '0' : parts.join('|');
    };
    return Object.freeze({ kind: 'flags', name, doc, members, format, ...values(members) });
}
//# sourceMappingURL=enumeration.js.map