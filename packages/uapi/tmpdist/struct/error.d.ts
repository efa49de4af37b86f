/** What a {@link StructError} says, as data. */
export interface StructErrorDetails {
    /** The outermost type that was being handled: `iommu_hwpt_alloc`. */
    readonly struct: string;
    /** The field from there on: `idr[2]`, `mock_domain.out_hwpt_id`; empty for the type as a whole. */
    readonly path: string;
    /** Byte offset in the buffer that was read or written. */
    readonly offset: number;
    /** What would have been right. */
    readonly expected: string;
    /** What was there. */
    readonly found: string;
}
/**
 * The one error of the codecs: a value or a buffer that does not fit its declaration. Nothing was written
 * when it is thrown.
 */
export declare class StructError extends Error implements StructErrorDetails {
    readonly name = "StructError";
    readonly struct: string;
    readonly path: string;
    readonly offset: number;
    readonly expected: string;
    readonly found: string;
    constructor(details: StructErrorDetails);
}
/**
 * How a type deep inside says that something does not fit, before anybody knows the whole path: each level
 * that it passes adds its own key, and the outermost turns it into a {@link StructError}. It is no `Error`,
 * so that it costs no stack trace.
 */
export declare class Mismatch {
    readonly offset: number;
    readonly expected: string;
    readonly found: string;
    readonly keys: (string | number)[];
    constructor(offset: number, expected: string, found: string);
    /** The same mismatch, seen from the level that calls the failing part `key`. */
    under(key: string | number): this;
    /** The same mismatch where the failing part was handled at 0 and belongs at `by`. */
    movedBy(by: number): Mismatch;
    get path(): string;
}
/** `['a', 2, 'b']` as C would write it: `a[2].b`. */
export declare function joinPath(keys: readonly (string | number)[]): string;
/** Runs `work`, giving a mismatch inside it the name of the type that is being handled. */
export declare function reporting<T>(struct: string, work: () => T): T;
/** Runs `work`, adding `key` to the path of a mismatch inside it. */
export declare function inside<T>(key: string | number, work: () => T): T;
/** Runs `work` for each index below `count`, adding the index to the path of a mismatch inside it. */
export declare function atEach<T>(count: number, work: (index: number) => T): T[];
/** A value as an error message shows it: short, and telling `1` from `1n` and `'1'`. */
export declare function show(value: unknown): string;
//# sourceMappingURL=error.d.ts.map