/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | {
    readonly [key: string]: Json;
};
/** A JSON object, as opposed to an array or a plain value. */
export declare function isJsonObject(json: Json): json is {
    readonly [key: string]: Json;
};
/** The integer that JSON stands for: a number, or its decimal digits or hex digits behind `0x` as a string. */
export declare function integerFromJson(json: Json): bigint | undefined;
//# sourceMappingURL=json.d.ts.map