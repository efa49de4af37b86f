/** Checks of values that compiled code calls; see `compiled.ts`. */

const scratch = new DataView(new ArrayBuffer(8));

/** True if `value` is a bigint from 0 to 2^64 - 1. */
export function isU64(value: unknown): value is bigint {
  return typeof value === 'bigint' && BigInt.asUintN(64, value) === value;
}

/**
 * True if `value` is an unsigned 64-bit bigint whose halves have no bits outside the masks `low` and `high`. Then
 * {@link lowHalf} and {@link highHalf} return its halves: bigint arithmetic is the most expensive part of an encoding, so the
 * value is split once, for the check and for the store.
 */
export function isWithin(value: unknown, low: number, high: number): value is bigint {
  if (typeof value !== 'bigint') return false;
  scratch.setBigUint64(0, value, true);
  if (((scratch.getInt32(0, true) & ~low) | (scratch.getInt32(4, true) & ~high)) !== 0) return false;
  // setBigUint64() truncates: a value beyond 64 bits, or below 0, reads back as another one.
  return scratch.getBigUint64(0, true) === value;
}

/** The lower 32 bits of the last bigint that {@link isWithin} accepted. */
export function lowHalf(): number {
  return scratch.getUint32(0, true);
}

/** The upper 32 bits of the last bigint that {@link isWithin} accepted. */
export function highHalf(): number {
  return scratch.getUint32(4, true);
}

/**
 * True if `value` has no enumerable properties other than `names`, and is not an array. Own and inherited properties count.
 * A caller that has read all fields by name calls it to exclude unknown ones. Names in the order of the declaration
 * cost least.
 */
export function hasOnly(value: object, names: readonly string[]): boolean {
  let next = 0;
  // `for in`, not Object.keys(): engines cache the names of each object shape, and a list would be a copy of them.
  for (const key in value) {
    if (key === names[next]) next++;
    else {
      const at = names.indexOf(key);
      if (at === -1) return false;
      next = at + 1;
    }
  }
  return !Array.isArray(value);
}

/** The bigint with these halves. Zero, the most common value, is not allocated. */
export function wide(low: number, high: number): bigint {
  if ((low | high) === 0) return 0n;
  scratch.setUint32(0, low, true);
  scratch.setUint32(4, high, true);
  return scratch.getBigUint64(0, true);
}
