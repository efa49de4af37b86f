/** A number as the kernel's documentation writes addresses and ids: `0x1000`. */
export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
