/** What compiled code asks of values; see `compiled.ts`. */
/** Is it a bigint that 64 bits hold? */
export declare function isU64(value: unknown): value is bigint;
/**
 * Is it a bigint of 64 bits whose halves have no bits but these? If it is, {@link lowHalf} and {@link highHalf} give
 * them: arithmetic on bigints costs most of all, so that a bigint is taken apart once, for the check and the store.
 */
export declare function isWithin(value: unknown, low: number, high: number): value is bigint;
/** The lower half of the last bigint that {@link isWithin} found to be right. */
export declare function lowHalf(): number;
/** Its upper half. */
export declare function highHalf(): number;
/** Is it an object with this number of properties? Names are compared by taking them out; this finds what is left. */
export declare function hasKeys(value: object, count: number): boolean;
/** The bigint of two halves. Zero, which many fields are, needs no new one. */
export declare function wide(low: number, high: number): bigint;
//# sourceMappingURL=fits.d.ts.map