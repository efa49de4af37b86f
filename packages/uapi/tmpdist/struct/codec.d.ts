import { type Annotation } from './annotation.js';
import { type AnyType, type Type } from './type.js';
/** How strictly to read. */
export interface DecodeOptions {
    /** Accept reserved fields, padding and reserved bits that are not zero; fields show what is there. */
    readonly lenient?: boolean;
}
/**
 * Encodes a value.
 * @returns a new buffer of the type's size; for a struct with a flexible array as long as that needs, and for
 *   an older, shorter struct (its `size` says so and its later fields are absent) of that size
 * @throws StructError for a missing or unknown field, a number out of range or of the wrong kind, a wrong
 *   array length, a reserved field that is not zero
 */
export declare function encode<Out, In, V>(type: Type<Out, In, V>, value: In): Uint8Array<ArrayBuffer>;
/**
 * Encodes a value into a buffer. Nothing is written if the value does not fit.
 * @param offset where in `bytes` to write, in bytes
 * @returns the number of bytes written
 * @throws StructError as {@link encode} does, and if the buffer is too short
 */
export declare function encodeInto<Out, In, V>(type: Type<Out, In, V>, value: In, bytes: Uint8Array, offset?: number): number;
/**
 * Decodes a buffer that holds one value and nothing else.
 *
 * For a struct of iommufd the size protocol of `linux/iommufd.h` holds: a buffer that is shorter than the
 * struct, and whose `size` says so, is an older version, whose missing fields are absent; a longer one whose
 * `size` says so is accepted if the rest is zero. VFIO's `argsz` makes older versions likewise; what follows a
 * struct of VFIO, a chain of capabilities, is not part of it, so pass the struct's bytes alone. The kernel also
 * takes a size that ends in the middle of a field, and counts the rest of the field as zero; here that is an
 * error, because no field would tell that it was cut.
 *
 * A buffer of the struct's own length is decoded whatever its `size` field holds: that number is the caller's
 * claim, and this is the place to look at it.
 * @throws StructError for a short or long buffer, and for reserved bytes and padding that are not zero
 */
export declare function decode<Out, In, V>(type: Type<Out, In, V>, bytes: Uint8Array, options?: DecodeOptions): Out;
/**
 * Decodes the first entries of what the kernel calls an array of structs: `stride` bytes apart, which may be
 * fewer or more than the struct has. As `iommu_copy_struct_from_user_array` does, missing bytes count as zero,
 * and bytes that the struct does not have must be zero.
 * @param options.stride distance of the entries, in bytes (`entry_len`); the struct's size if it is left out
 * @param options.count how many entries; as many as the buffer holds if it is left out
 */
export declare function decodeArray<Out, In, V>(type: Type<Out, In, V>, bytes: Uint8Array, options?: DecodeOptions & {
    readonly stride?: number;
    readonly count?: number;
}): Out[];
/**
 * Encodes an array of structs, `stride` bytes apart; what the stride has beyond the struct is zero.
 * @throws StructError as {@link encode} does; if the stride is shorter than the struct and cuts off bytes that
 *   are not zero
 */
export declare function encodeArray<Out, In, V>(type: Type<Out, In, V>, values: readonly In[], { stride }?: {
    readonly stride?: number;
}): Uint8Array<ArrayBuffer>;
/**
 * What each byte of a buffer is: annotations in order, without a gap or an overlap, from the first byte to the
 * last. Nothing is refused; what {@link decode} would refuse is an annotation's `problem`, and what a short
 * buffer lacks is at the end, with no bytes.
 */
export declare function annotate(type: AnyType, bytes: Uint8Array): Annotation[];
//# sourceMappingURL=codec.d.ts.map