/** Rounds up to a power of two. @param value from 1 to 2^31 */
export function roundUpToPowerOfTwo(value: number): number {
  return 2 ** (32 - Math.clz32(value - 1));
}

/** The lowest bit that is set in `value`: the largest power of two that divides it. */
export function lowestBit(value: bigint): bigint {
  return value & -value;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
