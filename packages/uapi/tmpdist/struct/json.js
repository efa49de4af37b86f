/** A JSON object, as opposed to an array or a plain value. */
export function isJsonObject(json) {
    return typeof json === 'object' && json !== null && !Array.isArray(json);
}
/** The integer that JSON stands for: a number, or its decimal digits or hex digits behind `0x` as a string. */
export function integerFromJson(json) {
    if (typeof json === 'number')
        return Number.isSafeInteger(json) ? BigInt(json) : undefined;
    return typeof json === 'string' && /^(0x[0-9a-f]+|-?[0-9]+)$/i.test(json) ? BigInt(json) : undefined;
}
//# sourceMappingURL=json.js.map