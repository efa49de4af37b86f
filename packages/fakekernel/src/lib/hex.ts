/** Hexadecimal numbers in the kernel's messages and files. */

/** A number in hexadecimal without a prefix, padded with zeros to `digits`: C's `%0*x`. */
export const hex = (value: number | bigint, digits = 1): string => value.toString(16).padStart(digits, '0');
