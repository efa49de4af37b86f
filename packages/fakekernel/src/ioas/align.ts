/** The smallest power of two that is not below `value`. */
export function roundUpToPowerOfTwo(value: bigint): bigint {
  return value <= 1n ? 1n : 1n << BigInt((value - 1n).toString(2).length);
}

/** The lowest bit that is set: what `value` is aligned to. */
export function lowestBit(value: bigint): bigint {
  return value & -value;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
