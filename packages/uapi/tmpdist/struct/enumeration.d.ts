/** A named value and what it means. */
export type Member = readonly [value: number, doc: string];
/** The values of an enum or flag set, by their C names. */
export type Members = Readonly<Record<string, Member>>;
/** The numbers of `M`, by name. */
export type MemberValues<M extends Members> = {
    readonly [K in keyof M]: M[K][0];
};
/** What enums and flag sets share. */
interface Named {
    readonly kind: 'enum' | 'flags';
    /** The C tag, `iommu_hwpt_data_type`, or ours where C has none. */
    readonly name: string;
    readonly doc: string;
    readonly members: Members;
}
/** A set of names for numbers. Numbers without a name stay what they are. */
export interface Enumeration extends Named {
    readonly kind: 'enum';
    /** The first name of `value`. */
    nameOf(value: number | bigint): string | undefined;
    /** The name, or the number in hex where there is none. */
    format(value: number | bigint): string;
}
/** A set of names for bits. Bits without a name stay what they are. */
export interface FlagSet extends Named {
    readonly kind: 'flags';
    /** `A|B|0x40`; `0` where nothing is set. */
    format(value: number | bigint): string;
}
/**
 * Declares an enum. The numbers are properties of the result: `iommu_hwpt_data_type.IOMMU_HWPT_DATA_NONE`.
 * @param name the C tag
 * @param doc what the numbers tell apart
 * @param members number and meaning of each name
 */
export declare function enumeration<const M extends Members>(name: string, doc: string, members: M): Enumeration & MemberValues<M>;
/**
 * Declares a set of flags. The masks are properties of the result.
 * @param low where the lowest bits hold a number instead: its mask and names
 */
export declare function flagSet<const M extends Members>(name: string, doc: string, members: M, low?: {
    readonly mask: number;
    readonly of: Enumeration;
}): FlagSet & MemberValues<M>;
export {};
//# sourceMappingURL=enumeration.d.ts.map