/** Has it properties to look at? */
export declare function isObject(value: unknown): value is object;
//# sourceMappingURL=object.d.ts.map