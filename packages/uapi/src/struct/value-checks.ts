/** What compiled code asks of values; see `compiled.ts`. */

const scratch = new DataView(new ArrayBuffer(8));

/** Is it a bigint that 64 bits hold? */
export function isU64(value: unknown): value is bigint {
  return typeof value === 'bigint' && BigInt.asUintN(64, value) === value;
}

/**
 * Is it a bigint of 64 bits whose halves have no bits but these? If it is, {@link lowHalf} and {@link highHalf} give
 * them: arithmetic on bigints costs most of all, so that a bigint is taken apart once, for the check and the store.
 */
export function isWithin(value: unknown, low: number, high: number): value is bigint {
  if (typeof value !== 'bigint') return false;
  scratch.setBigUint64(0, value, true);
  if (((scratch.getInt32(0, true) & ~low) | (scratch.getInt32(4, true) & ~high)) !== 0) return false;
  // Beyond 64 bits, or below 0, it is not what was stored.
  return scratch.getBigUint64(0, true) === value;
}

/** The lower half of the last bigint that {@link isWithin} found to be right. */
export function lowHalf(): number {
  return scratch.getUint32(0, true);
}

/** Its upper half. */
export function highHalf(): number {
  return scratch.getUint32(4, true);
}

/**
 * Has an object no properties but these? A caller that has found those that it needs by name knows then that there are no
 * others. Names in the declaration's order cost least. An array is left to the declaration, and so is what inherits
 * properties of other names.
 */
export function hasOnly(value: object, names: readonly string[]): boolean {
  let next = 0;
  // This and no list of the names: engines keep the names of objects of one shape, and a list would be a copy of them.
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

/** The bigint of two halves. Zero, which many fields are, needs no new one. */
export function wide(low: number, high: number): bigint {
  if ((low | high) === 0) return 0n;
  scratch.setUint32(0, low, true);
  scratch.setUint32(4, high, true);
  return scratch.getBigUint64(0, true);
}
